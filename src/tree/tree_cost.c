/*
 * src/tree/tree_cost.c
 *		amcostestimate, from the index's own figures.
 *
 * An ordered scan pays for the leaves around the query before it returns the
 * first row, and then for each further one, less and less.  How many pages for
 * ten rows and for a thousand, at each target recall, the index knows: the build,
 * or VACUUM, measured it.  How many rows are wanted, a LIMIT and the filters above the scan say; the
 * planner takes costs to rise evenly from the first row to the last, so that
 * the last's is set to make them right there.  A radius condition reads the
 * share of leaves that its selectivity says.  What was measured is without
 * weights: of an order by weights, what they are says how much more it reads.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "access/sysattr.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/spccache.h"

#include "compat/pg_compat.h"
#include "compat/reorder_queue.h"
#include "tree/tree_am.h"
#include "tree/tree_options.h"
#include "tree/tree_recall.h"
#include "types/weighted.h"

/* Where nothing has been measured. */
#define DEFAULT_OPENED_SHARE	0.05

/* Of the leaves that a radius search opens, so many hold no match. */
#define RADIUS_OVERHEAD			2.0

#define LOG2(x)					(log(x) / 0.693147180559945)

/* More than any plan costs, disabled ones included; infinity would make NaN. */
#define IMPOSSIBLE_COST			1.0e20

/* What the metapage knows, scaled to the index's present size. */
typedef struct Figures
{
	double		leaf_pages;
	double		opened_share;	/* for VM_NEAR_NEIGHBOURS rows, at the session's target */
	double		opened_far;		/* for VM_FAR_NEIGHBOURS */
	bool		bounds;			/* distances are rechecked: rows wait in a queue */
	bool		approximate;	/* scans without a radius are */
	bool		slices;			/* a search reads these whatever it looks for */
	int			height;
} Figures;

/* Does a path order by a distance with weights? */
static bool
orders_by_weights(const IndexPath *path)
{
	int			strategy;
	Oid			left;
	Oid			right;

	if (path->indexorderbys == NIL)
		return false;
	get_op_opfamily_properties(linitial_node(OpExpr, path->indexorderbys)->opno,
							   path->indexinfo->opfamily[0], true, &strategy, &left, &right);
	return strategy == VM_STRATEGY_ORDER_WEIGHTED;
}

/* The weights by which it does, if the planner knows them. */
static bool
known_weights(const IndexPath *path, VmWeighted *weighted)
{
	const Const *query = lsecond(linitial_node(OpExpr, path->indexorderbys)->args);

	return IsA(query, Const) && !query->constisnull &&
		vm_weighted_decode(query->constvalue, weighted);
}

/*
 * The share of leaf pages that a search by weights opens, from that of one without.
 * A tree is cut along all axes, and what few of them say prunes less: a share s becomes
 * s to the power of 1 - (1 - f)^1.5.  f is the share of the features that count: of the
 * fourth roots r of n weights (sum r)^2 / (n sum r^2), which is 1 where they are equal
 * and 1 / n where all but one are 0.  Power and root were fitted to random weights, with
 * zeros and without, under L2 and L1 on three tables (test/bench/README.md, "Weights
 * chosen by the query"), where this is within a factor of two of what was measured.
 */
static double
share_by_weights(double share, const VmWeighted *weighted)
{
	double		sum = 0;
	double		squares = 0;

	for (int i = 0; i < weighted->dim; i++)
	{
		double		root = sqrt(sqrt(weighted->weights[i]));

		sum += root;
		squares += root * root;
	}
	if (share <= 0 || share >= 1 || squares == 0)
		return share;
	return pow(share, 1 - pow(1 - Min(1.0, sum * sum / (weighted->dim * squares)), 1.5));
}

/* Make the figures those of an order by weights. */
static void
weigh_figures(Figures *figures, const IndexPath *path)
{
	double		rows = Max(1.0, path->indexinfo->tuples);
	VmWeighted	weighted;
	bool		zero = true;

	if (!known_weights(path, &weighted))
		return;
	for (int i = 0; i < weighted.dim; i++)
		zero = zero && weighted.weights[i] == 0;
	if (zero)
	{
		/* all rows are at 0: the scan reads as many as are wanted */
		figures->opened_share = VM_NEAR_NEIGHBOURS / rows;
		figures->opened_far = VM_FAR_NEIGHBOURS / rows;
		return;
	}
	figures->opened_share = share_by_weights(figures->opened_share, &weighted);
	figures->opened_far = share_by_weights(figures->opened_far, &weighted);
}

