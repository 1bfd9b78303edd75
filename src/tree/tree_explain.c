/*
 * src/tree/tree_explain.c
 *		What EXPLAIN ANALYZE says of a scan of our indexes, where the server asks
 *		extensions (PostgreSQL 18): the figures of vectormed_scan_stats(), of this
 *		node of the plan alone, all its loops added up, under the same right.
 */
#include "postgres.h"

#include <math.h>

#include "access/relscan.h"
#include "lib/stringinfo.h"
#include "utils/rel.h"

#include "compat/explain_node.h"
#include "tree/tree_am.h"
#include "tree/tree_explain.h"
#include "tree/tree_scan.h"
#include "tree/tree_scan_stats.h"

/* As "Buffers:" has it: what is 0 and need not be is left out. */
static void
write_line(const VmScanCost *cost, int64 total, VmExplain *to)
{
	const VmSearchCounters *n = &cost->counters;
	StringInfoData words;

	initStringInfo(&words);
	if (n->exact)
		appendStringInfoString(&words, "exact");
	else
		appendStringInfo(&words, "target recall=%g", cost->target_recall);
	appendStringInfo(&words, " nodes=" INT64_FORMAT " leaves=" INT64_FORMAT
					 " scored=" INT64_FORMAT " of " INT64_FORMAT,
					 n->nodes, n->leaves, n->entries_scored, total);
	if (n->rechecks > 0)
		appendStringInfo(&words, " rechecks=" INT64_FORMAT, n->rechecks);
	if (n->late > 0)
		appendStringInfo(&words, " late=" INT64_FORMAT, n->late);
	if (n->prefetched > 0)
		appendStringInfo(&words, " prefetched=" INT64_FORMAT, n->prefetched);
	if (isfinite(n->bound))
		appendStringInfo(&words, " bound=%g", n->bound);
	if (vm_explain_had_workers(to))
		appendStringInfoString(&words, " (without parallel workers)");
	vm_explain_line(to, "Tree", words.data);
	pfree(words.data);
}

static void
explain_scan(IndexScanDesc scan, VmExplain *to)
{
	Relation	index = scan->indexRelation;
	const VmScanCost *cost;
	int64		total;

	if (!vm_is_tree_index(index) || !vm_may_see_cost(index))
		return;
	cost = vm_scan_cost(scan);
	if (!cost->ran)
		return;
	total = vm_entries_in(index);
	write_line(cost, total, to);
	vm_explain_flag(to, "Tree Exact", cost->counters.exact);
	vm_explain_share(to, "Tree Target Recall", cost->target_recall);
	vm_explain_count(to, "Tree Nodes", cost->counters.nodes);
	vm_explain_count(to, "Tree Leaves", cost->counters.leaves);
	vm_explain_count(to, "Tree Entries Scored", cost->counters.entries_scored);
	vm_explain_count(to, "Tree Entries Total", total);
	vm_explain_count(to, "Tree Rechecks", cost->counters.rechecks);
	vm_explain_count(to, "Tree Late", cost->counters.late);
	vm_explain_count(to, "Tree Prefetched", cost->counters.prefetched);
	if (isfinite(cost->counters.bound))
		vm_explain_distance(to, "Tree Bound", cost->counters.bound);
	vm_explain_flag(to, "Tree Complete", !vm_explain_had_workers(to));
}

void
vm_explain_init(void)
{
	vm_explain_scans(explain_scan);
}
