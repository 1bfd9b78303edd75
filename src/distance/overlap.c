/*
 * src/distance/overlap.c
 *		The least mean of terms, of which some may be left out.
 *
 * The greatest terms are left out, as many as may be, and of these again those
 * that are below the mean count: see src/kdtree/README.md.
 */
#include "distance/overlap.h"

#include <math.h>

/* heap[0 .. n-1] has its least element first, but heap[0] may be too great. */
static void
sift_down(double *heap, int n)
{
	double		value = heap[0];
	int			i = 0;

	for (;;)
	{
		int			child = 2 * i + 1;

		if (child + 1 < n && heap[child + 1] < heap[child])
			child++;
		if (child >= n || heap[child] >= value)
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = value;
}

/* Add heap[n] to the n elements before it. */
static void
sift_up(double *heap, int n)
{
	double		value = heap[n];
	int			i = n;

	while (i > 0 && heap[(i - 1) / 2] > value)
	{
		heap[i] = heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	heap[i] = value;
}

double
vm_least_mean(VmTerms *terms)
{
	double	   *heap = terms->optional; /* the greatest so far; never longer than what was read */
	int			n_heap = 0;
	double		sum = terms->sum;
	int			n = terms->n;

	for (int i = 0; i < terms->n_optional; i++)
	{
		double		term = terms->optional[i];

		if (term == 0)
			n++;				/* below any mean */
		else if (n_heap < terms->most_missing)
		{
			heap[n_heap] = term;
			sift_up(heap, n_heap++);
		}
		else
		{
			if (n_heap > 0 && term > heap[0])
			{
				double		least = heap[0];

				heap[0] = term;
				sift_down(heap, n_heap);
				term = least;
			}
			sum += term;
			n++;
		}
	}
	while (n_heap > 0 && (n == 0 || heap[0] < sum / n))
	{
		sum += heap[0];
		n++;
		heap[0] = heap[--n_heap];
		sift_down(heap, n_heap);
	}
	return n == 0 ? INFINITY : sum / n;
}

/*
 * Of an axis that the box does not have nothing is known: its term may be 0.  One
 * that no record observes is among the elements that each of them lacks.
 */
double
vm_least_square_mean(const VmRecordBox *box, const float *q, double *room)
{
	VmTerms		terms = {.optional = room};
	int			none = 0;

	for (int i = 0; i < box->axes; i++)
	{
		double		gap;

		if (vm_missing_is_none(box->low[i], box->high[i]))
		{
			none++;
			continue;
		}
		if (isnan(q[i]))
			continue;
		gap = vm_missing_gap(q[i], box->low[i], box->high[i]);
		if (vm_missing_is_all(box->all, i))
		{
			terms.sum += gap * gap;
			terms.n++;
		}
		else
			terms.optional[terms.n_optional++] = gap * gap;
	}
	for (int i = box->axes; i < box->dim; i++)
		if (!isnan(q[i]))
			terms.optional[terms.n_optional++] = 0;
	terms.most_missing = box->most_missing - none;
	if (terms.most_missing > terms.n_optional)
		terms.most_missing = terms.n_optional;
	return vm_least_mean(&terms);
}