static Figures
read_figures(const IndexPath *path, bool has_radius)
{
	const IndexOptInfo *info = path->indexinfo;
	bool		by_weights = orders_by_weights(path);
	int			row = VM_RECALL_TARGETS;
	VmMetaData	meta = {.opened.near[0] = -1};
	Figures		figures = {.bounds = true, .opened_share = DEFAULT_OPENED_SHARE, .opened_far = DEFAULT_OPENED_SHARE};

	/* an index that an advisor supposes has no pages */
	if (!info->hypothetical)
	{
		Relation	index = index_open(info->indexoid, NoLock);
		VmTree		tree;

		vm_meta_read(index, &meta);
		vm_tree_open(index, &tree);
		/* while there is no vector nobody knows what will be kept of it */
		figures.slices = tree.slices.id != 0;
		figures.bounds = tree.space.dim == 0 || !tree.codec->final(&tree.space);
		if (!by_weights)
			row = vm_recall_row(&meta.recall, vm_target_recall_of(index, tree.geometry),
							vm_meta_now(&meta, meta.counted_tree_rows, info->pages));
		index_close(index, NoLock);
	}
	figures.leaf_pages = Max(1.0, vm_meta_now(&meta, meta.counted_leaf_pages,
											  Max(info->pages, meta.counted_blocks)));
	if (meta.counted_blocks <= 1)
		figures.leaf_pages = Max(1.0, (double) info->pages - 1);
	figures.approximate = row < VM_RECALL_TARGETS;
	if (meta.opened.near[0] >= 0)
	{
		/* a radius is kept exactly whatever the target */
		row = has_radius ? VM_RECALL_TARGETS : row;
		figures.opened_share = meta.opened.near[row];
		figures.opened_far = meta.opened.far[row];
	}
	if (by_weights)
		weigh_figures(&figures, path);
	figures.height = 1 + (int) ceil(log(figures.leaf_pages) / log(VM_INNER_MAX_ENTRIES / 2));
	return figures;
}

/*
 * How many rows the scan will be asked for: as many as the LIMIT says, times
 * what the filters above it throw away.
 */
static double
rows_wanted(PlannerInfo *root, RelOptInfo *rel, double rows)
{
	if (root->limit_tuples <= 0 || rel->rows <= 0)
		return rows;
	return Min(rows, root->limit_tuples * Max(1.0, rows / rel->rows));
}

/* The share of all leaf pages that so many rows take, which may be more than 1. */
static double
opened_for(const Figures *figures, double wanted)
{
	double		near = Max(figures->opened_share, 1e-9);
	double		far = Max(figures->opened_far, near);
	double		power = log(far / near) / log((double) VM_FAR_NEIGHBOURS / VM_NEAR_NEIGHBOURS);

	if (wanted <= VM_NEAR_NEIGHBOURS)
		return figures->opened_share;
	return near * pow(wanted / VM_NEAR_NEIGHBOURS, power);
}

/* Does anything above the scan, or a condition of it, want the rows' ctid? */
static bool
wants_ctid(const RelOptInfo *rel)
{
	Bitmapset  *attributes = NULL;
	ListCell   *cell;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &attributes);
	foreach(cell, rel->baserestrictinfo)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, cell)->clause, rel->relid, &attributes);
	return bms_is_member(SelfItemPointerAttributeNumber - FirstLowInvalidHeapAttributeNumber,
						 attributes);
}

/*
 * What it costs to read so many pages of the index, with the CPU that each takes.
 * A leaf's pages lie together, so that the more of all pages a search reads, the
 * less does one cost: as the server has it for the heap pages of a bitmap.  Of an
 * index that is not in memory, 6, 13 and 87 % of the pages were measured at 2.6, 2.8
 * and 1.4 times what a sequential scan pays for one; this says 3.3, 2.9 and 1.2.
 * Pages that are read again, as for a thousandth row, are in memory.
 */
