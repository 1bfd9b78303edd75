/*
 * src/kdtree/kdtree_handler.c
 *		The access method kdtree: the tree with its geometry.
 */
#include "postgres.h"

#include "fmgr.h"

#include "kdtree/kdtree_geometry.h"
#include "kdtree/kdtree_handler.h"
#include "tree/tree_am.h"

void
vm_kdtree_init(void)
{
	vm_geometry_register(&vm_kdtree_geometry);
}

static IndexBuildResult *
build(Relation heap, Relation index, IndexInfo *info)
{
	return vm_tree_build(heap, index, info, &vm_kdtree_geometry);
}

static void
buildempty(Relation index)
{
	vm_tree_buildempty(index, &vm_kdtree_geometry);
}

PG_FUNCTION_INFO_V1(vm_kdtree_handler_sql);

Datum
vm_kdtree_handler_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(vm_tree_am_routine(&vm_kdtree_geometry, build, buildempty));
}
