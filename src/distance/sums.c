/*
 * src/distance/sums.c
 *		Vectors as sums in 8-bit codes, and bounds from those.
 */
#include "distance/sums.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "distance/metric.h"

#define MOST_CODE		255

/*
 * What a sum of up to 16,000 elements above 0 is off by, relatively, and what the
 * distance is that the operator computes, which is at most 1: two sums of up to
 * 16,000 and 32,000 terms and two more roundings, so (48,000 + 4) * 2^-53 where all
 * terms of sparse vectors are in one lane; generously.
 */
#define SLACK			1e-11

/*
 * Totals are floats: the bound of a volume may be off those of its records by
 * less, unless the query has hardly anything: then volumes have no bound.
 */
#define VOLUME_SLACK	1e-6
#define HARDLY_ANYTHING	1e-30

/* Totals of no more units are exact, and so is the sum of two. */
#define EXACT_UNITS		51

/* ---- records ----------------------------------------------------------- */

/* The greatest float that is no more. */
static float
rounded_down(double value)
{
	float		rounded;

	if (value >= FLT_MAX)
		return FLT_MAX;
	rounded = (float) value;
	return rounded > value ? nextafterf(rounded, 0) : rounded;
}

/* Add up elements in buckets, rounded up; returns the total. */
static double
add_up(double *sums, int buckets, const VmWeights *of)
{
	double		total = 0;

	for (int b = 0; b < buckets; b++)
		sums[b] = 0;
	for (int i = 0, b = 0; i < of->n; i++)
	{
		if (of->indices)
			b = of->indices[i] % buckets;
		sums[b] += of->x[i];
		total += of->x[i];
		if (++b == buckets)
			b = 0;
	}
	if (of->dim > buckets)
		for (int b = 0; b < buckets; b++)
			sums[b] *= 1 + SLACK;
	return total;
}

/* The least exponent in whose units a sum has a code. */
static int
exponent_of(double most)
{
	int			exponent;

	if (most == 0)
		return VM_SUMS_LEAST_EXPONENT;
	frexp(most, &exponent);
	exponent -= 8;
	return ceil(ldexp(most, -exponent)) > MOST_CODE ? exponent + 1 : exponent;
}

static void
set_rest(VmSums *to, int exponent, bool exact)
{
	to->rest = (uint32_t) (exponent + VM_SUMS_BIAS) | (exact ? VM_SUMS_EXACT : 0);
}

void
vm_sums_make(VmSums *to, int buckets, const VmWeights *of, double *room)
{
	double		total = add_up(room, buckets, of);
	double		most = 0;
	double		units = 0;
	int			exponent;

	for (int b = 0; b < buckets; b++)
		most = room[b] > most ? room[b] : most;
	exponent = exponent_of(most);
	for (int b = 0; b < buckets; b++)
	{
		double		code = ceil(ldexp(room[b], -exponent));

		to->codes[b] = (uint8_t) code;
		units += code;
	}
	/* rounded up by nothing: then the total is exact, too, unless it is no float */
	if (of->dim <= buckets && ldexp(units, exponent) == total && total <= FLT_MAX)
	{
		to->total = (float) total;
		set_rest(to, exponent, true);
	}
	else
	{
		to->total = rounded_down(total * (1 - SLACK));
		set_rest(to, exponent, false);
	}
}

void
vm_sums_fold(VmSums *to, int to_buckets, const VmSums *from, int buckets, uint32_t *room)
{
	uint32_t	most = 0;
	int			shift = 0;

	for (int b = 0; b < to_buckets; b++)
		room[b] = 0;
	for (int b = 0; b < buckets; b++)
		room[b % to_buckets] += from->codes[b];
	for (int b = 0; b < to_buckets; b++)
		most = room[b] > most ? room[b] : most;
	while (vm_sums_coarser(most, shift) > MOST_CODE)
		shift++;
	for (int b = 0; b < to_buckets; b++)
		to->codes[b] = (uint8_t) vm_sums_coarser(room[b], shift);
	to->total = from->total;
	set_rest(to, vm_sums_exponent(from->rest) + shift, false);
}

