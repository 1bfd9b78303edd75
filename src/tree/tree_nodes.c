/*
 * src/tree/tree_nodes.c
 *		Writing subtrees bottom-up while an index is built.
 *
 * A set of rows is cut in two, and its largest part again, until there are as
 * many parts as the node shall have children; each part becomes a child.
 */
#include "postgres.h"

#include <math.h>

#include "commands/vacuum.h"
#include "miscadmin.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_nodes.h"
#include "tree/tree_options.h"
#include "tree/tree_split.h"
#include "tree/tree_xlog.h"

/* How full leaves come out on average, to guess how many there will be. */
#define EXPECTED_LEAF_FILL	0.6

/* Packed nodes are so full, and no tree has more levels of them. */
#define PACKED_FILL		0.9
#define MAX_PACKED_LEVELS	40

/* Rows under slices that are put in the order of their sizes at a time. */
#define SIZES_SORTED		512

/* A cut leaves at least n / this on each side. */
#define DEEPEST_CUT			16

int
vm_min_side(int n, int leaf_capacity)
{
	int			min_side = Max(leaf_capacity / 4, n / DEEPEST_CUT);

	return Max(1, Min(min_side, n / 2));
}

/* Write the pages of a leaf of the rows order[0 .. n-1], whose codes are about center. */
static VmNodeRef
write_leaf_pages(VmNodeWriter *writer, const VmRows *rows, const int *order, int n,
				 const void *center)
{
	const VmTree *tree = writer->tree;
	VmNodeRef	ref;

	if (writer->rewrite_id != 0)
	{
		Buffer		buffer;

		if (writer->delays)
			vm_vacuum_delay_point();
		ref.id = vm_random_node_id();
		buffer = vm_unlinked_leaf(writer->index, tree, ref.id, writer->rewrite_id, center,
								  rows, order, n);
		ref.blkno = BufferGetBlockNumber(buffer);
		UnlockReleaseBuffer(buffer);
	}
	else
	{
		ref.id = writer->next_id++;
		ref.blkno = vm_leaf_build(writer->index, tree, ref.id, center, rows, order, n);
	}
	writer->leaf_pages += vm_leaf_count_pages(&tree->layout, n);
	writer->rows_written += n;
	vm_build_tuples_done(writer->rows_written);
	return ref;
}

/*
 * Write a leaf of the rows order[0 .. n-1].  A root has no entry that could
 * say what its codes are relative to: they are relative to the origin.
 */
static VmBuilt
write_leaf(VmNodeWriter *writer, const VmRows *rows, const int *order, int n, bool is_root)
{
	const VmTree *tree = writer->tree;
	VmBuilt		built = {.level = 0};
	void	   *center = vm_new_point(tree);

	built.volume = vm_new_volume(tree);
	if (is_root && tree->geometry->build_at)
		tree->geometry->build_at(&tree->space, built.volume, center, &rows->points, order, n);
	else
		tree->geometry->build(&tree->space, built.volume, &rows->points, order, n);
	tree->geometry->center(&tree->space, built.volume, center);
	built.ref = write_leaf_pages(writer, rows, order, n, center);
	pfree(center);
	return built;
}

int
vm_write_leaves(VmNodeWriter *writer, const VmRows *rows, int *order, int n, bool is_root,
				VmBuilt *built)
{
	const VmTree *tree = writer->tree;
	int			left;
	int			n_left;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (n <= tree->leaf_capacity)
	{
		built[0] = write_leaf(writer, rows, order, n, is_root);
		return 1;
	}
	left = tree->geometry->split(&tree->space, &rows->points, order, n,
								 vm_min_side(n, tree->leaf_capacity));
	n_left = vm_write_leaves(writer, rows, order, left, false, built);
	return n_left + vm_write_leaves(writer, rows, order + left, n - left, false, built + n_left);
}

/* ---- slices ------------------------------------------------------------ */

void
vm_begin_slices(VmNodeWriter *writer, int64 n_rows, Size memory)
{
	if (vm_tree_has_slices(writer->tree, n_rows))
		writer->slicer = vm_slicer_begin(writer, memory);
}

VmNodeRef
vm_end_slices(VmNodeWriter *writer)
{
	VmNodeRef	last = {InvalidBlockNumber, 0};

	if (writer->slicer)
		last = vm_slicer_finish(writer->slicer);
	writer->slicer = NULL;
	return last;
}

