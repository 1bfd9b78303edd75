/*
 * src/tree/tree_parallel.c
 *		A build by several processes, after nbtsort.c of the server.
 *
 * The leader and its workers go through phases, and a barrier parts them.  A
 * worker that is late joins in the phase that it finds.
 *
 *	LOAD	all read the table and write encoded rows to shared tuplestores
 *	PLAN	the leader reads the sample and begins the clusters, in memory that
 *			all attach; the sample's points are written to a shared file, since
 *			many a machine has little shared memory
 *	TRAIN	all train clusters, cell by cell
 *	ASSIGN	all read the rows, and sort them by cluster
 *	WRITE	the leader merges what all have sorted, and writes the index
 *
 * What the index becomes does not depend on who does what: the sample is chosen
 * by TID, each cell is trained by one process alone, and rows are sorted.
 *
 * Where there is no segment to be had, or the rows are those of one leaf, the
 * leader goes on alone after LOAD.
 */
#include "postgres.h"

#include <fcntl.h>

#include "access/genam.h"
#include "access/parallel.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "executor/instrument.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/barrier.h"
#include "storage/buffile.h"
#include "storage/bufmgr.h"
#include "storage/sharedfileset.h"
#include "storage/spin.h"
#include "tcop/tcopprot.h"
#include "utils/snapmgr.h"

#include "compat/pg_compat.h"
#include "tree/tree_am.h"
#include "tree/tree_load.h"
#include "tree/tree_parallel.h"
#include "tree/tree_parts.h"
#include "tree/tree_spill.h"

#define KEY_SHARED			UINT64CONST(0xD000000000000001)
#define KEY_SCAN			UINT64CONST(0xD000000000000002)
#define KEY_ROWS			UINT64CONST(0xD000000000000003)
#define KEY_SAMPLE			UINT64CONST(0xD000000000000004)
#define KEY_SORT			UINT64CONST(0xD000000000000005)
#define KEY_QUERY			UINT64CONST(0xD000000000000006)
#define KEY_WAL_USAGE		UINT64CONST(0xD000000000000007)
#define KEY_BUFFER_USAGE	UINT64CONST(0xD000000000000008)

/* Of the build's memory, the share of all sorts together, and of the merge. */
#define SORTS_SHARE		2
#define MERGE_SHARE		4

/* In the shared files: the sample's points, by cells. */
#define POINTS_FILE		"points"

/* What the barrier counts. */
enum
{
	PHASE_LOAD,
	PHASE_PLAN,
	PHASE_TRAIN,
	PHASE_ASSIGN,
	PHASE_WRITE
};

typedef struct Shared
{
	/* set before workers start */
	Oid			heap;
	Oid			index;
	int			kind;			/* of the geometry */
	int			dim;
	int			codec;			/* its id: the leader may have tried what is best */
	bool		concurrent;
	int			max_participants;
	Size		memory;
	SharedFileSet files;		/* of the tuplestores */
	Barrier		barrier;
	VmSampler	sampler;
	pg_atomic_uint64 assigned;

	/* set by the leader in PLAN, read later */
	dsm_handle	segment;
	int64		n_rows;

	slock_t		mutex;			/* protects what follows */
	double		heap_rows;		/* sums of what each has seen */
	int64		loaded;
	int64		indexed;
	bool		broken_hot_chain;
	int			n_sorts;
} Shared;

/* A process that takes part, the leader too. */
typedef struct Participant
{
	Shared	   *shared;
	Sharedsort *sort;
	ParallelTableScanDesc scan;
	Relation	heap;
	Relation	index;
	VmTree		tree;
	bool		is_leader;
	SharedTuplestoreAccessor *rows;
	SharedTuplestoreAccessor *sample_rows;
	VmSpill    *spill;
	VmParts		parts;
	dsm_segment *segment;		/* NULL: the leader goes on alone */
} Participant;

typedef struct Leader
{
	ParallelContext *context;
	Participant participant;
	Snapshot	snapshot;
	WalUsage   *wal_usage;
	BufferUsage *buffer_usage;
} Leader;

