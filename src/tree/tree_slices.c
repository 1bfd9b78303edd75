/*
 * src/tree/tree_slices.c
 *		Sets by columns: their pages as they are read.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "miscadmin.h"

#include "tree/tree_slices.h"

void
vm_slices_take(Relation index, int width, Buffer head, bool complete, VmSlices *slices)
{
	Page		page = BufferGetPage(head);
	const VmSlicesHead *content = vm_page_slices(page);
	const VmPageTail *tail = vm_page_tail(page);

	vm_check_slices_head(index, head, width, complete);
	*slices = (VmSlices) {
		.ref = {BufferGetBlockNumber(head), tail->node_id},
		.next = {content->next, content->next_id},
		.n_groups = content->n_groups,
		.n_pages = tail->count,
		.layout = vm_slices_layout(content->n_groups, width),
		.pages = palloc(sizeof(BlockNumber) * Max(tail->count, 1)),
	};
	memcpy(slices->pages, content->pages, sizeof(BlockNumber) * tail->count);
}

bool
vm_slices_read(Relation index, int width, const VmNodeRef *ref, BufferAccessStrategy strategy,
			   VmSlices *slices)
{
	Buffer		buffer = vm_read_page(index, ref->blkno, BUFFER_LOCK_SHARE, strategy);
	bool		ours = vm_page_tail(BufferGetPage(buffer))->node_id == ref->id;

	if (ours)
		vm_slices_take(index, width, buffer, true, slices);
	UnlockReleaseBuffer(buffer);
	return ours;
}

void
vm_slices_free(VmSlices *slices)
{
	pfree(slices->pages);
}

Buffer
vm_slices_page(Relation index, const VmSlices *slices, int i, BufferAccessStrategy strategy)
{
	Buffer		buffer = vm_read_page(index, slices->pages[i], BUFFER_LOCK_SHARE, strategy);

	if (vm_page_tail(BufferGetPage(buffer))->node_id != slices->ref.id)
	{
		UnlockReleaseBuffer(buffer);
		return InvalidBuffer;
	}
	vm_check_slices(index, buffer, slices->ref.id, &slices->layout, i);
	return buffer;
}

/* A page is another node's: on a primary that is damage. */
static void
report_other(Relation index, BlockNumber blkno, uint64 id)
{
	if (!RecoveryInProgress())
		vm_report_corruption(index, blkno, "It is no page of slices " UINT64_FORMAT ".", id);
}

void
vm_slices_visit(Relation index, const VmTree *tree, BufferAccessStrategy strategy,
				VmSlicesVisitor visit, void *state)
{
	VmNodeRef	ref = tree->slices;
	VmNodeCount met = {0};

	while (ref.id != 0)
	{
		VmSlices	slices;

		CHECK_FOR_INTERRUPTS();
		vm_count_node(index, &met, ref.blkno);
		if (!vm_slices_read(index, tree->space.width, &ref, strategy, &slices))
		{
			report_other(index, ref.blkno, ref.id);
			return;
		}
		visit(state, &slices);
		ref = slices.next;
		vm_slices_free(&slices);
	}
}

VmNodeRef *
vm_slices_leaves(Relation index, const VmSlices *slices, BufferAccessStrategy strategy, int *n)
{
	VmNodeRef  *leaves = palloc(sizeof(VmNodeRef) * slices->n_groups);

	*n = 0;
	for (int i = 0; i < slices->layout.group_pages; i++)
	{
		Buffer		buffer = vm_slices_page(index, slices, i, strategy);
		const VmSliceGroup *groups;
		int			count = Min(VM_SLICE_GROUPS_EACH, slices->n_groups - i * VM_SLICE_GROUPS_EACH);

		if (BufferIsInvalid(buffer))
		{
			report_other(index, slices->pages[i], slices->ref.id);
			break;
		}
		groups = (const VmSliceGroup *) vm_page_content(BufferGetPage(buffer));
		for (int g = 0; g < count; g++)
			if (groups[g].group == 0)
				leaves[(*n)++] = (VmNodeRef) {groups[g].leaf, groups[g].leaf_id};
		UnlockReleaseBuffer(buffer);
	}
	return leaves;
}
