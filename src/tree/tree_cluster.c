/*
 * src/tree/tree_cluster.c
 *		Hierarchical k-means (Lloyd 1982) of coded vectors.
 *
 * Two levels: cells, and in each cell clusters.  A point goes to the nearest
 * cluster of its nearest few cells, so few of all centers are looked at.
 * Distances are Euclidean whatever the metric: clusters are parts that lie
 * together, and every metric of ours agrees on near.
 */
#include "postgres.h"

#include <math.h>

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "port/atomics.h"
#include "storage/shmem.h"
#include "utils/memutils.h"

#include "tree/tree_cluster.h"

#define ROUNDS			10		/* more than 7 */
#define CELL_SAMPLE		256		/* points a cell is trained on, on average */
#define PROBED_CELLS	6
#define TINY_SHARE		0.1		/* of the mean size: such a cluster is given up */
#define LARGE_SHARE		1.2		/* of the wanted size: such a one is made two */

/* Before these rounds clusters are given up, and made two. */
#define DROP_ROUND		(ROUNDS - 5)
#define SPLIT_ROUND_1	(ROUNDS - 7)
#define SPLIT_ROUND_2	(ROUNDS - 4)

/* |x - c|^2 - |x|^2 is square - (offset * (sum of x) + sum * x.offset + scale * dot) */
typedef struct CenterTerms
{
	double		square;			/* |c|^2 */
	double		offset;			/* twice the center's */
	double		scale;
	double		sum;			/* scale * sum of its codes */
} CenterTerms;

/* Centers, one behind the other. */
typedef struct Centers
{
	int			n;
	int			max;			/* that there is room for */
	CenterTerms *terms;
	VmCode	   *codes;			/* each of size bytes */
	Size		size;
} Centers;

typedef struct Cell
{
	int			first_point;	/* of the sample's numbers */
	int			n_points;
	int			first_slot;		/* room for its clusters */
	int			n_slots;
	int			n;				/* clusters to begin with, and that it has when trained */
} Cell;

/* What the room begins with.  Behind it cells, terms and codes of all centers. */
typedef struct Head
{
	int			dim;			/* of points and centers */
	int			max_cells;
	int			n_cells;
	int			max_clusters;
	int			most;			/* points of the sample that a cluster should have */
	pg_atomic_uint32 next;		/* the cell to train next */
} Head;

struct VmClusters
{
	MemoryContext context;
	Head	   *head;
	Cell	   *cells;
	CenterTerms *terms;			/* of the cells, then of their clusters */
	VmCode	   *codes;
	int			dim;
	int		   *first;			/* number of the first cluster of each cell, and behind the last */
	int16	   *widened;		/* room for a point */
	int64	   *dots;			/* room for a score of each center of a set */
	double	   *scores;
};

static inline VmCode *
center_at(const Centers *centers, int i)
{
	return (VmCode *) ((char *) centers->codes + centers->size * i);
}

/* The centers in max slots from that one on, n of them. */
static Centers
centers_from(const VmClusters *clusters, int slot, int max, int n)
{
	Size		size = VM_CODE_SIZE(clusters->dim);

	return (Centers) {
		.n = n,
		.max = max,
		.terms = clusters->terms + slot,
		.codes = (VmCode *) ((char *) clusters->codes + size * slot),
		.size = size,
	};
}

static Centers
cell_centers(const VmClusters *clusters)
{
	return centers_from(clusters, 0, clusters->head->max_cells, clusters->head->n_cells);
}

static Centers
cluster_centers(const VmClusters *clusters, const Cell *cell)
{
	return centers_from(clusters, clusters->head->max_cells + cell->first_slot, cell->n_slots,
						cell->n);
}

static void
center_set(Centers *centers, int i, int dim)
{
	const VmCode *center = center_at(centers, i);
	double		norm = vm_code_norm(center, dim);

	centers->terms[i] = (CenterTerms) {norm * norm, 2.0 * center->offset, 2.0 * center->scale,
		2.0 * center->scale * center->sum};
}