static void
wait_for_all(Participant *me)
{
	BarrierArriveAndWait(&me->shared->barrier, WAIT_EVENT_PARALLEL_CREATE_INDEX_SCAN);
}

/* ---- LOAD -------------------------------------------------------------- */

static void
spill_row(void *state, int part, ItemPointer tid, const void *record)
{
	vm_spill_add(state, part, tid, record);
}

static void
load(Participant *me)
{
	Shared	   *shared = me->shared;
	IndexInfo  *info = BuildIndexInfo(me->index);
	VmLoader	loader = {
		.index = me->index,
		.tree = &me->tree,
		.add = spill_row,
		.state = me->spill,
	};
	double		heap_rows;

	info->ii_Concurrent = shared->concurrent;
	heap_rows = vm_load(&loader, me->heap, info, me->is_leader,
						table_beginscan_parallel(me->heap, me->scan));
	vm_spill_end_load(me->spill);

	SpinLockAcquire(&shared->mutex);
	shared->heap_rows += heap_rows;
	shared->loaded += loader.n_rows;
	shared->indexed += loader.n_indexed;
	shared->broken_hot_chain |= info->ii_BrokenHotChain;
	SpinLockRelease(&shared->mutex);
}

/* ---- PLAN and TRAIN ---------------------------------------------------- */

/* Write the sample's points in the order of its numbers: cell by cell. */
static void
share_sample(Participant *me, const VmSample *sample)
{
	BufFile    *file = BufFileCreateFileSet(&me->shared->files.fs, POINTS_FILE);

	for (int i = 0; i < sample->n; i++)
		BufFileWrite(file, (void *) vm_point(&sample->points, sample->numbers[i]),
					 sample->points.stride);
	BufFileExportFileSet(file);
	BufFileClose(file);
}

/*
 * Begin the clusters; nothing where there are none to be, or no memory that
 * workers could see.
 */
static void
plan(Participant *me)
{
	Shared	   *shared = me->shared;
	const VmSpace *space = &me->tree.space;
	VmClusterPlan plan;
	VmSample	sample;

	shared->n_rows = shared->loaded;
	vm_parts_init(&me->parts, &me->tree, shared->memory, shared->n_rows);
	if (!vm_parts_clustered(&me->parts))
		return;
	plan = vm_parts_plan(&me->parts);
	me->segment = dsm_create(vm_clusters_room(space, &plan), DSM_CREATE_NULL_IF_MAXSEGMENTS);
	if (me->segment == NULL)
		return;
	vm_spill_read_sample(me->spill, &sample);
	me->parts.clusters = vm_clusters_begin(space, dsm_segment_address(me->segment),
										   &sample, &plan);
	share_sample(me, &sample);
	vm_spill_free_sample(&sample);
	shared->segment = dsm_segment_handle(me->segment);
}

/* See what the leader has planned; false where there is nothing to help with. */
static bool
join_plan(Participant *me)
{
	Shared	   *shared = me->shared;

	if (shared->segment == DSM_HANDLE_INVALID)
		return false;
	me->segment = dsm_attach(shared->segment);
	if (me->segment == NULL)
		elog(ERROR, "could not map dynamic shared memory segment");
	vm_parts_init(&me->parts, &me->tree, shared->memory, shared->n_rows);
	me->parts.clusters = vm_clusters_attach(dsm_segment_address(me->segment));
	return true;
}

/* Train cells, until all are. */
static void
train(Participant *me)
{
	BufFile    *file = BufFileOpenFileSet(&me->shared->files.fs, POINTS_FILE, O_RDONLY, false);
	Size		stride = MAXALIGN(me->tree.point_size);
	VmCellClaim claim;

	while (vm_clusters_claim(me->parts.clusters, &claim))
	{
		Size		size = stride * claim.n_points;
		VmPoints	points = {me->tree.space.dim, palloc_extended(size, MCXT_ALLOC_HUGE), stride};
		int		   *numbers = vm_identity(claim.n_points);

		if (BufFileSeek(file, 0, (off_t) (stride * claim.first_point), SEEK_SET) != 0 ||
			BufFileRead(file, (void *) points.base, size) != size)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not read temporary file of index build")));
		vm_clusters_train(me->parts.clusters, &claim, &points, numbers);
		pfree(numbers);
		pfree((void *) points.base);
	}
	BufFileClose(file);
}