static Cost
cost_of_pages(const IndexOptInfo *info, double pages, double cpu_each)
{
	double		random_cost;
	double		sequential_cost;
	double		from_disk = Min(pages, Max(1.0, (double) info->pages));
	double		share = from_disk / Max(1.0, (double) info->pages);

	get_tablespace_page_costs(info->reltablespace, &random_cost, &sequential_cost);
	return from_disk * (random_cost - (random_cost - sequential_cost) * sqrt(share)) +
		pages * cpu_each;
}

/* What the operators cost with which the executor checks a row again that the index returns. */
static Cost
cost_of_recheck(PlannerInfo *root, const IndexPath *path, List *quals, const Figures *figures)
{
	QualCost	cost;

	if (!figures->bounds)
		return 0;
	cost_qual_eval(&cost, list_concat_copy(quals, path->indexorderbys), root);
	return cost.per_tuple;
}

void
vm_amcostestimate(PlannerInfo *root, IndexPath *path, double loop_count,
				  Cost *startup_cost, Cost *total_cost, Selectivity *selectivity,
				  double *correlation, double *pages)
{
	IndexOptInfo *info = path->indexinfo;
	List	   *quals = get_quals_from_indexclauses(path->indexclauses);
	double		tuples = Max(1.0, info->tuples);
	double		cpu_each;		/* of a page */
	double		first_pages;	/* read before the first row */
	double		all_pages;		/* read to the end */
	Figures		figures = read_figures(path, quals != NIL);

	*selectivity = clauselist_selectivity(root, add_predicate_to_index_quals(info, quals),
										  info->rel->relid, JOIN_INNER, NULL);
	/* one distance an entry and condition: no call of the operator's function, so not its cost */
	cpu_each = tuples / figures.leaf_pages * cpu_operator_cost *
		Max(1, list_length(quals) + list_length(path->indexorderbys));

	all_pages = figures.height + figures.leaf_pages;
	if (quals != NIL)
		all_pages = figures.height +
			Min(1.0, clauselist_selectivity(root, quals, info->rel->relid, JOIN_INNER, NULL) *
				RADIUS_OVERHEAD) * figures.leaf_pages;
	if (quals != NIL && figures.slices)
		all_pages += figures.opened_share * figures.leaf_pages;
	first_pages = figures.height;
	if (path->indexorderbys != NIL)
		first_pages += figures.opened_share * figures.leaf_pages;
	first_pages = Min(Max(first_pages, 1.0), all_pages);

	*startup_cost = cost_of_pages(info, first_pages, cpu_each);
	*total_cost = Max(*startup_cost, cost_of_pages(info, all_pages, cpu_each)) +
		*selectivity * tuples * (cpu_index_tuple_cost + cost_of_recheck(root, path, quals, &figures));
	if (path->indexorderbys != NIL)
	{
		double		wanted = rows_wanted(root, info->rel, *selectivity * tuples);
		double		more_pages = (opened_for(&figures, wanted) - figures.opened_share) *
			figures.leaf_pages;

		if (wanted < *selectivity * tuples)
			*total_cost = Max(*total_cost, *startup_cost +
							  (cost_of_pages(info, first_pages + more_pages, cpu_each) -
							   *startup_cost) * (*selectivity * tuples / wanted));
		else if (figures.approximate && quals == NIL)
			/* to the very end: what was left out is found by walking all, and sorts */
			*total_cost += cost_of_pages(info, all_pages, cpu_each) +
				tuples * LOG2(tuples + 1) * cpu_operator_cost * 4;
	}
	*correlation = 0;
	*pages = all_pages;

	/*
	 * A queue that forgets ctids is no place for rows that are wanted by it.
	 *
	 * The planner offers to count rows by any index.  An index-only scan
	 * trusts the visibility map, which is right only while it pins the page
	 * that a TID came from; our scans pin nothing, so it would count the dead.
	 */
	if (path->path.pathtype == T_IndexOnlyScan ||
		(path->indexorderbys != NIL &&
		 (figures.bounds || list_length(path->indexorderbys) > 1) &&
		 wants_ctid(info->rel) && vm_queue_forgets_ctid()))
	{
		*startup_cost = *total_cost = IMPOSSIBLE_COST;
		vm_disable_path(&path->path);
	}
}