/* Before x is scored against sets of centers. */
static void
widen_point(const VmClusters *clusters, const VmCode *x)
{
	int16	   *widened = clusters->widened;

	for (int i = 0; i < clusters->dim; i++)
		widened[i] = x->code[i];
}

/* |x - c|^2 - |x|^2 for all centers c, and the least of them; x has been widened. */
static int
score_centers(VmClusters *clusters, const Centers *centers, const VmCode *x)
{
	int			dim = clusters->dim;
	double		offset = x->offset;
	double		scale = x->scale;
	double		sum = offset * dim + scale * x->sum;
	double		least = INFINITY;
	int			best = 0;

	vm_kernels->code_dots(clusters->widened, centers->codes->code, dim, centers->size,
						  centers->n, clusters->dots);
	for (int c = 0; c < centers->n; c++)
	{
		const CenterTerms *t = &centers->terms[c];
		double		score = t->square - ((t->offset * sum + t->sum * offset) +
										 t->scale * (scale * (double) clusters->dots[c]));

		clusters->scores[c] = score;
		if (score < least)
		{
			least = score;
			best = c;
		}
	}
	return best;
}

/* The sums and sizes that the next centers come from. */
typedef struct Sums
{
	double	   *sum;			/* dim for each center */
	int		   *count;
} Sums;

static void
add_point(Sums *sums, int c, const VmCode *x, int dim)
{
	double	   *sum = sums->sum + (Size) c * dim;
	double		offset = x->offset;
	double		scale = x->scale;

	for (int i = 0; i < dim; i++)
		sum[i] += offset + scale * x->code[i];
	sums->count[c]++;
}

/*
 * One round: each point to its nearest center, each center to the mean of its
 * points.  A center without a point takes one of the largest cluster's.
 */