/* ---- ASSIGN ------------------------------------------------------------ */

static void
assign(Participant *me)
{
	Shared	   *shared = me->shared;
	SortCoordinateData coordinate = {
		.isWorker = true,
		.nParticipants = -1,
		.sharedsort = me->sort,
	};
	Tuplesortstate *sort;

	vm_clusters_finish(me->parts.clusters);
	sort = vm_spill_sort_begin(me->spill, shared->memory / SORTS_SHARE / shared->max_participants,
							   &coordinate);
	vm_spill_sort(me->spill, &me->parts, sort);
	tuplesort_end(sort);
	SpinLockAcquire(&shared->mutex);
	shared->n_sorts++;
	SpinLockRelease(&shared->mutex);
}

/* ---- participants ------------------------------------------------------ */

static void
begin_spill(Participant *me)
{
	VmSharedSpill shared = {
		.sampler = &me->shared->sampler,
		.rows = me->rows,
		.sample = me->sample_rows,
		.assigned = &me->shared->assigned,
	};

	me->spill = vm_spill_begin(&me->tree, me->shared->memory, &shared);
}

/* What a worker does, from the phase on that it finds. */
static void
work(Participant *me)
{
	Barrier    *barrier = &me->shared->barrier;
	int			phase = BarrierAttach(barrier);

	if (phase == PHASE_LOAD)
	{
		load(me);
		wait_for_all(me);
		phase = PHASE_PLAN;
	}
	if (phase == PHASE_PLAN)
	{
		wait_for_all(me);
		phase = PHASE_TRAIN;
	}
	if (phase < PHASE_WRITE && join_plan(me))
	{
		if (phase == PHASE_TRAIN)
		{
			train(me);
			wait_for_all(me);
		}
		assign(me);
		vm_parts_free(&me->parts);
		dsm_detach(me->segment);
	}
	BarrierDetach(barrier);
}

void
vm_build_worker_main(dsm_segment *segment, shm_toc *toc)
{
	Shared	   *shared = shm_toc_lookup(toc, KEY_SHARED, false);
	LOCKMODE	heap_lock = shared->concurrent ? ShareUpdateExclusiveLock : ShareLock;
	LOCKMODE	index_lock = shared->concurrent ? RowExclusiveLock : AccessExclusiveLock;
	int			number = ParallelWorkerNumber + 1;
	Participant me = {.shared = shared};
	WalUsage   *wal_usage = shm_toc_lookup(toc, KEY_WAL_USAGE, false);
	BufferUsage *buffer_usage = shm_toc_lookup(toc, KEY_BUFFER_USAGE, false);

	debug_query_string = shm_toc_lookup(toc, KEY_QUERY, true);
	pgstat_report_activity(STATE_RUNNING, debug_query_string);

	/* the locks that index.c has taken for the leader */
	me.heap = table_open(shared->heap, heap_lock);
	me.index = index_open(shared->index, index_lock);
	vm_build_init_tree(&me.tree, me.index, vm_geometry_by_kind(shared->kind));
	me.tree.codec = vm_codec_by_id(shared->codec);
	vm_tree_set_dim(&me.tree, shared->dim);
	me.scan = shm_toc_lookup(toc, KEY_SCAN, false);
	me.sort = shm_toc_lookup(toc, KEY_SORT, false);
	tuplesort_attach_shared(me.sort, segment);
	SharedFileSetAttach(&shared->files, segment);
	me.rows = sts_attach(shm_toc_lookup(toc, KEY_ROWS, false), number, &shared->files);
	me.sample_rows = sts_attach(shm_toc_lookup(toc, KEY_SAMPLE, false), number, &shared->files);
	begin_spill(&me);

	InstrStartParallelQuery();
	work(&me);
	InstrEndParallelQuery(&buffer_usage[ParallelWorkerNumber], &wal_usage[ParallelWorkerNumber]);

	vm_spill_end(me.spill);
	index_close(me.index, index_lock);
	table_close(me.heap, heap_lock);
}

