/*
 * src/types/match_nearest.c
 *		match_nearest(): greedy nearest matching without replacement.
 *
 * Treated rows take turns, in the order of their ids: each its nearest control
 * that nobody has, then, where more than one is wanted, each its second, and so on.  A
 * turn walks the controls by distance, through the index, past those that are
 * taken, to the first that is free, and then as far as others tie with it: of these
 * the least id wins.  So the pairs depend on the rows alone, not on plan or index.
 *
 * What a turn will need is not known before, and the planner must know: a first
 * statement has a small LIMIT, the next a larger one, the last none.  Most turns end
 * in the first.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "types/cohort.h"

/* The arguments of match_nearest, see src/sql/58_cohorts.sql */
enum
{
	TREATED,
	CONTROLS,
	RESULT,
	VALUE,
	ID,
	K,
	CALIPER,
	OPERATOR,
	FILTER,
	CONTROLS_VALUE,
	CONTROLS_ID,
	TARGET
};

/* How many controls the statements of a turn may walk, 0: all. */
static const int limits[] = {64, 4096, 0};

/* So many are fetched at first, and twice as many each time, up to the most. */
#define FIRST_FETCH		8
#define MOST_FETCH		512

/* A control that is taken. */
typedef struct TakenControl
{
	Datum		id;
	uint32		hash;
	char		status;
} TakenControl;

/* The ids of a side: how they are copied, hashed and ordered. */
typedef struct IdType
{
	TypeCacheEntry *cache;
	Oid			collation;
} IdType;

static inline uint32
hash_id(const IdType *type, Datum id)
{
	return DatumGetUInt32(FunctionCall1Coll(&type->cache->hash_proc_finfo, type->collation, id));
}

static inline bool
ids_are_equal(const IdType *type, Datum a, Datum b)
{
	return DatumGetBool(FunctionCall2Coll(&type->cache->eq_opr_finfo, type->collation, a, b));
}

static inline int
compare_ids(const IdType *type, Datum a, Datum b)
{
	return DatumGetInt32(FunctionCall2Coll(&type->cache->cmp_proc_finfo, type->collation, a, b));
}

#define SH_PREFIX taken
#define SH_ELEMENT_TYPE TakenControl
#define SH_KEY_TYPE Datum
#define SH_KEY id
#define SH_HASH_KEY(table, key) hash_id((table)->private_data, key)
#define SH_EQUAL(table, a, b) ids_are_equal((table)->private_data, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, element) (element)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct Matching
{
	VmSide		treated;
	VmSide		controls;
	IdType		treated_ids;
	IdType		control_ids;
	const char *walk;			/* the statement of a turn, without its LIMIT */
	SPIPlanPtr	plans[lengthof(limits)];
	SPIPlanPtr	all_treated;
	SPIPlanPtr	insert;
	int			k;
	double		caliper;
	taken_hash *taken;
	MemoryContext context;		/* ids that are taken live here */
	MemoryContext turn;			/* and what one turn needs, here */
} Matching;

/* A control, and how far it is. */
typedef struct Candidate
{
	bool		found;
	Datum		id;
	double		distance;
} Candidate;

/* The columns of both statements */
enum
{
	WALK_ID = 1,
	WALK_DISTANCE
};

enum
{
	TREATED_ID = 1,
	TREATED_ROW
};

static double
caliper_of_argument(FunctionCallInfo fcinfo)
{
	double		caliper;

	vm_check_given(fcinfo, CALIPER, "caliper");
	caliper = PG_GETARG_FLOAT8(CALIPER);
	if (isnan(caliper))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("caliper must not be NaN")));
	return caliper;
}

static IdType
ids_of_side(const VmSide *side)
{
	IdType		ids;

	ids.cache = lookup_type_cache(side->id_type, TYPECACHE_CMP_PROC_FINFO |
								  TYPECACHE_EQ_OPR_FINFO | TYPECACHE_HASH_PROC_FINFO);
	ids.collation = side->id_collation;
	if (!OidIsValid(ids.cache->cmp_proc) || !OidIsValid(ids.cache->hash_proc))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a comparison and a hash function for type %s",
						format_type_be(side->id_type))));
	return ids;
}

static SPIPlanPtr
prepare(const char *command, int n, Oid *types)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(command, n, types, CURSOR_OPT_GENERIC_PLAN);

	/* a plan that is not kept would be copied for each turn */
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare \"%s\"", command);
	return plan;
}

/*
 * The statements.  A treated row is the parameter of a turn, as a whole, so that a
 * filter may use any column of it.
 */
