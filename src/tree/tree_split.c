/*
 * src/tree/tree_split.c
 *		Splits, copies and drops of nodes, and a root that grows.
 */
#include "postgres.h"

#include "access/transam.h"
#include "miscadmin.h"
#include "storage/lmgr.h"

#include "compat/pg_compat.h"
#include "tree/tree_leaf.h"
#include "tree/tree_split.h"
#include "tree/tree_xlog.h"

/* A leaf of which this share is dead is copied instead of split. */
#define COPY_DEAD_SHARE		0.25

/* VACUUM copies a leaf of which this share is dead. */
#define COMPACT_DEAD_SHARE	0.5

/* VmPageTail.level has a byte. */
#define MAX_LEVEL			250

/* A leaf held exclusively, all of its chain, and its live entries. */
typedef struct HeldLeaf
{
	Buffer	   *buffers;
	int			n_buffers;
	VmRows		rows;
	int			n_dead;
} HeldLeaf;

/* A node that has been written and that nothing points to yet: its head, locked. */
typedef struct NewNode
{
	Buffer		head;
	VmNodeRef	ref;
	void	   *volume;
} NewNode;

void
vm_structure_lock(Relation index)
{
	/* while a buffer is locked, interrupts are held off: nobody may wait here then */
	Assert(InterruptHoldoffCount == 0);
	LockPage(index, VM_META_BLKNO, ExclusiveLock);
}

void
vm_structure_unlock(Relation index)
{
	UnlockPage(index, VM_META_BLKNO, ExclusiveLock);
}

static uint64
stamp_now(void)
{
	return U64FromFullTransactionId(ReadNextFullTransactionId());
}

/*
 * Lock a live node exclusively; the structure lock says that it must live, and
 * that no rewrite is about to replace it.
 */
static Buffer
hold_node(Relation index, const VmTree *tree, const VmNodeRef *ref)
{
	Buffer		buffer = vm_read_page(index, ref->blkno, BUFFER_LOCK_EXCLUSIVE, NULL);
	VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

	if (tail->node_id != ref->id || (tail->flags & VM_PAGE_HEAD) == 0 ||
		vm_node_state(tail, tree->rewrite_id) != VM_NODE_LIVE)
		vm_report_corruption(index, ref->blkno, "It is not the live node " UINT64_FORMAT ".",
							 ref->id);
	return buffer;
}

void
vm_thaw(Relation index, Buffer head)
{
	VmChange   *change = vm_change_begin(index);
	VmPageTail *tail = vm_page_tail(vm_change_page(change, head, false));

	tail->flags &= ~VM_PAGE_FROZEN;
	tail->successor_id[0] = 0;
	vm_change_commit(change);
}

/* Lock all pages of a leaf and take its live entries. */
static void
hold_leaf(Relation index, const VmTree *tree, const VmNodeRef *ref, HeldLeaf *leaf)
{
	int			max_buffers = tree->leaf_capacity + 1;
	char	   *records = palloc(tree->record_size * tree->layout.capacity);
	Buffer		buffer = hold_node(index, tree, ref);

	leaf->buffers = palloc(sizeof(Buffer) * max_buffers);
	leaf->n_buffers = 0;
	leaf->n_dead = 0;
	vm_rows_init(&leaf->rows, tree);
	for (;;)
	{
		Page		page = BufferGetPage(buffer);
		BlockNumber next = vm_page_tail(page)->next;

		vm_check_leaf(index, buffer, &tree->layout);
		if (leaf->n_buffers == max_buffers)
			vm_report_corruption(index, ref->blkno, "Its chain does not end.");
		leaf->buffers[leaf->n_buffers++] = buffer;
		vm_leaf_read(index, tree, page, leaf->buffers, leaf->n_buffers, NULL, records);
		for (int s = 0; s < vm_page_tail(page)->count; s++)
		{
			ItemPointer tid = &vm_page_tids(page)[s];

			if (vm_tid_is_dead(tid))
				leaf->n_dead++;
			else if (!vm_rows_add(&leaf->rows, tree, tid, records + tree->record_size * s))
				vm_report_corruption(index, BufferGetBlockNumber(buffer),
									 "Entry %d has no place in a tree of this metric.", s);
		}
		if (next == InvalidBlockNumber)
			break;
		buffer = vm_read_chained(index, next, ref->id, leaf->buffers, leaf->n_buffers, NULL);
	}
	pfree(records);
}

