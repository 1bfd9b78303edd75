/*
 * src/tree/tree_cost.c
 *		amcostestimate, from the index's own figures.
 *
 * An ordered scan pays for the leaves around the query before it returns the
 * first row, and then little for each further one.  How many leaves, the index
 * knows: opened_share was measured by the build, or by VACUUM.  A radius
 * condition reads the share of leaves that its selectivity says.
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/selfuncs.h"
#include "utils/spccache.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"

/* Where nothing has been measured. */
#define DEFAULT_OPENED_SHARE	0.05

/* Of the leaves that a radius search opens, so many hold no match. */
#define RADIUS_OVERHEAD			2.0

/* More than any plan costs, disabled ones included; infinity would make NaN. */
#define IMPOSSIBLE_COST			1.0e20

/* What the metapage knows, scaled to the index's present size. */
typedef struct Figures
{
	double		leaf_pages;
	double		opened_share;
	int			height;
} Figures;

static Figures
read_figures(IndexOptInfo *info)
{
	VmMetaData	meta = {.opened_share = -1};
	Figures		figures;

	/* an index that an advisor supposes has no pages */
	if (!info->hypothetical)
	{
		Relation	index = index_open(info->indexoid, NoLock);

		vm_meta_read(index, &meta);
		index_close(index, NoLock);
	}
	figures.leaf_pages = Max(1.0, meta.counted_leaf_pages);
	if (meta.counted_blocks > 1 && info->pages > meta.counted_blocks)
		figures.leaf_pages *= (double) (info->pages - 1) / (meta.counted_blocks - 1);
	else if (meta.counted_blocks <= 1)
		figures.leaf_pages = Max(1.0, (double) info->pages - 1);
	figures.opened_share = meta.opened_share >= 0 ? meta.opened_share : DEFAULT_OPENED_SHARE;
	figures.height = 1 + (int) ceil(log(figures.leaf_pages) / log(VM_INNER_MAX_ENTRIES / 2));
	return figures;
}

void
vm_amcostestimate(PlannerInfo *root, IndexPath *path, double loop_count,
				  Cost *startup_cost, Cost *total_cost, Selectivity *selectivity,
				  double *correlation, double *pages)
{
	IndexOptInfo *info = path->indexinfo;
	List	   *quals = get_quals_from_indexclauses(path->indexclauses);
	double		tuples = Max(1.0, info->tuples);
	double		entries_each;
	double		first_pages;	/* read before the first row */
	double		all_pages;		/* read to the end */
	double		random_page_cost_here;
	double		cpu_per_entry;
	Figures		figures = read_figures(info);

	*selectivity = clauselist_selectivity(root, add_predicate_to_index_quals(info, quals),
										  info->rel->relid, JOIN_INNER, NULL);
	get_tablespace_page_costs(info->reltablespace, &random_page_cost_here, NULL);
	entries_each = tuples / figures.leaf_pages;

	/* one distance an entry and condition: no call of the operator's function, so not its cost */
	cpu_per_entry = cpu_operator_cost *
		Max(1, list_length(quals) + list_length(path->indexorderbys));

	all_pages = figures.height + figures.leaf_pages;
	if (quals != NIL)
		all_pages = figures.height +
			Min(1.0, clauselist_selectivity(root, quals, info->rel->relid, JOIN_INNER, NULL) *
				RADIUS_OVERHEAD) * figures.leaf_pages;
	first_pages = path->indexorderbys != NIL
		? figures.height + figures.opened_share * figures.leaf_pages : figures.height;
	first_pages = Min(Max(first_pages, 1.0), all_pages);

	*startup_cost = first_pages * (random_page_cost_here + entries_each * cpu_per_entry);
	*total_cost = *startup_cost +
		(all_pages - first_pages) * (random_page_cost_here + entries_each * cpu_per_entry) +
		*selectivity * tuples * cpu_index_tuple_cost;
	*correlation = 0;
	*pages = all_pages;

	/*
	 * The planner offers to count rows by any index.  An index-only scan
	 * trusts the visibility map, which is right only while it pins the page
	 * that a TID came from; our scans pin nothing, so it would count the dead.
	 */
	if (path->path.pathtype == T_IndexOnlyScan)
	{
		*startup_cost = *total_cost = IMPOSSIBLE_COST;
		vm_disable_path(&path->path);
	}
}