/* Put rows that are alike next to each other: cut them in two until they are a group. */
static void
order_alike(const VmTree *tree, const VmRows *rows, int *order, int n)
{
	int			left;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (n <= VM_SLICE_ROWS)
		return;
	left = tree->geometry->split(&tree->space, &rows->points, order, n,
								 vm_min_side(n, VM_SLICE_ROWS));
	order_alike(tree, rows, order, left);
	order_alike(tree, rows, order + left, n - left);
}

/*
 * Of rows that are alike, so many at a time, put those of about the same size into one
 * group: what a group says rests on its smallest set.  On patients' codes 23 groups are
 * opened for the ten nearest instead of 93, of molecules 10 instead of 33.
 */
static void
order_sizes(const VmRows *rows, int *order)
{
	VmKeyed    *keyed = palloc(sizeof(VmKeyed) * Min(rows->n, SIZES_SORTED));

	for (int done = 0; done < rows->n; done += SIZES_SORTED)
	{
		int			n = Min(rows->n - done, SIZES_SORTED);

		/* those of one size stay as they are */
		for (int i = 0; i < n; i++)
		{
			const VmSketch *sketch = vm_row_record(rows, order[done + i]);

			keyed[i] = (VmKeyed) {(double) sketch->size * n + i, order[done + i]};
		}
		vm_sort_by_key(keyed, n, order + done);
	}
	pfree(keyed);
}

void
vm_write_slices(VmNodeWriter *writer, const VmRows *rows)
{
	const VmTree *tree = writer->tree;
	int			chosen = vm_options_of(writer->index).leaf_size;
	int			most = chosen > 0 ? Min(chosen, tree->layout.capacity) : tree->layout.capacity;
	int		   *order = vm_identity(rows->n);
	void	   *center = vm_new_point(tree);

	/* no part of a group but at the end of a leaf */
	if (most > VM_SLICE_ROWS)
		most -= most % VM_SLICE_ROWS;
	order_alike(tree, rows, order, rows->n);
	order_sizes(rows, order);
	for (int done = 0; done < rows->n; done += most)
	{
		int			n = Min(most, rows->n - done);
		VmNodeRef	leaf = write_leaf_pages(writer, rows, order + done, n, center);

		vm_slicer_add_leaf(writer->slicer, &leaf, rows, order + done, n);
	}
	pfree(center);
	pfree(order);
}

/* ---- inner nodes ------------------------------------------------------- */

/* Write an inner node over children in an index that is in use. */
static void
rewrite_inner(VmNodeWriter *writer, const VmBuilt *children, int n, VmBuilt *built)
{
	VmNodeRef	refs[VM_INNER_MAX_ENTRIES];
	const void *volumes[VM_INNER_MAX_ENTRIES];
	Buffer		buffer;

	for (int i = 0; i < n; i++)
	{
		refs[i] = children[i].ref;
		volumes[i] = children[i].volume;
	}
	built->ref.id = vm_random_node_id();
	buffer = vm_unlinked_inner(writer->index, writer->tree, built->ref.id, writer->rewrite_id,
							   built->level, refs, volumes, n);
	built->ref.blkno = BufferGetBlockNumber(buffer);
	UnlockReleaseBuffer(buffer);
}

/* Write an inner node over children; its volume is left to the caller. */
static VmBuilt
write_inner(VmNodeWriter *writer, const VmBuilt *children, int n)
{
	const VmTree *tree = writer->tree;
	VmBuilt		built = {.level = 1};
	Buffer		buffer;
	Page		page;

	Assert(n >= 1 && n <= tree->inner_capacity);
	for (int i = 0; i < n; i++)
		built.level = Max(built.level, children[i].level + 1);
	if (writer->rewrite_id != 0)
	{
		rewrite_inner(writer, children, n, &built);
		return built;
	}

	buffer = vm_build_page(writer->index, MAIN_FORKNUM);
	page = BufferGetPage(buffer);
	built.ref.blkno = BufferGetBlockNumber(buffer);
	built.ref.id = writer->next_id++;
	vm_page_init(page, VM_PAGE_INNER, VM_PAGE_HEAD, built.ref.id, built.level);
	vm_page_tail(page)->count = n;
	vm_inner_set_bounds(page, tree->entry_size);
	for (int i = 0; i < n; i++)
		vm_inner_set_entry(page, tree->entry_size, i, children[i].ref.blkno, children[i].ref.id,
						   children[i].volume, tree->volume_size);
	vm_build_done(buffer);
	return built;
}

