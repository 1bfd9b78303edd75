/*
 * test/fuzz/preload.c
 *		Memory that runs out and disks that are full: a library that is preloaded
 *		into a server, and does nothing until fuzz_faults.c arms it.
 *
 * Of a backend that is armed, one allocation fails, or from some write on all
 * that go to files of tables, indexes and temporary files.  WAL, which must not
 * fail, does not.  For the GNU C library on 64-bit Linux.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* So many go well before one fails; negative: all do. */
long		fuzz_mallocs_left = -1;
long		fuzz_writes_left = -1;

/*
 * Is it the server that begins to count what is done to a table?  Out of memory there, it
 * keeps half an entry, and one with assertions ends when the backend does.
 */
static bool
counts_statistics(void)
{
	void	   *frames[64];
	int			n = backtrace(frames, 64);

	for (int i = 0; i < n; i++)
	{
		Dl_info		info;

		if (dladdr(frames[i], &info) != 0 && info.dli_sname != NULL &&
			strcmp(info.dli_sname, "pgstat_get_entry_ref") == 0)
			return true;
	}
	return false;
}

static bool
out_of_memory(void)
{
	bool		spared;

	if (fuzz_mallocs_left < 0)
		return false;
	if (fuzz_mallocs_left > 0)
	{
		fuzz_mallocs_left--;
		return false;
	}
	/* what looks at the stack may need memory */
	fuzz_mallocs_left = -1;
	spared = counts_statistics();
	if (spared)
		fuzz_mallocs_left = 0;
	else
		errno = ENOMEM;
	return !spared;
}

/* The C library's, or those of AddressSanitizer. */
#define NEXT(function) \
	static __typeof__(function) *next; \
	if (next == NULL) \
		next = (__typeof__(function) *) dlsym(RTLD_NEXT, #function)

void *
malloc(size_t size)
{
	NEXT(malloc);
	return out_of_memory() ? NULL : next(size);
}

void *
realloc(void *old, size_t size)
{
	NEXT(realloc);
	return out_of_memory() ? NULL : next(old, size);
}

static bool
disk_full(int fd)
{
	char		link[64];
	char		path[512];
	ssize_t		n;

	if (fuzz_writes_left < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	if (strstr(path, "/base/") == NULL)
		return false;
	if (fuzz_writes_left > 0)
	{
		fuzz_writes_left--;
		return false;
	}
	errno = ENOSPC;
	return true;
}

/* From PostgreSQL 16 on files also grow by these. */
ssize_t
pwritev(int fd, const struct iovec *parts, int n, off_t offset)
{
	return disk_full(fd) ? -1 : syscall(SYS_pwritev, fd, parts, n, offset, 0);
}

ssize_t
pwritev64(int fd, const struct iovec *parts, int n, off64_t offset)
{
	return pwritev(fd, parts, n, offset);
}

int
posix_fallocate(int fd, off_t offset, off_t size)
{
	if (disk_full(fd))
		return errno;
	return syscall(SYS_fallocate, fd, 0, offset, size) == 0 ? 0 : errno;
}

int
posix_fallocate64(int fd, off64_t offset, off64_t size)
{
	return posix_fallocate(fd, offset, size);
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
	return disk_full(fd) ? -1 : syscall(SYS_pwrite64, fd, data, size, offset);
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t offset)
{
	return disk_full(fd) ? -1 : syscall(SYS_pwrite64, fd, data, size, offset);
}