/* ---- the leader -------------------------------------------------------- */

/* Ask for the shared memory of all that participants find by a key. */
static void
estimate(const VmBuild *build, Leader *leader)
{
	shm_toc_estimator *estimator = &leader->context->estimator;
	int			workers = leader->context->nworkers;

	shm_toc_estimate_chunk(estimator, sizeof(Shared));
	shm_toc_estimate_chunk(estimator, table_parallelscan_estimate(build->heap, leader->snapshot));
	shm_toc_estimate_chunk(estimator, sts_estimate(workers + 1));
	shm_toc_estimate_chunk(estimator, sts_estimate(workers + 1));
	shm_toc_estimate_chunk(estimator, tuplesort_estimate_shared(workers + 1));
	shm_toc_estimate_chunk(estimator, mul_size(sizeof(WalUsage), workers));
	shm_toc_estimate_chunk(estimator, mul_size(sizeof(BufferUsage), workers));
	shm_toc_estimate_keys(estimator, 7);
	if (debug_query_string)
	{
		shm_toc_estimate_chunk(estimator, strlen(debug_query_string) + 1);
		shm_toc_estimate_keys(estimator, 1);
	}
}

static void *
allocate(Leader *leader, uint64 key, Size size)
{
	void	   *chunk = shm_toc_allocate(leader->context->toc, size);

	shm_toc_insert(leader->context->toc, key, chunk);
	return chunk;
}

static void
init_shared(VmBuild *build, Leader *leader)
{
	int			participants = leader->context->nworkers + 1;
	Shared	   *shared = allocate(leader, KEY_SHARED, sizeof(Shared));

	memset(shared, 0, sizeof(*shared));
	shared->heap = RelationGetRelid(build->heap);
	shared->index = RelationGetRelid(build->index);
	shared->kind = build->tree.geometry->kind;
	shared->dim = build->tree.space.dim;
	shared->codec = build->tree.codec->id;
	shared->concurrent = build->info->ii_Concurrent;
	shared->max_participants = participants;
	shared->memory = build->memory;
	shared->segment = DSM_HANDLE_INVALID;
	SharedFileSetInit(&shared->files, leader->context->seg);
	BarrierInit(&shared->barrier, 0);
	SpinLockInit(&shared->mutex);
	vm_sampler_init(&shared->sampler, &build->tree, build->memory);
	pg_atomic_init_u64(&shared->assigned, 0);
	leader->participant.shared = shared;
}

/* All that is shared, and the leader as a participant of it. */
static void
set_up(VmBuild *build, Leader *leader)
{
	ParallelContext *context = leader->context;
	Participant *me = &leader->participant;
	int			participants = context->nworkers + 1;
	Size		sort_size = tuplesort_estimate_shared(participants);
	SharedFileSet *files;

	init_shared(build, leader);
	files = &me->shared->files;
	me->is_leader = true;
	me->heap = build->heap;
	me->index = build->index;
	me->tree = build->tree;
	me->scan = allocate(leader, KEY_SCAN,
						table_parallelscan_estimate(build->heap, leader->snapshot));
	table_parallelscan_initialize(build->heap, me->scan, leader->snapshot);
	me->sort = allocate(leader, KEY_SORT, sort_size);
	tuplesort_initialize_shared(me->sort, participants, context->seg);
	me->rows = sts_initialize(allocate(leader, KEY_ROWS, sts_estimate(participants)),
							  participants, 0, 0, 0, files, "rows");
	me->sample_rows = sts_initialize(allocate(leader, KEY_SAMPLE, sts_estimate(participants)),
									 participants, 0, 0, 0, files, "sample");
	leader->wal_usage = allocate(leader, KEY_WAL_USAGE,
								 mul_size(sizeof(WalUsage), context->nworkers));
	leader->buffer_usage = allocate(leader, KEY_BUFFER_USAGE,
									mul_size(sizeof(BufferUsage), context->nworkers));
	if (debug_query_string)
		strcpy(allocate(leader, KEY_QUERY, strlen(debug_query_string) + 1), debug_query_string);
	begin_spill(me);
}