/* A part of the rows: order[start .. start + n - 1]. */
typedef struct Part
{
	int			start;
	int			n;
} Part;

/*
 * How many children the node over n things shall have, if max_one fit a node
 * of the lowest level: alike at all levels, so that parts of uneven size still
 * need no level more.
 */
static int
wanted_children(const VmTree *tree, int n, double max_one)
{
	double		fill = Max(2.0, floor(tree->inner_capacity * VM_BUILD_FILL));
	double		lowest = Max(2.0, ceil(n / max_one));
	int			levels = 1;

	while (pow(fill, levels) < lowest)
		levels++;
	return (int) Min(fill, Max(2.0, ceil(pow(lowest, 1.0 / levels))));
}

/*
 * Cut n things into parts until there are wanted, or more where parts that
 * would fit one child (max_one) are all that is missing; returns how many.
 */
static int
cut_into_parts(const VmTree *tree, const VmPoints *points, int *order, int n,
			   int wanted, int max_one, Part *parts)
{
	int			n_parts = 1;

	parts[0] = (Part) {0, n};
	while (n_parts < tree->inner_capacity)
	{
		int			largest = 0;
		Part	   *part;
		int			left;

		for (int i = 1; i < n_parts; i++)
			if (parts[i].n > parts[largest].n)
				largest = i;
		part = &parts[largest];
		if (part->n <= max_one || (n_parts >= wanted && n / wanted > max_one))
			break;

		/* few children a node and many nodes: keep them balanced */
		left = tree->geometry->split(&tree->space, points, order + part->start, part->n,
									 max_one > 1 ? vm_min_side(part->n, max_one)
									 : Max(1, part->n / 4));
		/* the halves stay neighbours, so that the file is in tree order */
		memmove(part + 1, part, sizeof(Part) * (n_parts - largest));
		part[0].n = left;
		part[1].start += left;
		part[1].n -= left;
		n_parts++;
	}
	return n_parts;
}

/* Write the subtree of the rows order[0 .. n-1]. */
static VmBuilt
write_part(VmNodeWriter *writer, const VmRows *rows, int *order, int n, bool is_root)
{
	const VmTree *tree = writer->tree;
	const VmPoints points = rows->points;
	Part		parts[VM_INNER_MAX_ENTRIES];
	VmBuilt		children[VM_INNER_MAX_ENTRIES] = {{{0}}};
	VmBuilt		built;
	int			n_parts;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (n <= tree->leaf_capacity)
		return write_leaf(writer, rows, order, n, is_root);

	n_parts = cut_into_parts(tree, &points, order, n,
							 wanted_children(tree, n, tree->leaf_capacity * EXPECTED_LEAF_FILL),
							 tree->leaf_capacity, parts);
	for (int i = 0; i < n_parts; i++)
		children[i] = write_part(writer, rows, order + parts[i].start, parts[i].n, false);
	built = write_inner(writer, children, n_parts);
	built.volume = vm_new_volume(tree);
	tree->geometry->build(&tree->space, built.volume, &points, order, n);
	for (int i = 0; i < n_parts; i++)
		pfree(children[i].volume);
	return built;
}

/*
 * Nodes that wait for the one above them, level by level, in the order in which
 * they were cut: neighbours come together, and all nodes but the last of a
 * level are full.
 */
typedef struct Packer
{
	VmNodeWriter *writer;
	int			full;			/* children of a node */
	int			n_levels;
	struct
	{
		int			n;
		VmBuilt		nodes[VM_INNER_MAX_ENTRIES];
	}			levels[MAX_PACKED_LEVELS];
} Packer;

/* Put an inner node above those that wait at a level. */
static VmBuilt
pack_level(Packer *packer, int level)
{
	const VmTree *tree = packer->writer->tree;
	VmBuilt    *nodes = packer->levels[level].nodes;
	int			n = packer->levels[level].n;
	const void *volumes[VM_INNER_MAX_ENTRIES];
	VmBuilt		built = write_inner(packer->writer, nodes, n);

	built.volume = vm_new_volume(tree);
	for (int i = 0; i < n; i++)
		volumes[i] = nodes[i].volume;
	tree->geometry->unite(&tree->space, built.volume, volumes, n);
	for (int i = 0; i < n; i++)
		pfree(nodes[i].volume);
	packer->levels[level].n = 0;
	return built;
}

