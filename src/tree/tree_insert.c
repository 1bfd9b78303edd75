/*
 * src/tree/tree_insert.c
 *		aminsert: descend, widen, add; split where there is no room.
 *
 * The numbers are those of src/tree/README.md, section 4.
 */
#include "postgres.h"

#include "access/genam.h"
#include "miscadmin.h"
#include "storage/predicate.h"
#include "utils/memutils.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_leaf.h"
#include "tree/tree_lists.h"
#include "tree/tree_split.h"
#include "tree/tree_spread.h"
#include "tree/tree_xlog.h"

/* Levels decrease from root to leaf and are at most 255. */
#define MAX_DEPTH 256

/* After so many changes on the way, go down where there can be none. */
#define MAX_TRIES 100

/* Nodes to look into for the leaf that suits a value best. */
#define MAX_OPENED 16

typedef struct Insertion
{
	Relation	index;
	VmTree		tree;
	ItemPointerData tid;
	VmValue		value;
	void	   *record;
	void	   *point;			/* of it */
	void	   *center;			/* of the leaf, room for a point */
	VmNodeRef	path[MAX_DEPTH];	/* inner nodes, from the root down */
	int			depth;			/* how many of them */
	VmNodeRef	leaf;
	bool		structure_locked;
	uint64		not_root;		/* a node the metapage gave as root, and is none */
} Insertion;

typedef enum Outcome
{
	DONE,
	AGAIN,						/* something changed on the way: from the root */
	NO_ROOM						/* the leaf is full */
} Outcome;

/* A zero vector under cosine fixes the dimension too, or must have it. */
static void
fix_dim(Insertion *in)
{
	Buffer		buffer = vm_read_page(in->index, VM_META_BLKNO, BUFFER_LOCK_EXCLUSIVE, NULL);

	if (vm_meta_checked(in->index, buffer)->dim == 0)
	{
		VmChange   *change = vm_change_begin(in->index);

		VmMetaData *meta = vm_page_meta(vm_change_page(change, buffer, false));

		meta->dim = in->value.dim;
		meta->codec = in->tree.codec->id;
		meta->width = in->tree.space.width;
		vm_change_commit(change);
	}
	UnlockReleaseBuffer(buffer);
	vm_tree_refresh(in->index, &in->tree);
	vm_tree_check_same_dim(&in->tree, in->value.dim);
}

/*
 * Is the locked page still the live node we came for?  The top of the path
 * must be the root: above it nothing has been widened.
 */
static bool
still_there(const Insertion *in, Buffer buffer, const VmNodeRef *ref)
{
	const VmPageTail *tail = vm_page_tail(BufferGetPage(buffer));

	return tail->node_id == ref->id &&
		(tail->flags & VM_PAGE_HEAD) != 0 &&
		vm_node_state(tail, in->tree.rewrite_id) == VM_NODE_LIVE &&
		(in->depth > 0 || (tail->flags & VM_PAGE_ROOT) != 0);
}

/*
 * (3) widen the child's volume before the entry is added: a scan must never
 * prune the new row.  The buffer is locked shared; it is locked exclusively on
 * return.  False where the child is not there any more.
 */
static bool
widen_child(Insertion *in, Buffer buffer, const VmNodeRef *node, uint64 child_id)
{
	const VmTree *tree = &in->tree;
	VmChange   *change;
	VmInnerEntry *entry;
	int			i;

	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	if (!still_there(in, buffer, node))
		return false;
	vm_check_inner(in->index, buffer, tree->entry_size);
	i = vm_inner_find(BufferGetPage(buffer), tree->entry_size, child_id);
	if (i < 0)
		return false;
	change = vm_change_begin(in->index);
	entry = vm_inner_entry(vm_change_page(change, buffer, false), tree->entry_size, i);
	tree->geometry->widen(&tree->space, entry->volume, in->point);
	vm_change_commit(change);
	return true;
}

/* A node that the way to the leaf may go through. */
typedef struct Step
{
	VmNodeRef	ref;
	int			parent;			/* among the steps; -1: the root */
	int			max_level;		/* its level is at most this */
	bool		opened;
	bool		is_leaf;
	double		cost[2];
} Step;

typedef struct Steps
{
	Step	   *steps;
	int			n;
	int			allocated;
} Steps;

