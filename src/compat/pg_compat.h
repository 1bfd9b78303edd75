/*
 * src/compat/pg_compat.h
 *		Every difference between the PostgreSQL majors we support, 15 to 18.
 *
 * Code is written for the newest major; each block makes the older ones look
 * like it.  Only files of src/compat may ask PG_VERSION_NUM (test/style checks
 * it).  Drop a block whole when its major is dropped.
 */
#ifndef VM_PG_COMPAT_H
#define VM_PG_COMPAT_H

#include "postgres.h"
#include "fmgr.h"

/* PG18: EXPLAIN counts the searches of an index scan. */
#if PG_VERSION_NUM >= 180000
#define vm_count_index_search(scan) \
	do { if ((scan)->instrument) (scan)->instrument->nsearches++; } while (0)
#else
#define vm_count_index_search(scan) ((void) 0)
#endif

/* PG18: of two paths the one with fewer disabled nodes wins, whatever the costs. */
#if PG_VERSION_NUM >= 180000
#define vm_disable_path(path) ((path)->disabled_nodes = 2)
#else
#define vm_disable_path(path) ((void) 0)
#endif

/* PG18: vacuum_delay_point() is told whether ANALYZE is calling. */
#if PG_VERSION_NUM >= 180000
#define vm_vacuum_delay_point() vacuum_delay_point(false)
#define vm_analyze_delay_point() vacuum_delay_point(true)
#else
#define vm_vacuum_delay_point() vacuum_delay_point()
#define vm_analyze_delay_point() vacuum_delay_point()
#endif

/* PG18: PG_MODULE_MAGIC_EXT names the module and its version. */
#if PG_VERSION_NUM >= 180000
#define VM_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "vectormed", .version = "1.0")
#else
#define VM_MODULE_MAGIC PG_MODULE_MAGIC
#endif

/* PG18: pg_noreturn, before the prototype. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn _Noreturn
#endif

/*
 * PG17: index_build() plans workers for every access method that says it can
 * use them, before it only did for btree.
 */
#if PG_VERSION_NUM >= 170000
#define vm_set_can_build_parallel(am) ((am)->amcanbuildparallel = true)
#define vm_planned_workers(heap, index, info) ((info)->ii_ParallelWorkers)
#else
#include "optimizer/optimizer.h"
#define vm_set_can_build_parallel(am) ((void) (am))
#define vm_planned_workers(heap, index, info) \
	plan_create_index_workers(RelationGetRelid(heap), RelationGetRelid(index))
#endif

/* PG17: code of a table's owner runs with a safe search_path. */
#if PG_VERSION_NUM >= 170000
#include "utils/guc.h"
#define vm_restrict_search_path() RestrictSearchPath()
#else
#define vm_restrict_search_path() ((void) 0)
#endif

/* PG17: what kind of process this is, is asked by macros of one kind. */
#if PG_VERSION_NUM < 170000
#include "postmaster/autovacuum.h"
#define AmAutoVacuumWorkerProcess() IsAutoVacuumWorkerProcess()
#endif

/* PG16: one function tells the owner of any kind of object. */
#if PG_VERSION_NUM >= 160000
#define vm_owns_relation(oid, role) object_ownercheck(RelationRelationId, oid, role)
#else
#define vm_owns_relation(oid, role) pg_class_ownercheck(oid, role)
#endif

/* PG17: old_snapshot_threshold is gone, and with it the test of each page read. */
#if PG_VERSION_NUM < 170000
#include "storage/bufmgr.h"
#include "utils/snapmgr.h"
#define vm_test_for_old_snapshot(snapshot, relation, page) \
	TestForOldSnapshot(snapshot, relation, page)
#else
#define vm_test_for_old_snapshot(snapshot, relation, page) ((void) 0)
#endif

/*
 * PG17: ReadRecentBuffer() counts as a use of the page.  Before it did not, and
 * pages that are only read that way would be the first to be evicted; so the
 * use is counted here as PinBuffer() would, but for trying again where somebody
 * else changes the state just then.  PG16: the file of a relation got another
 * name.
 */
#include "storage/bufmgr.h"
#include "utils/rel.h"
#if PG_VERSION_NUM >= 170000
#define vm_read_recent_buffer(index, blkno, buffer) \
	ReadRecentBuffer((index)->rd_locator, MAIN_FORKNUM, blkno, buffer)
#else
#include "storage/buf_internals.h"
#if PG_VERSION_NUM >= 160000
#define vm_relation_file(relation) ((relation)->rd_locator)
#else
#define vm_relation_file(relation) ((relation)->rd_node)
#endif
static inline bool
vm_read_recent_buffer(Relation index, BlockNumber blkno, Buffer buffer)
{
	BufferDesc *desc;
	uint32		state;

	if (!ReadRecentBuffer(vm_relation_file(index), MAIN_FORKNUM, blkno, buffer))
		return false;
	desc = GetBufferDescriptor(buffer - 1);
	state = pg_atomic_read_u32(&desc->state);
	if ((state & BM_LOCKED) == 0 && BUF_STATE_GET_USAGECOUNT(state) < BM_MAX_USAGE_COUNT)
		(void) pg_atomic_compare_exchange_u32(&desc->state, &state, state + BUF_USAGECOUNT_ONE);
	return true;
}
#endif

/* PG16: a sort is told whether to copy the datum that it gives; one by value is no matter. */
#if PG_VERSION_NUM >= 160000
#define vm_tuplesort_getdatum(sort, value, isnull) \
	tuplesort_getdatum(sort, true, false, value, isnull, NULL)
#else
#define vm_tuplesort_getdatum(sort, value, isnull) \
	tuplesort_getdatum(sort, true, value, isnull, NULL)
#endif

/* PG16: reading less of a temporary file than was asked for is an error by itself. */
#if PG_VERSION_NUM < 160000
#include "storage/buffile.h"
static inline void
BufFileReadExact(BufFile *file, void *ptr, size_t size)
{
	size_t		n = BufFileRead(file, ptr, size);

	if (n != size)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from temporary file: read only %zu of %zu bytes",
						n, size)));
}
#endif

/* PG16: the varlena macros moved to a header of their own. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/*
 * PG16: soft errors.  Before it, an input function has no error context to
 * save to, and reporting softly is reporting.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "parser/parse_type.h"
#define vm_escontext(fcinfo) ((fcinfo)->context)
#define vm_parse_type_name(name, type, typmod, context) \
	parseTypeString(name, type, typmod, context)
#define vm_input_function_call(flinfo, text, typioparam, typmod, context, result) \
	InputFunctionCallSafe(flinfo, text, typioparam, typmod, context, result)
#else
#include "parser/parse_type.h"
#define vm_escontext(fcinfo) NULL
#define vm_parse_type_name(name, type, typmod, context) \
	((void) (context), parseTypeString(name, type, typmod, false), true)
#define vm_input_function_call(flinfo, text, typioparam, typmod, context, result) \
	((void) (context), *(result) = InputFunctionCall(flinfo, text, typioparam, typmod), true)
#define ereturn(context, dummy, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy; \
	} while (0)
#define SOFT_ERROR_OCCURRED(context) (false)
#endif

#endif							/* VM_PG_COMPAT_H */