/* Wait for the workers to end, and for the usage that they report. */
static void
end_parallel(Leader *leader)
{
	WaitForParallelWorkersToFinish(leader->context);
	for (int i = 0; i < leader->context->nworkers_launched; i++)
		InstrAccumParallelQuery(&leader->buffer_usage[i], &leader->wal_usage[i]);
	if (IsMVCCSnapshot(leader->snapshot))
		UnregisterSnapshot(leader->snapshot);
	DestroyParallelContext(leader->context);
	ExitParallelMode();
}

/* Start workers; false, and parallel mode left again, where there are none. */
static bool
begin_parallel(VmBuild *build, Leader *leader, int request)
{
	EnterParallelMode();
	leader->context = CreateParallelContext("$libdir/vectormed", "vm_build_worker_main", request);
	leader->snapshot = build->info->ii_Concurrent
		? RegisterSnapshot(GetTransactionSnapshot()) : SnapshotAny;
	estimate(build, leader);
	InitializeParallelDSM(leader->context);
	if (leader->context->seg != NULL)
	{
		set_up(build, leader);
		/* before anybody else: no phase goes by without the leader */
		BarrierAttach(&leader->participant.shared->barrier);
		LaunchParallelWorkers(leader->context);
	}
	if (leader->context->nworkers_launched > 0)
		return true;
	end_parallel(leader);
	return false;
}

/* Merge what all have sorted, and write it. */
static void
write_sorted(VmBuild *build, Participant *me)
{
	SortCoordinateData coordinate = {
		.isWorker = false,
		.nParticipants = me->shared->n_sorts,
		.sharedsort = me->sort,
	};
	Tuplesortstate *sort = vm_spill_sort_begin(me->spill, build->memory / MERGE_SHARE,
											   &coordinate);
	VmPartWriter *to = vm_part_writer(&build->nodes, &me->parts, build->lists);

	tuplesort_performsort(sort);
	vm_spill_write(me->spill, sort, to);
	build->has_root = vm_part_writer_finish(to, &build->root);
	tuplesort_end(sort);
	vm_parts_free(&me->parts);
	dsm_detach(me->segment);
	vm_spill_end(me->spill);
}

bool
vm_build_in_parallel(VmBuild *build)
{
	Leader		leader = {0};
	Participant *me = &leader.participant;
	int			request = 0;

	if (build->tree.space.dim > 0 && build->tree.codec->coded && !IsInParallelMode() &&
		IsNormalProcessingMode() && RelationGetNumberOfBlocks(build->heap) > 0)
		request = vm_planned_workers(build->heap, build->index, build->info);
	if (request <= 0 || !begin_parallel(build, &leader, request))
		return false;

	vm_build_phase(VM_BUILD_LOADING);
	load(me);
	/* a worker that could not start is an error, and nobody waits for it */
	WaitForParallelWorkersToAttach(leader.context);
	wait_for_all(me);
	build->heap_rows = me->shared->heap_rows;
	build->n_rows = me->shared->loaded;
	build->n_indexed = me->shared->indexed;
	build->info->ii_BrokenHotChain |= me->shared->broken_hot_chain;
	vm_build_loaded(build);

	vm_build_phase(VM_BUILD_TRAINING);
	plan(me);
	if (me->segment)
	{
		wait_for_all(me);
		train(me);
		wait_for_all(me);
		vm_build_phase(VM_BUILD_ASSIGNING);
		assign(me);
		wait_for_all(me);
		SharedFileSetDeleteAll(&me->shared->files);
		write_sorted(build, me);
	}
	else
	{
		/* the workers see that there is no segment, and go */
		BarrierDetach(&me->shared->barrier);
		vm_parts_free(&me->parts);
		build->has_root = vm_spill_finish(me->spill, build->n_rows, &build->nodes,
										  build->lists, &build->root);
	}
	end_parallel(&leader);
	return true;
}