static void
add_step(Steps *steps, const Step *step)
{
	if (steps->n == steps->allocated)
	{
		steps->allocated *= 2;
		steps->steps = repalloc(steps->steps, sizeof(Step) * steps->allocated);
	}
	steps->steps[steps->n++] = *step;
}

/* The step of least cost that has not been opened, from first on; -1: none. */
static int
cheapest_step(const Steps *steps, int first)
{
	int			best = -1;

	for (int i = first; i < steps->n; i++)
	{
		const Step *step = &steps->steps[i];

		if (!step->opened &&
			(best < 0 || step->cost[0] < steps->steps[best].cost[0] ||
			 (step->cost[0] == steps->steps[best].cost[0] &&
			  step->cost[1] < steps->steps[best].cost[1])))
			best = i;
	}
	return best;
}

/* Open a node: its children become steps, or it turns out to be a leaf. */
static Outcome
open_step(Insertion *in, Steps *steps, int number)
{
	const VmTree *tree = &in->tree;
	Step	   *step = &steps->steps[number];
	VmNodeRef	ref = step->ref;
	Buffer		buffer = vm_read_page(in->index, ref.blkno, BUFFER_LOCK_SHARE, NULL);
	Page		page = BufferGetPage(buffer);
	const VmPageTail *tail = vm_page_tail(page);

	in->depth = step->parent < 0 ? 0 : 1;
	if (!still_there(in, buffer, &ref))
	{
		UnlockReleaseBuffer(buffer);
		if (step->parent < 0)
			in->not_root = ref.id;
		return AGAIN;
	}
	vm_check_level(in->index, buffer, step->max_level);
	step->opened = true;
	step->is_leaf = tail->kind == VM_PAGE_LEAF;
	if (!step->is_leaf)
	{
		vm_check_inner(in->index, buffer, tree->entry_size);
		for (int i = 0; i < tail->count; i++)
		{
			const VmInnerEntry *entry = vm_inner_entry(page, tree->entry_size, i);
			Step		child = {.ref = {entry->child, entry->child_id}, .parent = number,
			.max_level = tail->level - 1, .is_leaf = tail->level == 1};

			tree->geometry->cost(&tree->space, entry->volume, in->point, child.cost);
			add_step(steps, &child);
		}
	}
	UnlockReleaseBuffer(buffer);
	return DONE;
}

/*
 * (2) choose the leaf whose volume the vector costs least, best-first; after
 * MAX_OPENED nodes straight down.  The path to it lies in in->path.
 */
static Outcome
choose_leaf(Insertion *in)
{
	Steps		steps = {.allocated = 2 * VM_INNER_MAX_ENTRIES};
	Step		root = {.ref = in->tree.root, .parent = -1, .max_level = MAX_DEPTH - 1};
	int			n_opened = 0;
	int			first = 0;
	int			chosen;
	int			depth = 0;

	steps.steps = palloc(sizeof(Step) * steps.allocated);
	add_step(&steps, &root);
	for (;;)
	{
		int			before = steps.n;

		CHECK_FOR_INTERRUPTS();
		chosen = cheapest_step(&steps, first);
		if (chosen < 0 || n_opened > MAX_OPENED + MAX_DEPTH)
			vm_report_corruption(in->index, in->tree.root.blkno,
								 "There is no way from it to a leaf.");
		if (steps.steps[chosen].is_leaf)
			break;
		if (open_step(in, &steps, chosen) == AGAIN)
		{
			pfree(steps.steps);
			return AGAIN;
		}
		if (steps.steps[chosen].is_leaf)
			break;
		if (++n_opened >= MAX_OPENED)
			first = before;
	}

	for (int i = steps.steps[chosen].parent; i >= 0; i = steps.steps[i].parent)
		depth++;
	in->leaf = steps.steps[chosen].ref;
	in->depth = depth;
	for (int i = steps.steps[chosen].parent; i >= 0; i = steps.steps[i].parent)
		in->path[--depth] = steps.steps[i].ref;
	pfree(steps.steps);
	return DONE;
}