static void
lloyd_round(VmClusters *clusters, Centers *centers, const VmPoints *points, const int *order,
			int n, int *assigned, Sums *sums)
{
	int			dim = clusters->dim;

	memset(sums->sum, 0, sizeof(double) * dim * centers->n);
	memset(sums->count, 0, sizeof(int) * centers->n);
	for (int k = 0; k < n; k++)
	{
		const VmCode *x = vm_point(points, order[k]);

		if (k % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		widen_point(clusters, x);
		assigned[k] = score_centers(clusters, centers, x);
		add_point(sums, assigned[k], x, dim);
	}
	for (int c = 0; c < centers->n; c++)
	{
		double	   *sum = sums->sum + (Size) c * dim;

		if (sums->count[c] == 0)
		{
			int			largest = 0;
			int			k = 0;

			for (int i = 1; i < centers->n; i++)
				if (sums->count[i] > sums->count[largest])
					largest = i;
			while (k < n - 1 && assigned[k] != largest)
				k++;
			memcpy(center_at(centers, c), vm_point(points, order[k]), centers->size);
			assigned[k] = c;
			sums->count[largest]--;
			sums->count[c] = 1;
		}
		else
		{
			for (int i = 0; i < dim; i++)
				sum[i] /= sums->count[c];
			vm_code_encode(center_at(centers, c), sum, dim, false);
		}
		center_set(centers, c, dim);
	}
}

/* Drop the centers of clusters that are hardly any. */
static void
drop_tiny(Centers *centers, const Sums *sums, int n)
{
	double		least = TINY_SHARE * n / centers->n;
	int			kept = 0;

	for (int c = 0; c < centers->n; c++)
		if (sums->count[c] >= least)
		{
			memmove(center_at(centers, kept), center_at(centers, c), centers->size);
			centers->terms[kept++] = centers->terms[c];
		}
	centers->n = kept;
}

/*
 * Take points for centers, each with a probability that rises with the square
 * of its distance to those taken before (k-means++, Arthur and Vassilvitskii
 * 2007).  Always the same for the same points.
 */
static void
seed_centers(VmClusters *clusters, Centers *centers, const VmPoints *points, const int *order,
			 int n)
{
	int			dim = clusters->dim;
	double	   *square = palloc_extended(sizeof(double) * n, MCXT_ALLOC_HUGE);
	pg_prng_state random;
	int			chosen = 0;

	pg_prng_seed(&random, n);
	for (int k = 0; k < n; k++)
		square[k] = INFINITY;
	for (int c = 0; c < centers->n; c++)
	{
		const VmCode *center = vm_point(points, order[chosen]);
		double		sum = 0;
		double		at;

		CHECK_FOR_INTERRUPTS();
		memcpy(center_at(centers, c), center, centers->size);
		center_set(centers, c, dim);
		if (c + 1 == centers->n)
			break;
		for (int k = 0; k < n; k++)
		{
			double		slack;
			double		d = vm_code_distance(vm_kernels, false, center, vm_point(points, order[k]),
											 dim, &slack);

			square[k] = Min(square[k], d * d);
			sum += square[k];
		}
		at = pg_prng_double(&random) * sum;
		for (chosen = 0; chosen < n - 1 && at >= square[chosen]; chosen++)
			at -= square[chosen];
	}
	pfree(square);
}

/*
 * Give clusters of more than most points a second center each, one of their
 * points; the next rounds move both.
 */
static void
split_large(VmClusters *clusters, Centers *centers, const Sums *sums, const VmPoints *points,
			const int *order, int n, const int *assigned, int most)
{
	int			before = centers->n;

	for (int c = 0; c < before && centers->n < centers->max; c++)
	{
		int			wanted = sums->count[c] / 2;
		int			k = 0;

		if (sums->count[c] <= most)
			continue;
		for (; k < n - 1; k++)
			if (assigned[k] == c && wanted-- == 0)
				break;
		memcpy(center_at(centers, centers->n), vm_point(points, order[k]), centers->size);
		center_set(centers, centers->n, clusters->dim);
		centers->n++;
	}
}

/*
 * Train the centers, no more than points, on n >= 1 points; fewer may be left.
 * Where most is given there may be more, so that none has many more points.
 */
static void
train(VmClusters *clusters, Centers *centers, const VmPoints *points, const int *order, int n,
	  int most)
{
	int			dim = clusters->dim;
	int		   *assigned = palloc_extended(sizeof(int) * n, MCXT_ALLOC_HUGE);
	Sums		sums;

	sums.sum = palloc_extended(sizeof(double) * dim * centers->max, MCXT_ALLOC_HUGE);
	sums.count = palloc(sizeof(int) * centers->max);
	seed_centers(clusters, centers, points, order, n);
	for (int round = 0; round < ROUNDS; round++)
	{
		lloyd_round(clusters, centers, points, order, n, assigned, &sums);
		if (round == DROP_ROUND)
			drop_tiny(centers, &sums, n);
		else if (most > 0 && (round == SPLIT_ROUND_1 || round == SPLIT_ROUND_2))
			split_large(clusters, centers, &sums, points, order, n, assigned, most);
	}
	/* a center's error is none, whatever it was made from */
	for (int c = 0; c < centers->n; c++)
		center_at(centers, c)->error = 0;
	pfree(sums.sum);
	pfree(sums.count);
	pfree(assigned);
}

static int
max_cells(const VmClusterPlan *plan)
{
	return Max(1, (int) rint((double) plan->clusters / plan->each_cell));
}

/* Training may split clusters of a cell that begins with n of them. */
static int
cell_slots(int n)
{
	return 2 * n + 8;
}

/* Each cell rounds its share of the clusters, and has at least one. */
static int
max_clusters(const VmClusterPlan *plan)
{
	return cell_slots(0) * max_cells(plan) +
		(cell_slots(1) - cell_slots(0)) * (plan->clusters + max_cells(plan));
}

static Size
center_size(int dim)
{
	return VM_CODE_SIZE(vm_head_dims(dim)) + sizeof(CenterTerms);
}

Size
vm_cluster_size(int dim)
{
	return center_size(dim) * (cell_slots(1) - cell_slots(0));
}

Size
vm_clusters_room(const VmSpace *space, const VmClusterPlan *plan)
{
	Size		centers = (Size) max_cells(plan) + max_clusters(plan);

	return MAXALIGN(sizeof(Head)) + MAXALIGN(mul_size(sizeof(Cell), max_cells(plan))) +
		MAXALIGN(mul_size(center_size(space->dim), centers));
}

VmClusters *
vm_clusters_attach(void *room)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "vectormed clusters",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	VmClusters *clusters = palloc0(sizeof(VmClusters));
	Head	   *head = room;
	Size		most = Max(head->max_cells, head->max_clusters);

	clusters->context = context;
	clusters->head = head;
	clusters->cells = (Cell *) ((char *) room + MAXALIGN(sizeof(Head)));
	clusters->terms = (CenterTerms *)
		((char *) clusters->cells + MAXALIGN(sizeof(Cell) * head->max_cells));
	clusters->codes = (VmCode *) (clusters->terms + head->max_cells + head->max_clusters);
	clusters->dim = head->dim;
	clusters->first = palloc(sizeof(int) * (head->max_cells + 1));
	clusters->widened = palloc(sizeof(int16) * head->dim);
	clusters->dots = palloc_extended(sizeof(int64) * most, MCXT_ALLOC_HUGE);
	clusters->scores = palloc_extended(sizeof(double) * most, MCXT_ALLOC_HUGE);
	MemoryContextSwitchTo(old);
	return clusters;
}

