/*
 * src/types/dense_stats.c
 *		ANALYZE of a column of vectors or halfvecs.
 *
 * The server's default would copy sampled values, which are whole patients,
 * into pg_statistic as most common values and histogram bounds.  Here a column
 * gets its NULL fraction, its average width and an estimate of how many
 * distinct vectors it has, and no value is stored anywhere.
 */
#include "types/dense.h"

#include <math.h>

#include "commands/vacuum.h"
#include "common/hashfn.h"

PG_FUNCTION_INFO_V1(vm_dense_typanalyze_sql);

static int
compare_hashes(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return (x > y) - (x < y);
}

/* Of all that it is made of, whatever its elements are. */
static uint64
hash_value(Datum datum)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);
	uint64		hash = hash_bytes_extended((unsigned char *) VARDATA_ANY(value),
										   (int) VARSIZE_ANY_EXHDR(value), 0);

	if ((Pointer) value != DatumGetPointer(datum))
		pfree(value);
	return hash;
}

/*
 * How many distinct vectors the column has, by the estimator of Haas and
 * Stokes that the server uses for other types: n*d / (n - f1 + f1*n/N), for a
 * sample of n with d distinct of which f1 occur once, from N rows.  As
 * pg_statistic wants it: negative is a fraction of all rows.
 */
static double
estimate_distinct(uint64 *hashes, int n, int not_hashed, double null_fraction, double total_rows)
{
	double		sampled = (double) n + not_hashed;
	double		rows = total_rows * (1.0 - null_fraction);
	int			distinct = not_hashed;
	int			once = not_hashed;
	double		estimate;

	qsort(hashes, n, sizeof(uint64), compare_hashes);
	for (int i = 0; i < n;)
	{
		int			next = i + 1;

		while (next < n && hashes[next] == hashes[i])
			next++;
		distinct++;
		if (next == i + 1)
			once++;
		i = next;
	}

	if (once == distinct)
		return -1.0 * (1.0 - null_fraction);
	if (once == 0)
		estimate = distinct;
	else
		estimate = sampled * distinct / (sampled - once + once * sampled / Max(rows, sampled));
	estimate = rint(Min(Max(estimate, distinct), Max(rows, sampled)));
	if (estimate > 0.1 * total_rows)
		return -(estimate / total_rows);
	return estimate;
}

static void
compute_dense_stats(VacAttrStats *stats, AnalyzeAttrFetchFunc fetch,
					 int sample_rows, double total_rows)
{
	uint64	   *hashes = palloc(sizeof(uint64) * Max(sample_rows, 1));
	int			hashed = 0;
	int			not_hashed = 0;
	int			nulls = 0;
	double		width = 0;

	for (int i = 0; i < sample_rows; i++)
	{
		bool		isnull;
		Datum		value;

		vm_analyze_delay_point();
		value = fetch(stats, i, &isnull);
		if (isnull)
		{
			nulls++;
			continue;
		}
		width += VARSIZE_ANY(DatumGetPointer(value));

		/* A vector stored out of line is not fetched: it counts as distinct. */
		if (VARATT_IS_EXTERNAL(DatumGetPointer(value)))
			not_hashed++;
		else
			hashes[hashed++] = hash_value(value);
	}

	if (sample_rows > 0)
	{
		int			present = hashed + not_hashed;

		stats->stats_valid = true;
		stats->stanullfrac = (double) nulls / sample_rows;
		stats->stawidth = present > 0 ? (int32) (width / present) : 0;
		if (present > 0)
			stats->stadistinct = estimate_distinct(hashes, hashed, not_hashed,
												   stats->stanullfrac, total_rows);
	}
	pfree(hashes);
}

Datum
vm_dense_typanalyze_sql(PG_FUNCTION_ARGS)
{
	VacAttrStats *stats = (VacAttrStats *) PG_GETARG_POINTER(0);

	/* The server's own says how many rows to sample. */
	if (!std_typanalyze(stats))
		PG_RETURN_BOOL(false);
	stats->compute_stats = compute_dense_stats;
	PG_RETURN_BOOL(true);
}