/* (3) and (4): go down the chosen path, all volumes on it cover the vector then. */
static Outcome
descend(Insertion *in)
{
	const VmTree *tree = &in->tree;
	int			depth;

	if (choose_leaf(in) == AGAIN)
		return AGAIN;
	depth = in->depth;
	for (int level = 0; level < depth; level++)
	{
		const VmNodeRef *node = &in->path[level];
		uint64		child = level + 1 < depth ? in->path[level + 1].id : in->leaf.id;
		Buffer		buffer = vm_read_page(in->index, node->blkno, BUFFER_LOCK_SHARE, NULL);
		Page		page = BufferGetPage(buffer);
		bool		fine = false;
		int			i = -1;

		in->depth = level;
		if (still_there(in, buffer, node))
		{
			vm_check_inner(in->index, buffer, tree->entry_size);
			i = vm_inner_find(page, tree->entry_size, child);
		}
		if (i >= 0 && level + 1 == depth)
			tree->geometry->center(&tree->space, vm_inner_entry(page, tree->entry_size, i)->volume,
								   in->center);
		if (i >= 0)
			fine = tree->geometry->covers(&tree->space,
										  vm_inner_entry(page, tree->entry_size, i)->volume,
										  in->point) ||
				widen_child(in, buffer, node, child);
		UnlockReleaseBuffer(buffer);
		if (!fine)
			return AGAIN;
	}
	/* the codes of a root are relative to the origin */
	if (depth == 0)
		memset(in->center, 0, tree->point_size);
	in->depth = depth;
	return DONE;
}

/*
 * Put the entry on the last page of the leaf, or chain one more behind it;
 * returns the last page then.
 */
static Buffer
add_to_page(Insertion *in, Buffer head, Buffer last)
{
	VmLeafWriter writer = {.index = in->index, .tree = &in->tree, .id = in->leaf.id,
	.center = in->center, .head = head, .last = last};
	VmRows		rows;
	int			first = 0;

	vm_rows_init(&rows, &in->tree);
	vm_rows_add(&rows, &in->tree, &in->tid, in->record);
	vm_leaf_add(&writer, &rows, &first, 1);
	vm_rows_free(&rows);
	return writer.last;
}

/*
 * (5) add the entry to the leaf.  A frozen one has been copied by a rewrite, which
 * has the structure lock until its copy is linked: wait for that as if there were
 * no room.  Who has the lock meets it dead, or that rewrite came to nothing.
 */
static Outcome
add_to_leaf(Insertion *in)
{
	const VmTree *tree = &in->tree;
	Buffer		head = vm_read_page(in->index, in->leaf.blkno, BUFFER_LOCK_EXCLUSIVE, NULL);
	Buffer		last = head;
	Outcome		outcome;
	int			n = 0;
	int			n_pages = 1;

	if (!still_there(in, head, &in->leaf))
		outcome = AGAIN;
	else if (vm_page_is(BufferGetPage(head), VM_PAGE_FROZEN) && !in->structure_locked)
		outcome = NO_ROOM;
	else
	{
		if (vm_page_is(BufferGetPage(head), VM_PAGE_FROZEN))
			vm_thaw(in->index, head);
		for (;;)
		{
			const VmPageTail *tail = vm_page_tail(BufferGetPage(last));
			BlockNumber next = tail->next;

			vm_check_leaf(in->index, last, &tree->layout);
			n += tail->count;
			if (next == InvalidBlockNumber || n >= tree->leaf_capacity)
				break;
			if (++n_pages > tree->leaf_capacity)
				vm_report_corruption(in->index, in->leaf.blkno, "Its chain does not end.");
			if (last != head)
				UnlockReleaseBuffer(last);
			last = vm_read_chained(in->index, next, in->leaf.id, &head, 1, NULL);
		}
		outcome = n >= tree->leaf_capacity ? NO_ROOM : DONE;
		if (outcome == DONE)
			last = add_to_page(in, head, last);
	}
	if (last != head)
		UnlockReleaseBuffer(last);
	UnlockReleaseBuffer(head);
	return outcome;
}

/* (7) make room, one change of structure; the path is true, we hold the lock */
static void
make_room(Insertion *in)
{
	const VmTree *tree = &in->tree;

	for (int i = 0; i < in->depth; i++)
	{
		Buffer		buffer = vm_read_page(in->index, in->path[i].blkno, BUFFER_LOCK_SHARE, NULL);
		bool		full;

		vm_check_inner(in->index, buffer, tree->entry_size);
		full = vm_page_tail(BufferGetPage(buffer))->count >= tree->inner_capacity;
		UnlockReleaseBuffer(buffer);
		if (!full)
			continue;
		if (i == 0)
			vm_grow_root(in->index, tree, &in->path[0], in->point);
		else
			vm_split_inner(in->index, tree, &in->path[i - 1], &in->path[i]);
		return;
	}
	if (in->depth == 0)
		vm_grow_root(in->index, tree, &in->leaf, in->point);
	else
		vm_split_leaf(in->index, tree, &in->path[in->depth - 1], &in->leaf, in->point);
}