/* The cells themselves, trained on a part of the sample. */
static void
train_cells(VmClusters *clusters, const VmSample *sample)
{
	int			n = sample->n;
	int			n_top = (int) Min((int64) n, (int64) clusters->head->max_cells * CELL_SAMPLE);
	int		   *order = palloc_extended(sizeof(int) * n_top, MCXT_ALLOC_HUGE);
	Centers		centers;

	for (int k = 0; k < n_top; k++)
		order[k] = sample->numbers[(int64) k * n / n_top];
	centers = centers_from(clusters, 0, clusters->head->max_cells,
						   Min(clusters->head->max_cells, n_top));
	train(clusters, &centers, &sample->points, order, n_top, 0);
	clusters->head->n_cells = centers.n;
	pfree(order);
}

/* Each point of the sample to its cell: a counting sort. */
static void
sort_by_cells(VmClusters *clusters, VmSample *sample)
{
	int			n = sample->n;
	int			n_cells = clusters->head->n_cells;
	Centers		centers = cell_centers(clusters);
	int		   *cell_of = palloc_extended(sizeof(int) * n, MCXT_ALLOC_HUGE);
	int		   *numbers = palloc_extended(sizeof(int) * n, MCXT_ALLOC_HUGE);
	int			start = 0;

	memset(clusters->cells, 0, sizeof(Cell) * n_cells);
	for (int i = 0; i < n; i++)
	{
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		numbers[i] = sample->numbers[i];
		widen_point(clusters, vm_point(&sample->points, numbers[i]));
		cell_of[i] = score_centers(clusters, &centers, vm_point(&sample->points, numbers[i]));
		clusters->cells[cell_of[i]].n_points++;
	}
	for (int c = 0; c < n_cells; c++)
	{
		clusters->cells[c].first_point = start;
		start += clusters->cells[c].n_points;
		clusters->cells[c].n_points = 0;
	}
	for (int i = 0; i < n; i++)
	{
		Cell	   *cell = &clusters->cells[cell_of[i]];

		sample->numbers[cell->first_point + cell->n_points++] = numbers[i];
	}
	pfree(cell_of);
	pfree(numbers);
}