static void
write_statements(FunctionCallInfo fcinfo, Matching *matching)
{
	const VmSide *t = &matching->treated;
	const VmSide *c = &matching->controls;
	const char *distance = psprintf("c.%s %s t.%s", c->value,
									vm_distance_operator(fcinfo, OPERATOR, c, t), t->value);
	char	   *filter = vm_text_of_argument(fcinfo, FILTER);
	const char *result = vm_result_of_argument(fcinfo, RESULT);
	Oid			types[] = {t->id_type, c->id_type, INT4OID, FLOAT8OID};

	vm_create_result(result, t, "treated_id", c, "control_id");
	matching->walk = psprintf("SELECT c.%s, %s FROM (SELECT ($1).*) t, %s c"
							  " WHERE c.%s IS NOT NULL AND (%s\n) ORDER BY %s",
							  c->id, distance, c->name, c->id, filter ? filter : "true", distance);
	/* a column may be called t */
	matching->all_treated =
		prepare(psprintf("SELECT t.%s, (t.*)::%s FROM %s t WHERE t.%s IS NOT NULL"
						 " ORDER BY t.%s USING %s",
						 t->id, format_type_be_qualified(get_rel_type_id(t->relation)), t->name,
						 t->id, t->id, vm_less_operator(t->id_type)),
				0, NULL);
	matching->insert = prepare(psprintf("INSERT INTO %s VALUES ($1, $2, $3, $4)", result),
							   lengthof(types), types);
}

static pg_noinline void
begin_matching(FunctionCallInfo fcinfo, Matching *matching)
{
	matching->treated = vm_side_of_arguments(fcinfo, TREATED, ID, VALUE, ID, VALUE);
	matching->controls = vm_side_of_arguments(fcinfo, CONTROLS, CONTROLS_ID, CONTROLS_VALUE,
											  ID, VALUE);
	if (matching->treated.relation == matching->controls.relation && PG_ARGISNULL(FILTER))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("treated rows and controls cannot be the same table without a filter"),
				 errdetail("Each row would be its own control."),
				 errhint("Name two tables or views, or tell the rows apart by a filter such as t.treated AND NOT c.treated.")));
	matching->k = vm_count_of_argument(fcinfo, K, "k");
	matching->caliper = caliper_of_argument(fcinfo);
	matching->treated_ids = ids_of_side(&matching->treated);
	matching->control_ids = ids_of_side(&matching->controls);
	write_statements(fcinfo, matching);
	matching->context = CurrentMemoryContext;
	matching->turn = AllocSetContextCreate(matching->context, "vectormed turn",
										   ALLOCSET_DEFAULT_SIZES);
	matching->taken = taken_create(matching->context, 256, &matching->control_ids);
}

/*
 * Look at the controls in the order of their distance.  True once the turn is
 * decided: the best is known, or there is none within the caliper.
 */
static bool
judge_controls(Matching *matching, Candidate *best)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;
		double		distance = DatumGetFloat8(SPI_getbinval(tuple, desc, WALK_DISTANCE, &isnull));
		MemoryContext old;
		Datum		id;

		if (isnull || isnan(distance) || distance > matching->caliper ||
			(best->found && distance > best->distance))
			return true;
		id = SPI_getbinval(tuple, desc, WALK_ID, &isnull);
		if (taken_lookup(matching->taken, id) != NULL ||
			(best->found && compare_ids(&matching->control_ids, id, best->id) >= 0))
			continue;
		best->found = true;
		best->distance = distance;
		old = MemoryContextSwitchTo(matching->turn);
		best->id = datumCopy(id, matching->control_ids.cache->typbyval,
							 matching->control_ids.cache->typlen);
		MemoryContextSwitchTo(old);
	}
	return false;
}

/* Walk the controls around a treated row as far as one statement goes. */
static bool
walk_controls(Matching *matching, int step, Datum row, Candidate *best)
{
	Portal		portal;
	uint64		walked = 0;
	bool		decided = false;
	int			n = FIRST_FETCH;

	if (matching->plans[step] == NULL)
	{
		const char *limit = limits[step] > 0 ? psprintf(" LIMIT %d", limits[step]) : "";
		Oid			row_type = get_rel_type_id(matching->treated.relation);

		matching->plans[step] = prepare(psprintf("%s%s", matching->walk, limit), 1, &row_type);
	}
	best->found = false;
	portal = SPI_cursor_open(NULL, matching->plans[step], &row, NULL, true);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, n);
		walked += SPI_processed;
		decided = judge_controls(matching, best);
		if (decided || SPI_processed < n)
			break;
		SPI_freetuptable(SPI_tuptable);
		n = Min(2 * n, MOST_FETCH);
	}
	SPI_freetuptable(SPI_tuptable);
	SPI_cursor_close(portal);
	/* fewer rows than the statement may have: there are no more */
	return decided || limits[step] == 0 || walked < limits[step];
}