static void
pack(Packer *packer, int level, const VmBuilt *node)
{
	if (level == packer->n_levels)
		packer->levels[packer->n_levels++].n = 0;
	if (packer->levels[level].n == packer->full)
	{
		VmBuilt		above = pack_level(packer, level);

		pack(packer, level + 1, &above);
	}
	packer->levels[level].nodes[packer->levels[level].n++] = *node;
}

/* Cut the rows into leaves, and pack those. */
static void
pack_rows(Packer *packer, const VmRows *rows, int *order, int n)
{
	const VmTree *tree = packer->writer->tree;
	int			left;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (n <= tree->leaf_capacity)
	{
		VmBuilt		leaf = write_leaf(packer->writer, rows, order, n, false);

		pack(packer, 0, &leaf);
		return;
	}
	left = tree->geometry->split(&tree->space, &rows->points, order, n,
								 vm_min_side(n, tree->leaf_capacity));
	pack_rows(packer, rows, order, left);
	pack_rows(packer, rows, order + left, n - left);
}

/* Write the subtree of rows of more than one leaf in as few inner nodes as will do. */
static VmBuilt
write_packed(VmNodeWriter *writer, const VmRows *rows, int *order)
{
	Packer	   *packer = palloc0(sizeof(Packer));
	VmBuilt		root;

	packer->writer = writer;
	packer->full = Max(2, (int) floor(writer->tree->inner_capacity * PACKED_FILL));
	pack_rows(packer, rows, order, rows->n);
	for (int level = 0; level < packer->n_levels; level++)
	{
		VmBuilt		above;

		if (level == packer->n_levels - 1 && packer->levels[level].n == 1)
			break;
		above = pack_level(packer, level);
		pack(packer, level + 1, &above);
	}
	root = packer->levels[packer->n_levels - 1].nodes[0];
	pfree(packer);
	return root;
}

VmBuilt
vm_write_subtree(VmNodeWriter *writer, const VmRows *rows)
{
	const VmTree *tree = writer->tree;
	int		   *order = vm_identity(rows->n);
	VmBuilt		built;

	if (tree->geometry->full_nodes && rows->n > tree->leaf_capacity)
		built = write_packed(writer, rows, order);
	else
		built = write_part(writer, rows, order, rows->n, true);
	pfree(order);
	return built;
}

/* How many children the node over n nodes shall have: as few pages as will do. */
static int
wanted_upper(const VmTree *tree, int n)
{
	int			fill = Max(2, (int) floor(tree->inner_capacity * VM_BUILD_FILL));
	double		below = 1;

	while (below * fill < n)
		below *= fill;
	return Max(2, (int) ceil(n / below));
}

/* Write the inner nodes over nodes[order[0 .. n-1]], cut by their centers. */
static VmBuilt
write_upper_part(VmNodeWriter *writer, const VmBuilt *nodes, const VmPoints *centers,
				 int *order, int n)
{
	const VmTree *tree = writer->tree;
	Part		parts[VM_INNER_MAX_ENTRIES];
	VmBuilt		children[VM_INNER_MAX_ENTRIES];
	const void *volumes[VM_INNER_MAX_ENTRIES];
	VmBuilt		built;
	int			n_parts;

	check_stack_depth();
	if (n == 1)
		return nodes[order[0]];
	if (n <= tree->inner_capacity)
		n_parts = n;
	else
		n_parts = cut_into_parts(tree, centers, order, n, wanted_upper(tree, n), 1, parts);
	for (int i = 0; i < n_parts; i++)
	{
		if (n_parts == n)
			parts[i] = (Part) {i, 1};
		children[i] = write_upper_part(writer, nodes, centers, order + parts[i].start, parts[i].n);
		volumes[i] = children[i].volume;
	}
	built = write_inner(writer, children, n_parts);
	built.volume = vm_new_volume(tree);
	tree->geometry->unite(&tree->space, built.volume, volumes, n_parts);
	return built;
}

VmBuilt
vm_write_upper(VmNodeWriter *writer, VmBuilt *nodes, int n)
{
	const VmTree *tree = writer->tree;
	Size		stride = MAXALIGN(tree->point_size);
	char	   *x = palloc_extended(stride * n, MCXT_ALLOC_HUGE);
	VmPoints	centers = {tree->space.dim, x, stride};
	int		   *order = vm_identity(n);
	VmBuilt		built;

	for (int i = 0; i < n; i++)
		tree->geometry->center(&tree->space, nodes[i].volume, x + stride * i);
	built = write_upper_part(writer, nodes, &centers, order, n);
	pfree(order);
	pfree(x);
	return built;
}