VmClusters *
vm_clusters_begin(const VmSpace *space, void *room, VmSample *sample, const VmClusterPlan *plan)
{
	Head	   *head = room;
	VmClusters *clusters;
	int			slot = 0;

	Assert(sample->n >= 1);
	head->dim = vm_head_dims(space->dim);
	head->max_cells = max_cells(plan);
	head->max_clusters = max_clusters(plan);
	head->most = (int) Max(1, LARGE_SHARE * sample->n / plan->clusters);
	head->n_cells = 0;
	pg_atomic_init_u32(&head->next, 0);
	clusters = vm_clusters_attach(room);
	train_cells(clusters, sample);
	sort_by_cells(clusters, sample);
	for (int c = 0; c < head->n_cells; c++)
	{
		Cell	   *cell = &clusters->cells[c];
		double		share = (double) cell->n_points / sample->n * plan->clusters;

		cell->n = Min(Max(1, (int) rint(share)), cell->n_points);
		cell->first_slot = slot;
		cell->n_slots = cell_slots(cell->n);
		slot += cell->n_slots;
	}
	Assert(slot <= head->max_clusters);
	return clusters;
}

bool
vm_clusters_claim(VmClusters *clusters, VmCellClaim *claim)
{
	uint32		c = pg_atomic_fetch_add_u32(&clusters->head->next, 1);

	if (c >= clusters->head->n_cells)
		return false;
	*claim = (VmCellClaim) {c, clusters->cells[c].first_point, clusters->cells[c].n_points};
	return true;
}

void
vm_clusters_train(VmClusters *clusters, const VmCellClaim *claim, const VmPoints *points,
				  const int *numbers)
{
	Cell	   *cell = &clusters->cells[claim->cell];
	Centers		centers = cluster_centers(clusters, cell);

	/* a cell that no point is nearest to has no cluster */
	if (cell->n_points > 0)
		train(clusters, &centers, points, numbers, cell->n_points, clusters->head->most);
	cell->n = centers.n;
}

void
vm_clusters_finish(VmClusters *clusters)
{
	clusters->first[0] = 0;
	for (int c = 0; c < clusters->head->n_cells; c++)
		clusters->first[c + 1] = clusters->first[c] + clusters->cells[c].n;
}

int
vm_clusters_count(const VmClusters *clusters)
{
	return clusters->first[clusters->head->n_cells];
}

int
vm_clusters_cell(const VmClusters *clusters, int number)
{
	int			low = 0;
	int			high = clusters->head->n_cells - 1;

	/* the last cell that does not start behind it */
	while (low < high)
	{
		int			middle = (low + high + 1) / 2;

		if (clusters->first[middle] <= number)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

int
vm_clusters_nearest(VmClusters *clusters, const VmCode *point)
{
	Centers		cells = cell_centers(clusters);
	int			probed[PROBED_CELLS];
	int			n_probed = Min(PROBED_CELLS, cells.n);
	int			best = 0;
	double		best_score = INFINITY;

	widen_point(clusters, point);
	probed[0] = score_centers(clusters, &cells, point);
	for (int p = 1; p < n_probed; p++)
	{
		clusters->scores[probed[p - 1]] = INFINITY;
		probed[p] = 0;
		for (int c = 1; c < cells.n; c++)
			if (clusters->scores[c] < clusters->scores[probed[p]])
				probed[p] = c;
	}
	for (int p = 0; p < n_probed; p++)
	{
		const Cell *cell = &clusters->cells[probed[p]];
		Centers		centers = cluster_centers(clusters, cell);
		int			c;

		if (centers.n == 0)
			continue;
		c = score_centers(clusters, &centers, point);
		if (clusters->scores[c] < best_score)
		{
			best = clusters->first[probed[p]] + c;
			best_score = clusters->scores[c];
		}
	}
	return best;
}

void
vm_clusters_free(VmClusters *clusters)
{
	MemoryContextDelete(clusters->context);
}
