/*
 * src/distance/dispatch.c
 *		Asks the processor once which kernels it can run.
 *
 * A new instruction set is one file kernels_<isa>.c and one row of the table
 * below; the rows stand in the order in which "auto" prefers them.
 */
#include "distance/dispatch.h"

#include <string.h>

const VmKernels *vm_kernels = &vm_kernels_scalar;

#if defined(__x86_64__)

#include <cpuid.h>

/* F16C is asked by itself: compilers of a few years ago do not know its name. */
static bool
cpu_has_avx2(void)
{
	unsigned int eax,
				ebx,
				ecx,
				edx;

	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2") &&
		__builtin_cpu_supports("fma") &&
		__builtin_cpu_supports("popcnt") &&
		__get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C) != 0;
}

/* Does the operating system save the upper halves of the ymm registers? */
static bool
os_saves_ymm(void)
{
	const unsigned int xmm_and_ymm = 0x6;
	unsigned int eax,
				ebx,
				ecx,
				edx;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || (ecx & bit_OSXSAVE) == 0)
		return false;
	__asm__ volatile ("xgetbv" : "=a" (eax), "=d" (edx) : "c" (0));
	return (eax & xmm_and_ymm) == xmm_and_ymm;
}

static bool
can_run_avx2(void)
{
	return cpu_has_avx2() && os_saves_ymm();
}
#endif							/* __x86_64__ */

static bool
can_always_run(void)
{
	return true;
}

static const struct
{
	const VmKernels *kernels;
	bool		(*can_run) (void);
}			known_kernels[] = {
#if defined(__x86_64__)
	{&vm_kernels_avx2, can_run_avx2},
#endif
#if defined(__aarch64__)
	{&vm_kernels_neon, can_always_run},
#endif
	{&vm_kernels_scalar, can_always_run},
};

const VmKernels *
vm_kernels_find(const char *name)
{
	bool		any = strcmp(name, "auto") == 0;

	for (size_t i = 0; i < sizeof(known_kernels) / sizeof(known_kernels[0]); i++)
	{
		const VmKernels *kernels = known_kernels[i].kernels;

		if ((any || strcmp(name, kernels->name) == 0) && known_kernels[i].can_run())
			return kernels;
	}
	return NULL;
}