void
vm_sums_blend(VmSums *to, int buckets, int dim, const void *const *records, int n,
			  const uint8_t *which)
{
	int			exponent = VM_SUMS_LEAST_EXPONENT;
	uint32_t	units = 0;
	uint8_t		most = 0;
	int			shift = 0;

	for (int i = 0; i < n; i++)
	{
		int			own = vm_sums_exponent(((const VmSums *) records[i])->rest);

		exponent = own > exponent ? own : exponent;
	}
	for (int b = 0; b < buckets; b++)
	{
		const VmSums *from = records[which[b]];
		int			coarser = exponent - vm_sums_exponent(from->rest);

		to->codes[b] = (uint8_t) vm_sums_coarser(from->codes[b], coarser);
		units += to->codes[b];
		most = to->codes[b] > most ? to->codes[b] : most;
	}
	/* as fine as may be */
	while (most > 0 && most << (shift + 1) <= MOST_CODE)
		shift++;
	for (int b = 0; b < buckets; b++)
		to->codes[b] = (uint8_t) (to->codes[b] << shift);
	to->total = rounded_down(ldexp(units, exponent));
	set_rest(to, most > 0 ? exponent - shift : VM_SUMS_LEAST_EXPONENT,
			 dim <= buckets && to->total == ldexp(units, exponent));
}

bool
vm_sums_sound(const VmSums *sums, int buckets, int dim)
{
	int			exponent = vm_sums_exponent(sums->rest);
	bool		exact = (sums->rest & VM_SUMS_EXACT) != 0;
	double		units = 0;
	double		least = 0;
	uint8_t		most = 0;

	if ((sums->rest & ~(VM_SUMS_EXACT | 0xffffu)) != 0 || exponent < VM_SUMS_LEAST_EXPONENT ||
		exponent > VM_SUMS_MOST_EXPONENT || !(sums->total >= 0 && sums->total <= FLT_MAX) ||
		(exact && dim > buckets))
		return false;
	for (int b = 0; b < buckets; b++)
	{
		units += sums->codes[b];
		least += sums->codes[b] > 0 ? sums->codes[b] - 1 : 0;
		most = sums->codes[b] > most ? sums->codes[b] : most;
		if (b >= dim && sums->codes[b] > 0)
			return false;
	}
	if (most == 0)
		return exponent == VM_SUMS_LEAST_EXPONENT && sums->total == 0 && exact == (dim <= buckets);
	units = ldexp(units, exponent);
	least = ldexp(least, exponent);
	return most > MOST_CODE / 2 &&
		(exact ? sums->total == units : sums->total <= units) &&
		nextafterf(sums->total, INFINITY) >= least * (1 - FLT_EPSILON);
}

/* ---- queries ----------------------------------------------------------- */

/* The greatest exponent in whose units an element above 0 is whole. */
static int
unit_of(float x)
{
	int			exponent;
	uint32_t	digits = (uint32_t) ldexpf(frexpf(x, &exponent), 24);

	return exponent - 24 + __builtin_ctz(digits);
}

void
vm_sums_begin(VmSumsQuery *query, int buckets, int volume_buckets, double *sums,
			  const VmWeights *of)
{
	double		total = add_up(sums, buckets, of);
	double		least = INFINITY;
	double		most = 0;

	query->total = total;
	query->total_low = total * (1 - SLACK);
	query->total_high = total * (1 + SLACK);
	query->own = of->dim <= buckets;
	query->buckets = buckets;
	query->volume_buckets = volume_buckets;
	query->sums = sums;
	query->unit = VM_SUMS_MOST_EXPONENT;
	for (int i = 0; i < of->n && query->own; i++)
		if (of->x[i] > 0 && unit_of(of->x[i]) < query->unit)
			query->unit = unit_of(of->x[i]);
	for (int b = 0; b < buckets; b++)
		if (sums[b] > 0)
		{
			least = sums[b] < least ? sums[b] : least;
			most = sums[b] > most ? sums[b] : most;
		}
	query->low = query->high = 0;
	if (most > 0)
	{
		/* at low the least has more units than codes have; at high the most has one */
		frexp(least, &query->low);
		query->low += VM_SUMS_SHIFT - 16;
		frexp(most, &query->high);
		query->high += VM_SUMS_SHIFT;
	}
}

#define MOST_UNITS		INT16_MAX

