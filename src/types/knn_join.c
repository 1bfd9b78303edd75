/*
 * src/types/knn_join.c
 *		knn_join(): the nearest neighbours of a whole cohort, written to a table
 *		batch by batch.
 *
 * A batch is one INSERT of a lateral join, which the planner serves by an index
 * scan for each row of the cohort.  Batches go by the cohort's ids, so that nothing
 * is held open over the COMMIT behind each; what the call was told before the first
 * of them lives in the memory of the SPI connection, which outlives them.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"

#include "types/cohort.h"

/* The arguments of knn_join, see src/sql/58_cohorts.sql */
enum
{
	COHORT,
	POPULATION,
	RESULT,
	VALUE,
	ID,
	K,
	OPERATOR,
	FILTER,
	COHORT_VALUE,
	COHORT_ID,
	TARGET,
	BATCH
};

typedef struct CohortJoin
{
	VmSide		cohort;
	VmSide		population;
	const char *result;			/* the table, quoted, with its schema */
	const char *nearest;		/* the lateral subquery */
	int			batch;
	bool		can_commit;
	int64		total;			/* rows of the cohort */
	int64		done;
	Datum		last;			/* the greatest id that is done */
	bool		has_last;
} CohortJoin;

/* The k nearest rows n of the population to a row q of the cohort, with their ranks. */
static const char *
nearest_of_arguments(FunctionCallInfo fcinfo, const CohortJoin *join)
{
	const VmSide *n = &join->population;
	const char *distance = psprintf("n.%s %s q.%s", n->value,
									vm_distance_operator(fcinfo, OPERATOR, n, &join->cohort),
									join->cohort.value);
	char	   *filter = vm_text_of_argument(fcinfo, FILTER);

	return psprintf("SELECT n.id, n.distance,"
					" pg_catalog.row_number() OVER (ORDER BY n.distance)::pg_catalog.int4 AS rank"
					" FROM (SELECT n.%s AS id, %s AS distance FROM %s n"
					" WHERE n.%s IS NOT NULL AND (%s\n)"
					" ORDER BY %s LIMIT %d) n WHERE n.distance IS NOT NULL",
					n->id, distance, n->name, n->id, filter ? filter : "true", distance,
					vm_count_of_argument(fcinfo, K, "k"));
}

static void
read_arguments(FunctionCallInfo fcinfo, CohortJoin *join)
{
	memset(join, 0, sizeof(*join));
	join->population = vm_side_of_arguments(fcinfo, POPULATION, ID, VALUE, ID, VALUE);
	join->cohort = vm_side_of_arguments(fcinfo, COHORT, COHORT_ID, COHORT_VALUE, ID, VALUE);
	join->batch = vm_count_of_argument(fcinfo, BATCH, "batch");
	join->nearest = nearest_of_arguments(fcinfo, join);
	join->result = vm_result_of_argument(fcinfo, RESULT);
	join->can_commit = !castNode(CallContext, fcinfo->context)->atomic;
}

/* Make the table, and count what there is to do. */
static void
begin_join(CohortJoin *join)
{
	bool		isnull;

	vm_create_result(join->result, &join->cohort, "query_id", &join->population, "neighbour_id");
	vm_execute(psprintf("SELECT pg_catalog.count(*) FROM %s q WHERE q.%s IS NOT NULL",
						join->cohort.name, join->cohort.id),
			   SPI_OK_SELECT);
	join->total = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
											  1, &isnull));
}

/* The rows of the cohort behind the last id. */
static const char *
rest_of_cohort(const CohortJoin *join)
{
	const VmSide *q = &join->cohort;

	return psprintf("FROM %s q WHERE q.%s IS NOT NULL%s", q->name, q->id,
					join->has_last ?
					psprintf(" AND q.%s %s $1", q->id, vm_greater_operator(q->id_type)) : "");
}

/* Run a command with the last id and the end of the batch. */
static void
execute_between(const CohortJoin *join, const char *command, Datum end, bool has_end, int expected)
{
	Oid			types[2] = {join->cohort.id_type, join->cohort.id_type};
	Datum		values[2] = {join->last, end};
	char		nulls[3] = {join->has_last ? ' ' : 'n', has_end ? ' ' : 'n', '\0'};

	if (SPI_execute_with_args(command, 2, types, values, nulls, false, 0) != expected)
		elog(ERROR, "could not execute \"%s\"", command);
}

/* The id that the next batch ends with; false where it is the last one. */
static bool
find_end(const CohortJoin *join, Datum *end)
{
	const VmSide *q = &join->cohort;
	int16		length;
	bool		by_value;
	bool		isnull;
	Datum		value;

	execute_between(join, psprintf("SELECT q.%s %s ORDER BY q.%s USING %s OFFSET %d LIMIT 1",
								   q->id, rest_of_cohort(join), q->id,
								   vm_less_operator(q->id_type), join->batch - 1),
					(Datum) 0, false, SPI_OK_SELECT);
	if (SPI_processed == 0)
		return false;
	value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	get_typlenbyval(q->id_type, &length, &by_value);
	*end = datumCopy(value, by_value, length);
	return true;
}

/* Join the next batch; false once the cohort has no more. */
static bool
join_batch(CohortJoin *join)
{
	const VmSide *q = &join->cohort;
	Datum		end = (Datum) 0;
	bool		more = find_end(join, &end);
	const char *until = "";

	if (more)
		until = psprintf(" AND NOT q.%s %s $2", q->id, vm_greater_operator(q->id_type));
	execute_between(join, psprintf("INSERT INTO %s SELECT q.%s, n.id, n.rank, n.distance"
								   " FROM (SELECT q.* %s%s) q CROSS JOIN LATERAL (%s) n",
								   join->result, q->id, rest_of_cohort(join), until,
								   join->nearest),
					end, more, SPI_OK_INSERT);
	join->done = more ? join->done + join->batch : join->total;
	join->last = end;
	join->has_last = more;
	return more;
}

static void
report_progress(const CohortJoin *join)
{
	ereport(NOTICE,
			(errmsg("knn_join: " INT64_FORMAT " of " INT64_FORMAT " rows joined",
					Min(join->done, join->total), join->total)));
}

PG_FUNCTION_INFO_V1(vm_knn_join_sql);

/* knn_join(...), a procedure, see src/sql/58_cohorts.sql */
Datum
vm_knn_join_sql(PG_FUNCTION_ARGS)
{
	CohortJoin	join;
	bool		more;

	SPI_connect_ext(castNode(CallContext, fcinfo->context)->atomic ? 0 : SPI_OPT_NONATOMIC);
	read_arguments(fcinfo, &join);
	begin_join(&join);
	do
	{
		/* what a batch is searched with goes with its transaction */
		int			level = vm_begin_target(fcinfo, TARGET);

		more = join_batch(&join);
		vm_end_target(level);
		if (join.can_commit)
			SPI_commit();
		report_progress(&join);
	} while (more);
	SPI_finish();
	return (Datum) 0;
}
