/*
 * src/compat/explain_node.c
 *		Lines of our own in EXPLAIN, by the hook that PG18 has.
 */
#include "postgres.h"

#include "compat/explain_node.h"

#if PG_VERSION_NUM >= 180000

#include "commands/explain.h"
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#include "nodes/execnodes.h"

struct VmExplain
{
	ExplainState *es;
	bool		had_workers;
};

static VmExplainScan explain_scan;
static explain_per_node_hook_type next_hook;

static void
explain_node(PlanState *planstate, List *ancestors, const char *relationship,
			 const char *plan_name, ExplainState *es)
{
	VmExplain	to = {.es = es};
	IndexScanDesc scan = NULL;

	if (next_hook)
		next_hook(planstate, ancestors, relationship, plan_name, es);
	if (!es->analyze)
		return;
	if (IsA(planstate, IndexScanState))
		scan = castNode(IndexScanState, planstate)->iss_ScanDesc;
	else if (IsA(planstate, BitmapIndexScanState))
		scan = castNode(BitmapIndexScanState, planstate)->biss_ScanDesc;
	to.had_workers = planstate->worker_instrument != NULL &&
		planstate->worker_instrument->num_workers > 0;
	if (scan != NULL)
		explain_scan(scan, &to);
}

void
vm_explain_scans(VmExplainScan callback)
{
	explain_scan = callback;
	next_hook = explain_per_node_hook;
	explain_per_node_hook = explain_node;
}

void
vm_explain_line(VmExplain *to, const char *label, const char *words)
{
	if (to->es->format == EXPLAIN_FORMAT_TEXT)
		ExplainPropertyText(label, words, to->es);
}

void
vm_explain_count(VmExplain *to, const char *label, int64 n)
{
	if (to->es->format != EXPLAIN_FORMAT_TEXT)
		ExplainPropertyInteger(label, NULL, n, to->es);
}

void
vm_explain_share(VmExplain *to, const char *label, double share)
{
	if (to->es->format != EXPLAIN_FORMAT_TEXT)
		ExplainPropertyFloat(label, NULL, share, 4, to->es);
}

void
vm_explain_distance(VmExplain *to, const char *label, double distance)
{
	if (to->es->format != EXPLAIN_FORMAT_TEXT)
		ExplainPropertyFloat(label, NULL, distance, 6, to->es);
}

void
vm_explain_flag(VmExplain *to, const char *label, bool flag)
{
	if (to->es->format != EXPLAIN_FORMAT_TEXT)
		ExplainPropertyBool(label, flag, to->es);
}

bool
vm_explain_had_workers(VmExplain *to)
{
	return to->had_workers;
}

#else

void
vm_explain_scans(VmExplainScan callback)
{
}

void
vm_explain_line(VmExplain *to, const char *label, const char *words)
{
}

void
vm_explain_count(VmExplain *to, const char *label, int64 n)
{
}

void
vm_explain_share(VmExplain *to, const char *label, double share)
{
}

void
vm_explain_distance(VmExplain *to, const char *label, double distance)
{
}

void
vm_explain_flag(VmExplain *to, const char *label, bool flag)
{
}

bool
vm_explain_had_workers(VmExplain *to)
{
	return false;
}

#endif							/* PG_VERSION_NUM >= 180000 */