/* The codes of a query in units of an exponent, of records; volume: of volumes. */
static const int16_t *
query_codes(VmSumsQuery *query, int exponent, bool volume)
{
	int			level;
	int16_t    *record;
	int16_t    *folded;

	exponent = exponent < query->low ? query->low : exponent > query->high ? query->high : exponent;
	level = exponent - query->low;
	record = query->record + (size_t) level * query->buckets;
	folded = query->volume + (size_t) level * query->volume_buckets;
	if (!query->made[level])
	{
		double		scale = vm_power_of_two(VM_SUMS_SHIFT - exponent);

		memset(folded, 0, sizeof(int16_t) * query->volume_buckets);
		for (int b = 0, to = 0; b < query->buckets; b++)
		{
			double		units = query->sums[b] * scale;
			int			code = units < MOST_UNITS ? (int) units : MOST_UNITS;
			int			sum;

			code += code < units && code < MOST_UNITS;
			record[b] = (int16_t) code;
			sum = folded[to] + code;
			folded[to] = (int16_t) (sum < MOST_UNITS ? sum : MOST_UNITS);
			if (++to == query->volume_buckets)
				to = 0;
		}
		query->made[level] = true;
	}
	return volume ? folded : record;
}

/* ---- bounds ------------------------------------------------------------ */

static inline double
least_of(double a, double b)
{
	return a < b ? a : b;
}

/*
 * The least distance of the query to a vector of a total, rounded down, with
 * which it shares at most shared.
 */
static inline double
least_distance(const VmSumsQuery *query, float total, double shared)
{
	/* what it was before rounding is no more */
	double		high = total < FLT_MAX ? total * (1 + 2.0 * FLT_EPSILON) + FLT_MIN : INFINITY;
	double		both = total + query->total_low;
	double		common = least_of(shared, least_of(high, query->total_high));
	double		all = both - common;
	double		distance = (all - common) / all - SLACK;

	/* without rounding, since many are as far away */
	if (shared == 0)
		return both > 0 ? 1 : 0;
	/* totals so small that their lower bounds are 0 tell nothing */
	if (!(all > 0))
		return 0;
	return distance > 0 ? distance : 0;
}

/* Is all that is computed of the query and such a record free of rounding? */
static bool
is_exact(const VmSumsQuery *query, uint32_t rest)
{
	int			unit = vm_sums_exponent(rest) - VM_SUMS_SHIFT;

	return (rest & VM_SUMS_EXACT) && query->own && query->unit >= unit &&
		query->total <= vm_power_of_two(unit + EXACT_UNITS);
}

/* The bounds of n records with the same rest. */
static void
alike_bounds(const VmKernels *k, VmSumsQuery *query, const float *totals, uint32_t rest,
			 const uint8_t *codes, int n, uint32_t *shared, double *out)
{
	int			exponent = vm_sums_exponent(rest);
	double		unit = vm_power_of_two(exponent - VM_SUMS_SHIFT);

	k->code_mins(query_codes(query, exponent, false), codes, query->buckets, n, shared);
	if (is_exact(query, rest))
		for (int s = 0; s < n; s++)
			out[s] = vm_jaccard_distance(shared[s] * unit,
										 totals[s] + query->total - shared[s] * unit);
	else
		for (int s = 0; s < n; s++)
			out[s] = least_distance(query, totals[s], shared[s] * unit);
}

void
vm_sums_bounds(const VmKernels *k, VmSumsQuery *query, const float *totals,
			   const uint32_t *rests, const uint64_t *words, int n, uint32_t *shared, double *out)
{
	const uint8_t *codes = (const uint8_t *) words;
	int			start = 0;
	int			end;

	for (; start < n; start = end)
	{
		int			exponent = vm_sums_exponent(rests[start]);

		for (end = start + 1; end < n && rests[end] == rests[start];)
			end++;
		/* damage must not lead beyond what there is */
		if (exponent < VM_SUMS_LEAST_EXPONENT || exponent > VM_SUMS_MOST_EXPONENT)
			for (int s = start; s < end; s++)
				out[s] = 0;
		else
			alike_bounds(k, query, totals + start, rests[start],
						 codes + (size_t) start * query->buckets, end - start, shared + start,
						 out + start);
	}
}

double
vm_sums_volume_bound(const VmKernels *k, VmSumsQuery *query, float least, float most,
					 int exponent, const uint8_t *codes)
{
	uint32_t	units;
	double		shared;
	float		total;
	double		distance;

	k->code_mins(query_codes(query, exponent, true), codes, query->volume_buckets, 1, &units);
	/* nearest is the vector that has what is shared and nothing else */
	shared = least_of(units * vm_power_of_two(exponent - VM_SUMS_SHIFT), query->total_high);
	total = shared < least ? least : shared > most ? most : (float) shared;
	distance = least_distance(query, total, shared);
	if (distance == 1)
		return 1;
	return query->total > HARDLY_ANYTHING && distance > VOLUME_SLACK ? distance - VOLUME_SLACK : 0;
}
