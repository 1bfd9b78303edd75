/*
 * src/balltree/balltree_handler.c
 *		The access method balltree: the tree with its geometry.
 */
#include "postgres.h"

#include "fmgr.h"

#include "balltree/balltree_geometry.h"
#include "balltree/balltree_handler.h"
#include "tree/tree_am.h"

void
vm_balltree_init(void)
{
	vm_geometry_register(&vm_balltree_geometry);
}

static IndexBuildResult *
build(Relation heap, Relation index, IndexInfo *info)
{
	return vm_tree_build(heap, index, info, &vm_balltree_geometry);
}

static void
buildempty(Relation index)
{
	vm_tree_buildempty(index, &vm_balltree_geometry);
}

PG_FUNCTION_INFO_V1(vm_balltree_handler_sql);

Datum
vm_balltree_handler_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(vm_tree_am_routine(&vm_balltree_geometry, build, buildempty));
}