/* A treated row's turn; false where no control is left for it. */
static bool
take_turn(Matching *matching, Datum id, Datum row, int rank)
{
	Candidate	best = {false};
	Datum		values[4];
	MemoryContext old;
	bool		found;

	MemoryContextReset(matching->turn);
	for (int step = 0; !walk_controls(matching, step, row, &best); step++)
		;
	if (!best.found)
		return false;
	old = MemoryContextSwitchTo(matching->context);
	best.id = datumCopy(best.id, matching->control_ids.cache->typbyval,
						matching->control_ids.cache->typlen);
	MemoryContextSwitchTo(old);
	taken_insert(matching->taken, best.id, &found);
	values[0] = id;
	values[1] = best.id;
	values[2] = Int32GetDatum(rank);
	values[3] = Float8GetDatum(best.distance);
	if (SPI_execute_plan(matching->insert, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not write a pair");
	return true;
}

/* Ids come in order, so that equal ones come one after the other. */
static void
check_unique(const Matching *matching, const Datum *last, Datum id)
{
	if (last != NULL && ids_are_equal(&matching->treated_ids, *last, id))
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("ids of relation %s are not unique", matching->treated.name)));
}

/*
 * All treated rows take one turn, but for those that found none before, by their
 * number in the order of ids; returns how many have found one.
 */
static int64
take_turns(Matching *matching, int rank, Bitmapset **hopeless)
{
	Portal		portal = SPI_cursor_open(NULL, matching->all_treated, NULL, NULL, true);
	SPITupleTable *before = NULL;
	Datum		last;
	int			number = 0;
	int64		n = 0;

	for (;;)
	{
		SPITupleTable *rows;
		uint64		n_rows;

		SPI_cursor_fetch(portal, true, MOST_FETCH);
		rows = SPI_tuptable;
		n_rows = SPI_processed;
		for (uint64 i = 0; i < n_rows; i++, number++)
		{
			bool		isnull;
			Datum		id = SPI_getbinval(rows->vals[i], rows->tupdesc, TREATED_ID, &isnull);
			Datum		row = SPI_getbinval(rows->vals[i], rows->tupdesc, TREATED_ROW, &isnull);

			check_unique(matching, number > 0 ? &last : NULL, id);
			last = id;
			if (bms_is_member(number, *hopeless))
				continue;
			if (take_turn(matching, id, row, rank))
				n++;
			else
				*hopeless = bms_add_member(*hopeless, number);
		}
		/* the last id is in the rows before */
		if (before)
			SPI_freetuptable(before);
		before = rows;
		if (n_rows == 0)
			break;
	}
	SPI_freetuptable(before);
	SPI_cursor_close(portal);
	return n;
}

static void
free_plans(Matching *matching)
{
	for (int i = 0; i < lengthof(limits); i++)
		if (matching->plans[i])
			SPI_freeplan(matching->plans[i]);
	if (matching->all_treated)
		SPI_freeplan(matching->all_treated);
	if (matching->insert)
		SPI_freeplan(matching->insert);
}

/*
 * All rounds: the nearest control of each treated row, then the next.  Not inlined,
 * as begin_matching: their variables must not be in the frame that PG_TRY comes back to.
 */
static pg_noinline void
take_rounds(Matching *matching)
{
	Bitmapset  *hopeless = NULL;
	int64		n = 1;

	for (int rank = 1; rank <= matching->k && n > 0; rank++)
	{
		n = take_turns(matching, rank, &hopeless);
		ereport(NOTICE,
				(errmsg("match_nearest: control %d of %d found for " INT64_FORMAT " treated rows",
						rank, matching->k, n)));
	}
}

PG_FUNCTION_INFO_V1(vm_match_nearest_sql);

/* match_nearest(...), a procedure, see src/sql/58_cohorts.sql */
Datum
vm_match_nearest_sql(PG_FUNCTION_ARGS)
{
	Matching	matching = {0};
	int			level;

	SPI_connect();
	level = vm_begin_target(fcinfo, TARGET);
	PG_TRY();
	{
		begin_matching(fcinfo, &matching);
		take_rounds(&matching);
	}
	PG_FINALLY();
	{
		free_plans(&matching);
	}
	PG_END_TRY();
	vm_end_target(level);
	SPI_finish();
	return (Datum) 0;
}