static void
release_leaf(HeldLeaf *leaf)
{
	for (int i = leaf->n_buffers - 1; i >= 0; i--)
		UnlockReleaseBuffer(leaf->buffers[i]);
	pfree(leaf->buffers);
	vm_rows_free(&leaf->rows);
}

Page
vm_unlinked_node(Relation index, VmPageKind kind, int level, uint64 id, uint64 rewrite_id,
				 Buffer *head, VmChange **change)
{
	Page		page;

	*head = vm_new_page(index);
	*change = vm_change_begin(index);
	page = vm_change_page(*change, *head, true);
	vm_page_init(page, kind, VM_PAGE_HEAD | VM_PAGE_UNLINKED, id, level);
	vm_page_tail(page)->stamp = stamp_now();
	vm_page_tail(page)->successor_id[0] = rewrite_id;
	return page;
}

Buffer
vm_unlinked_leaf(Relation index, const VmTree *tree, uint64 id, uint64 rewrite_id,
				 const void *center, const VmRows *rows, const int *order, int n)
{
	VmLeafWriter writer = {.index = index, .tree = tree, .id = id, .center = center};
	VmChange   *change;
	Page		page = vm_unlinked_node(index, VM_PAGE_LEAF, 0, id, rewrite_id, &writer.head,
										&change);

	vm_leaf_set_bounds(page, &tree->layout);
	vm_change_commit(change);
	writer.last = writer.head;
	for (int done = 0; done < n;)
		done += vm_leaf_add(&writer, rows, order + done, n - done);
	if (writer.last != writer.head)
		UnlockReleaseBuffer(writer.last);
	return writer.head;
}

Buffer
vm_unlinked_inner(Relation index, const VmTree *tree, uint64 id, uint64 rewrite_id, int level,
				  const VmNodeRef *children, const void *const *volumes, int n)
{
	VmChange   *change;
	Buffer		head;
	Page		page = vm_unlinked_node(index, VM_PAGE_INNER, level, id, rewrite_id, &head, &change);

	vm_page_tail(page)->count = n;
	vm_inner_set_bounds(page, tree->entry_size);
	for (int i = 0; i < n; i++)
		vm_inner_set_entry(page, tree->entry_size, i, children[i].blkno, children[i].id,
						   volumes[i], tree->volume_size);
	vm_change_commit(change);
	return head;
}

/* Write a leaf of the rows order[0 .. n-1]; n may be 0, then point is its volume. */
static void
write_new_leaf(Relation index, const VmTree *tree, const VmRows *rows, const int *order,
			   int n, const void *point, NewNode *node)
{
	const VmPoints alone = {tree->space.dim, point, tree->point_size};
	const int	first = 0;
	void	   *center = vm_new_point(tree);

	node->volume = vm_new_volume(tree);
	if (n > 0)
		tree->geometry->build(&tree->space, node->volume, &rows->points, order, n);
	else
		tree->geometry->build(&tree->space, node->volume, &alone, &first, 1);
	tree->geometry->center(&tree->space, node->volume, center);
	node->ref.id = vm_random_node_id();
	node->head = vm_unlinked_leaf(index, tree, node->ref.id, 0, center, rows, order, n);
	node->ref.blkno = BufferGetBlockNumber(node->head);
	pfree(center);
}

/* Write an inner node of some of a page's entries. */
static void
write_new_inner(Relation index, const VmTree *tree, Page from, const int *order, int n,
				NewNode *node)
{
	VmNodeRef	children[VM_INNER_MAX_ENTRIES];
	const void *volumes[VM_INNER_MAX_ENTRIES];

	for (int i = 0; i < n; i++)
	{
		const VmInnerEntry *entry = vm_inner_entry(from, tree->entry_size, order[i]);

		children[i] = (VmNodeRef) {entry->child, entry->child_id};
		volumes[i] = entry->volume;
	}
	node->ref.id = vm_random_node_id();
	node->head = vm_unlinked_inner(index, tree, node->ref.id, 0, vm_page_tail(from)->level,
								   children, volumes, n);
	node->ref.blkno = BufferGetBlockNumber(node->head);
	node->volume = vm_new_volume(tree);
	tree->geometry->unite(&tree->space, node->volume, volumes, n);
}

