/*
 * src/vectormed.c
 *		The front door: what happens when the server loads the library.
 */
#include "postgres.h"

#include "utils/guc.h"

#include "balltree/balltree_handler.h"
#include "compat/pg_compat.h"
#include "distance/dispatch.h"
#include "kdtree/kdtree_handler.h"
#include "tree/tree_explain.h"
#include "tree/tree_options.h"

VM_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/*
 * The values of vectormed.simd.  All are listed in every build, so that a
 * configuration file can name one that only some of its machines have.
 */
static const struct config_enum_entry simd_options[] = {
	{"auto", 0, false},
	{"scalar", 1, false},
	{"avx2", 2, false},
	{"neon", 3, false},
	{NULL, 0, false}
};

static int	simd_setting = 0;

static bool
check_simd(int *newval, void **extra, GucSource source)
{
	const char *name = simd_options[*newval].name;

	if (vm_kernels_find(name) != NULL)
		return true;
	GUC_check_errdetail("This processor or this build of vectormed does not have \"%s\".", name);
	GUC_check_errhint("\"auto\" takes the fastest one that can run.");
	return false;
}

static void
assign_simd(int newval, void *extra)
{
	vm_kernels = vm_kernels_find(simd_options[newval].name);
}

void
_PG_init(void)
{
	DefineCustomEnumVariable("vectormed.simd",
							 "Sets the instructions that distances are computed with.",
							 "All give the same results, bit for bit.",
							 &simd_setting,
							 0,
							 simd_options,
							 PGC_USERSET,
							 GUC_NOT_IN_SAMPLE,
							 check_simd,
							 assign_simd,
							 NULL);

	vm_kdtree_init();
	vm_balltree_init();
	vm_tree_init();
	vm_explain_init();

	MarkGUCPrefixReserved("vectormed");
}