/* Insert into the tree, from the root as often as it takes. */
static void
insert_vector(Insertion *in)
{
	int			tries = 0;

	for (;;)
	{
		Outcome		outcome;

		CHECK_FOR_INTERRUPTS();
		if (in->tree.root.id == 0)
		{
			vm_leaf_first(in->index, &in->tree, in->value.dim);
			vm_tree_refresh(in->index, &in->tree);
			vm_tree_check_same_dim(&in->tree, in->value.dim);
			continue;
		}
		vm_tree_read_spread(in->index, &in->tree);
		outcome = descend(in);
		if (outcome == DONE)
			outcome = add_to_leaf(in);
		if (outcome == DONE)
			break;
		/* (6) only the holder of the structure lock may split, on a path of its own */
		if (!in->structure_locked)
		{
			if (outcome == NO_ROOM || ++tries == MAX_TRIES)
			{
				vm_structure_lock(in->index);
				in->structure_locked = true;
			}
		}
		else if (outcome == NO_ROOM)
			make_room(in);
		else
			vm_report_corruption(in->index, in->depth > 0 ? in->path[in->depth - 1].blkno :
								 in->tree.root.blkno, "It points to a node that is not there.");
		vm_tree_refresh(in->index, &in->tree);
		/* the metapage and the root's flag change in one record */
		if (in->not_root != 0 && in->tree.root.id == in->not_root)
			vm_report_corruption(in->index, in->tree.root.blkno,
								 "The metapage says that it is the root, the page does not.");
		vm_tree_check_same_dim(&in->tree, in->value.dim);
	}
	if (in->structure_locked)
		vm_structure_unlock(in->index);
}

/* What reads the column's values, kept from row to row of a statement. */
static VmValueReader *
reader_of(Relation index, const VmTree *tree, IndexInfo *info)
{
	if (info == NULL)
		return vm_value_reader(index, tree->space.metric);
	if (info->ii_AmCache == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(info->ii_Context);

		info->ii_AmCache = vm_value_reader(index, tree->space.metric);
		MemoryContextSwitchTo(old);
	}
	return info->ii_AmCache;
}

/* Add a value that is not NULL. */
static void
insert_value(Relation index, Datum value, ItemPointer tid, IndexInfo *info)
{
	MemoryContext context;
	MemoryContext old;
	Insertion  *in;

	context = AllocSetContextCreate(CurrentMemoryContext, "vectormed insert",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	in = palloc0(sizeof(Insertion));
	in->index = index;
	in->tid = *tid;
	vm_tree_open(index, &in->tree);
	vm_value_read(reader_of(index, &in->tree, info), value, &in->value);
	if (in->tree.space.dim == 0)
	{
		vm_tree_check_dim(RelationGetRelationName(index), &in->tree, in->value.dim);
		vm_tree_set_dim(&in->tree, in->value.dim);
	}
	vm_tree_check_same_dim(&in->tree, in->value.dim);
	in->record = palloc(in->tree.record_size);
	in->point = vm_new_point(&in->tree);
	in->center = vm_new_point(&in->tree);
	if (in->tree.codec->encode(&in->tree.space, &in->value, in->record) &&
		in->tree.codec->point(&in->tree.space, in->record, in->point))
		insert_vector(in);
	else
	{
		fix_dim(in);
		vm_list_add(index, VM_LIST_NAN, tid);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

bool
vm_aminsert(Relation index, Datum *values, bool *isnull, ItemPointer tid, Relation heap,
			IndexUniqueCheck unique, bool unchanged, IndexInfo *info)
{
	if (isnull[0])
		vm_list_add(index, VM_LIST_NULL, tid);
	else
		insert_value(index, values[0], tid, info);

	/*
	 * The server has asked for serializable transactions that scan the index before
	 * the entry was there.  One that began its scan since then, and has passed the
	 * place, would be missed: ask again.  Who begins later meets the entry.
	 */
	CheckForSerializableConflictIn(index, NULL, InvalidBlockNumber);
	return false;
}