static void
set_entry(const VmTree *tree, Page page, int i, const NewNode *node)
{
	vm_inner_set_entry(page, tree->entry_size, i, node->ref.blkno, node->ref.id, node->volume,
					   tree->volume_size);
}

/*
 * The record that puts n new nodes (0, 1 or 2) in place of an old one: the
 * parent's entry, the old head dead, the new heads linked.  Releases the
 * parent and the new heads.
 *
 * All of them are locked exclusively from before the stamp is taken until the
 * record is written.  Two things rest on that: who has read the parent's old
 * entry holds a snapshot or a transaction no younger than the stamp, so the
 * old node is not freed under him; and a VACUUM that began after the stamp
 * waits at the new heads and meets them live, though it takes the old node for
 * one that was dead before and does not follow its successors.
 */
static void
replace_node(Relation index, const VmTree *tree, Buffer parent, Buffer old,
			 NewNode *nodes, int n)
{
	uint64		old_id = vm_page_tail(BufferGetPage(old))->node_id;
	int			i = vm_inner_find(BufferGetPage(parent), tree->entry_size, old_id);
	uint64		stamp = stamp_now();
	VmChange   *change;
	Page		page;
	VmPageTail *tail;

	if (i < 0)
		vm_report_corruption(index, BufferGetBlockNumber(parent),
							 "It does not point to block %u.", BufferGetBlockNumber(old));
	change = vm_change_begin(index);
	page = vm_change_page(change, parent, false);
	tail = vm_page_tail(page);
	Assert(tail->count + n - 1 <= tree->inner_capacity);
	if (n == 0)
		vm_inner_remove(page, tree->entry_size, i);
	else
		set_entry(tree, page, i, &nodes[0]);
	if (n == 2)
	{
		tail->count++;
		vm_inner_set_bounds(page, tree->entry_size);
		set_entry(tree, page, tail->count - 1, &nodes[1]);
	}

	tail = vm_page_tail(vm_change_page(change, old, false));
	tail->flags = (tail->flags & ~(VM_PAGE_UNLINKED | VM_PAGE_FROZEN)) | VM_PAGE_DEAD;
	tail->stamp = stamp;
	tail->successor_id[0] = 0;
	for (int k = 0; k < n; k++)
	{
		tail->successor[k] = nodes[k].ref.blkno;
		tail->successor_id[k] = nodes[k].ref.id;
	}
	for (int k = 0; k < n; k++)
	{
		tail = vm_page_tail(vm_change_page(change, nodes[k].head, false));
		tail->flags &= ~VM_PAGE_UNLINKED;
		tail->stamp = 0;
	}
	vm_change_commit(change);

	UnlockReleaseBuffer(parent);
	for (int k = 0; k < n; k++)
		UnlockReleaseBuffer(nodes[k].head);
}

/* The volume of all that an inner node holds. */
static void *
volume_of_inner(Relation index, const VmTree *tree, Buffer buffer)
{
	Page		page = BufferGetPage(buffer);
	void	   *volume = vm_new_volume(tree);
	const void *volumes[VM_INNER_MAX_ENTRIES];

	Assert(vm_page_tail(page)->kind == VM_PAGE_INNER);
	vm_check_inner(index, buffer, tree->entry_size);
	if (vm_page_tail(page)->count == 0)
		vm_report_corruption(index, BufferGetBlockNumber(buffer), "It has no entries.");
	for (int i = 0; i < vm_page_tail(page)->count; i++)
		volumes[i] = vm_inner_entry(page, tree->entry_size, i)->volume;
	tree->geometry->unite(&tree->space, volume, volumes, vm_page_tail(page)->count);
	return volume;
}

