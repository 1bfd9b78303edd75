/*
 * src/tree/tree_spread.c
 *		How far the values of each axis lie apart in a whole index.
 */
#include "tree/tree_spread.h"

#include "storage/bufmgr.h"

#include "tree/tree_leaf.h"
#include "tree/tree_page.h"

void
vm_tree_set_spread(VmTree *tree, const void *whole)
{
	float	   *spread;

	if (tree->geometry->spread == NULL)
		return;
	spread = palloc(sizeof(float) * tree->space.dim);
	tree->geometry->spread(&tree->space, whole, spread);
	tree->space.spread = spread;
}

void
vm_tree_read_spread(Relation index, VmTree *tree)
{
	Buffer		buffer;
	Page		page;
	void	   *whole = NULL;

	if (tree->geometry->spread == NULL || tree->root.id == 0)
		return;
	buffer = vm_read_page(index, tree->root.blkno, BUFFER_LOCK_SHARE, NULL);
	page = BufferGetPage(buffer);
	/* another node, where the root has changed: who goes down will notice */
	if (vm_page_tail(page)->node_id == tree->root.id && vm_page_tail(page)->kind == VM_PAGE_INNER &&
		vm_page_tail(page)->count > 0)
	{
		const void *volumes[VM_INNER_MAX_ENTRIES];
		int			n = vm_page_tail(page)->count;

		vm_check_inner(index, buffer, tree->entry_size);
		for (int i = 0; i < n; i++)
			volumes[i] = vm_inner_entry(page, tree->entry_size, i)->volume;
		whole = palloc(tree->volume_size);
		tree->geometry->unite(&tree->space, whole, volumes, n);
	}
	UnlockReleaseBuffer(buffer);
	if (whole)
		vm_tree_set_spread(tree, whole);
}
