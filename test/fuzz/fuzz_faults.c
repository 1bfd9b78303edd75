/*
 * test/fuzz/fuzz_faults.c
 *		Faults at a chosen moment of what this backend does next: memory runs out,
 *		the disk is full, or the statement is cancelled; and insertions of others
 *		that wait in their middle.
 */
#include "postgres.h"

#include <dlfcn.h>
#include <signal.h>
#include <time.h>

#include "access/relation.h"
#include "fmgr.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "compat/pg_compat.h"
#include "tree/tree_page.h"

PG_FUNCTION_INFO_V1(fuzz_arm);
PG_FUNCTION_INFO_V1(fuzz_disarm);
PG_FUNCTION_INFO_V1(fuzz_hold);

static timer_t timer;
static bool has_timer = false;

/* A variable of the preloaded library. */
static long *
countdown(const char *name)
{
	long	   *at = dlsym(RTLD_DEFAULT, name);

	if (at == NULL)
		elog(ERROR, "test/fuzz/preload.so is not preloaded");
	return at;
}

/* SIGINT to this backend, after so many microseconds; 0: not any more. */
static void
cancel_after(long microseconds)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGINT};
	struct itimerspec when = {.it_value = {microseconds / 1000000, microseconds % 1000000 * 1000}};

	if (!has_timer && timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
		elog(ERROR, "timer_create: %m");
	has_timer = true;
	timer_settime(timer, 0, &when, NULL);
}

/*
 * fuzz_arm(what, n): "memory" and "disk" fail once n allocations or writes have
 * gone well, "cancel" comes after n microseconds.
 */
Datum
fuzz_arm(PG_FUNCTION_ARGS)
{
	const char *what = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int32		n = PG_GETARG_INT32(1);

	if (strcmp(what, "memory") == 0)
		*countdown("fuzz_mallocs_left") = n;
	else if (strcmp(what, "disk") == 0)
		*countdown("fuzz_writes_left") = n;
	else
		cancel_after(Max(n, 1));
	PG_RETURN_VOID();
}

/* Returns how many were left; -1 where memory has run out, 0 where the disk is full. */
Datum
fuzz_disarm(PG_FUNCTION_ARGS)
{
	const char *what = text_to_cstring(PG_GETARG_TEXT_PP(0));
	long		left = 0;

	if (strcmp(what, "cancel") == 0)
		cancel_after(0);
	else
	{
		long	   *at = countdown(strcmp(what, "memory") == 0 ? "fuzz_mallocs_left" : "fuzz_writes_left");

		left = *at;
		*at = -1;
	}
	PG_RETURN_INT32(left);
}

/*
 * fuzz_hold(index): take the index's structure lock until the transaction ends.
 * An insertion that has to split a leaf waits for it, before its entry is there.
 */
Datum
fuzz_hold(PG_FUNCTION_ARGS)
{
	Relation	index = relation_open(PG_GETARG_OID(0), RowExclusiveLock);

	LockPage(index, VM_META_BLKNO, ExclusiveLock);
	relation_close(index, NoLock);
	PG_RETURN_VOID();
}