/* The volume of a leaf that was the root: about the origin where codes are. */
static void *
volume_of_root_leaf(const VmTree *tree, const VmRows *rows, const void *point)
{
	void	   *volume = vm_new_volume(tree);
	VmPoints	points = {tree->space.dim, point, tree->point_size};
	int			n = Max(rows->n, 1);
	int		   *order = vm_identity(n);

	if (rows->n > 0)
		points = rows->points;
	if (tree->geometry->build_at)
	{
		void	   *origin = vm_new_point(tree);

		tree->geometry->build_at(&tree->space, volume, origin, &points, order, n);
		pfree(origin);
	}
	else
		tree->geometry->build(&tree->space, volume, &points, order, n);
	pfree(order);
	return volume;
}

void
vm_grow_root(Relation index, const VmTree *tree, const VmNodeRef *old, const void *point)
{
	HeldLeaf	leaf = {0};
	Buffer		buffer = hold_node(index, tree, old);
	int			level = vm_page_tail(BufferGetPage(buffer))->level;
	Buffer		fresh;
	Buffer		meta_buffer;
	VmMetaData *meta;
	VmChange   *change;
	Page		page;
	VmNodeRef	ref;
	void	   *volume;

	if (level == 0)
	{
		UnlockReleaseBuffer(buffer);
		hold_leaf(index, tree, old, &leaf);
		buffer = leaf.buffers[0];
		volume = volume_of_root_leaf(tree, &leaf.rows, point);
	}
	else
		volume = volume_of_inner(index, tree, buffer);

	if (level >= MAX_LEVEL)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("index \"%s\" has too many levels", RelationGetRelationName(index)),
				 errhint("REINDEX the index.")));
	fresh = vm_new_page(index);
	ref.blkno = BufferGetBlockNumber(fresh);
	ref.id = vm_random_node_id();
	meta_buffer = vm_read_page(index, VM_META_BLKNO, BUFFER_LOCK_EXCLUSIVE, NULL);
	vm_meta_checked(index, meta_buffer);

	change = vm_change_begin(index);
	meta = vm_page_meta(vm_change_page(change, meta_buffer, false));
	meta->root = ref.blkno;
	meta->root_id = ref.id;
	vm_page_tail(vm_change_page(change, buffer, false))->flags &= ~VM_PAGE_ROOT;
	page = vm_change_page(change, fresh, true);
	vm_page_init(page, VM_PAGE_INNER, VM_PAGE_HEAD | VM_PAGE_ROOT, ref.id, level + 1);
	vm_page_tail(page)->count = 1;
	vm_inner_set_bounds(page, tree->entry_size);
	vm_inner_set_entry(page, tree->entry_size, 0, old->blkno, old->id, volume,
					   tree->volume_size);
	vm_change_commit(change);

	UnlockReleaseBuffer(meta_buffer);
	UnlockReleaseBuffer(fresh);
	if (level == 0)
		release_leaf(&leaf);
	else
		UnlockReleaseBuffer(buffer);
	pfree(volume);
}

void
vm_split_leaf(Relation index, const VmTree *tree, const VmNodeRef *parent,
			  const VmNodeRef *ref, const void *point)
{
	HeldLeaf	leaf;
	NewNode		nodes[2];
	int		   *order;
	int			n;
	int			left;

	hold_leaf(index, tree, ref, &leaf);
	n = leaf.rows.n;
	order = vm_identity(n);
	if (leaf.n_dead >= COPY_DEAD_SHARE * (n + leaf.n_dead) || n < 2)
	{
		write_new_leaf(index, tree, &leaf.rows, order, n, point, &nodes[0]);
		replace_node(index, tree, hold_node(index, tree, parent), leaf.buffers[0], nodes, 1);
	}
	else
	{
		left = tree->geometry->split(&tree->space, &leaf.rows.points, order, n, Max(1, n / 8));
		write_new_leaf(index, tree, &leaf.rows, order, left, point, &nodes[0]);
		write_new_leaf(index, tree, &leaf.rows, order + left, n - left, point, &nodes[1]);
		replace_node(index, tree, hold_node(index, tree, parent), leaf.buffers[0], nodes, 2);
	}
	release_leaf(&leaf);
	pfree(order);
}

/* Cut the children of an inner node in two. */
static int
split_volumes(const VmTree *tree, const void *const *volumes, int *order, int n, int min_side)
{
	VmPoints	points = {tree->space.dim, NULL, MAXALIGN(tree->point_size)};
	char	   *centers;
	int			left;

	if (tree->geometry->split_volumes)
		return tree->geometry->split_volumes(&tree->space, volumes, order, n, min_side);
	centers = palloc(points.stride * n);
	for (int i = 0; i < n; i++)
		tree->geometry->center(&tree->space, volumes[i], centers + points.stride * i);
	points.base = centers;
	left = tree->geometry->split(&tree->space, &points, order, n, min_side);
	pfree(centers);
	return left;
}

void
vm_split_inner(Relation index, const VmTree *tree, const VmNodeRef *parent,
			   const VmNodeRef *ref)
{
	Buffer		buffer = hold_node(index, tree, ref);
	Page		page = BufferGetPage(buffer);
	int			n = vm_page_tail(page)->count;
	const void *volumes[VM_INNER_MAX_ENTRIES];
	int		   *order;
	int			left;
	NewNode		nodes[2];

	vm_check_inner(index, buffer, tree->entry_size);
	if (n < VM_INNER_MIN_ENTRIES)
		vm_report_corruption(index, ref->blkno, "It has %d entries and cannot be split.", n);
	order = vm_identity(n);
	for (int i = 0; i < n; i++)
		volumes[i] = vm_inner_entry(page, tree->entry_size, i)->volume;
	left = split_volumes(tree, volumes, order, n, Max(2, n / 4));
	write_new_inner(index, tree, page, order, left, &nodes[0]);
	write_new_inner(index, tree, page, order + left, n - left, &nodes[1]);
	replace_node(index, tree, hold_node(index, tree, parent), buffer, nodes, 2);
	UnlockReleaseBuffer(buffer);
	pfree(order);
}

/* Is it still a live node?  Stays so while the structure lock is held. */
static bool
node_lives(Relation index, const VmTree *tree, const VmNodeRef *ref)
{
	Buffer		buffer = vm_read_page(index, ref->blkno, BUFFER_LOCK_SHARE, NULL);
	const VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));
	bool		lives = tail->node_id == ref->id && (tail->flags & VM_PAGE_HEAD) != 0 &&
		vm_node_state(tail, tree->rewrite_id) == VM_NODE_LIVE;

	UnlockReleaseBuffer(buffer);
	return lives;
}

void
vm_compact_leaf(Relation index, const VmTree *tree, const VmNodeRef *parent,
				const VmNodeRef *ref)
{
	HeldLeaf	leaf;
	Buffer		parent_buffer;
	NewNode		node;
	bool		drop;
	int			n;

	/* a split may have come between the caller's look and the structure lock */
	if (!node_lives(index, tree, ref) || !node_lives(index, tree, parent))
		return;
	hold_leaf(index, tree, ref, &leaf);
	n = leaf.rows.n;
	parent_buffer = hold_node(index, tree, parent);
	vm_check_inner(index, parent_buffer, tree->entry_size);
	drop = n == 0 && vm_page_tail(BufferGetPage(parent_buffer))->count > 1;
	if (vm_inner_find(BufferGetPage(parent_buffer), tree->entry_size, ref->id) < 0)
		UnlockReleaseBuffer(parent_buffer);
	else if (leaf.n_dead < COMPACT_DEAD_SHARE * (n + leaf.n_dead) || (n == 0 && !drop))
		UnlockReleaseBuffer(parent_buffer);
	else if (drop)
		replace_node(index, tree, parent_buffer, leaf.buffers[0], NULL, 0);
	else
	{
		int		   *order = vm_identity(n);

		/* write while the parent is free: widening it must not wait for that */
		UnlockReleaseBuffer(parent_buffer);
		write_new_leaf(index, tree, &leaf.rows, order, n, NULL, &node);
		replace_node(index, tree, hold_node(index, tree, parent), leaf.buffers[0], &node, 1);
		pfree(order);
	}
	release_leaf(&leaf);
}
