/*
 * test/unit/coding_test.c
 *		Rotation and codes: what is promised of them, against arithmetic with
 *		more digits.
 */
#include "unit.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distance/coding.h"

#define SEEDS 400				/* rotations that a distribution is taken from */

/* Lengths: all small ones, then where something changes. */
static const int long_dims[] = {
	384, 784, 1000, 1023, 1024, 1025, 1535, 1536, 1537, 1919, 1920, 1921, 4100, 16000
};

#define N_LONG_DIMS ((int) (sizeof(long_dims) / sizeof(long_dims[0])))

/* Kinds of vectors, beyond what fill_floats() knows. */
enum
{
	VECTOR_ONE_ELEMENT = NUMBER_KINDS,
	VECTOR_ALIKE,
	VECTOR_FAR,					/* near each other, far from the origin */
	VECTOR_SCALES,				/* 1e-30 .. 1e30 */
	VECTOR_SPARSE,				/* a tenth of the elements, and they are whole numbers */
	VECTOR_ZEROS,
	VECTOR_KINDS
};

static double *
make_vector(int dim, int kind)
{
	double	   *x = allocate(sizeof(double) * dim);
	float	   *f = allocate(sizeof(float) * dim);

	fill_floats(f, dim, kind < NUMBER_KINDS ? (NumberKind) kind : NUMBERS_ORDINARY);
	for (int i = 0; i < dim; i++)
	{
		x[i] = f[i];
		if (kind == VECTOR_ONE_ELEMENT || kind == VECTOR_ZEROS)
			x[i] = 0;
		else if (kind == VECTOR_ALIKE)
			x[i] = f[0];
		else if (kind == VECTOR_FAR)
			x[i] = (float) (1e6 + f[i]);
		else if (kind == VECTOR_SCALES)
			x[i] = (float) (f[i] * pow(10, i % 61 - 30));
		else if (kind == VECTOR_SPARSE)
			x[i] = random_bits() % 10 == 0 ? round(f[i] * 5) : 0;
	}
	if (kind == VECTOR_ONE_ELEMENT)
		x[random_bits() % (uint64_t) dim] = f[0];
	free(f);
	return x;
}

static double *
copy_of(const double *x, int dim)
{
	double	   *copy = allocate(sizeof(double) * dim);

	memcpy(copy, x, sizeof(double) * dim);
	return copy;
}

static Exact
exact_dot(const double *x, const double *y, int dim)
{
	Exact		sum = 0;

	for (int i = 0; i < dim; i++)
		sum += (Exact) x[i] * y[i];
	return sum;
}

static Exact
exact_abs(Exact x)
{
	return x < 0 ? -x : x;
}

/* ---- rotation ---------------------------------------------------------- */

/* Norms and dot products stay, and all kernels agree. */
static void
check_rotation(const VmKernels *k, int dim, int kind)
{
	const VmKernels *scalar = &vm_kernels_scalar;
	uint64_t	seed = random_bits();
	double	   *x = make_vector(dim, kind);
	double	   *y = make_vector(dim, VECTOR_SCALES);
	double	   *rx = copy_of(x, dim);
	double	   *ry = copy_of(y, dim);
	double	   *other = copy_of(x, dim);
	Exact		xx = exact_dot(x, x, dim);
	Exact		yy = exact_dot(y, y, dim);
	double		size = sqrt((double) xx) * sqrt((double) yy);

	vm_rotate(k, seed, rx, dim);
	vm_rotate(k, seed, ry, dim);
	vm_rotate(scalar, seed, other, dim);
	check(memcmp(rx, other, sizeof(double) * dim) == 0, "%s rotation has other bits, dim %d kind %d",
		  k->name, dim, kind);
	check(exact_abs(exact_dot(rx, rx, dim) - xx) <= xx * (Exact) 1e-13,
		  "%s rotation changes the norm, dim %d kind %d", k->name, dim, kind);
	check(exact_abs(exact_dot(rx, ry, dim) - exact_dot(x, y, dim)) <= (Exact) size * (Exact) 1e-13,
		  "%s rotation changes a dot product, dim %d kind %d", k->name, dim, kind);
	free(x);
	free(y);
	free(rx);
	free(ry);
	free(other);
}

/* The matrix, from the images of the axes: its transpose is its inverse. */
static void
check_matrix(const VmKernels *k, int dim)
{
	uint64_t	seed = random_bits();
	double	   *matrix = allocate(sizeof(double) * dim * dim);
	double	   *row = allocate(sizeof(double) * dim);
	double		worst = 0;

	for (int i = 0; i < dim; i++)
	{
		for (int j = 0; j < dim; j++)
			matrix[i * dim + j] = i == j;
		vm_rotate(k, seed, matrix + i * dim, dim);
	}
	for (int i = 0; i < dim; i++)
		for (int j = 0; j <= i; j++)
		{
			Exact		columns = exact_dot(matrix + i * dim, matrix + j * dim, dim);
			Exact		rows = 0;

			for (int m = 0; m < dim; m++)
				rows += (Exact) matrix[m * dim + i] * matrix[m * dim + j];
			worst = fmax(worst, (double) exact_abs(columns - (i == j)));
			worst = fmax(worst, (double) exact_abs(rows - (i == j)));
		}
	check(worst < 1e-14, "%s rotation is not orthogonal by %g, dim %d", k->name, worst, dim);
	free(matrix);
	free(row);
}

/* No axis keeps to itself, and another seed is another matrix. */
static void
check_spread(const VmKernels *k, int dim)
{
	double	   *x = make_vector(dim, VECTOR_ONE_ELEMENT);
	double	   *y = copy_of(x, dim);
	double		norm = sqrt((double) exact_dot(x, x, dim));
	double		largest = 0;
	double		cosine;

	vm_rotate(k, 1, x, dim);
	vm_rotate(k, 2, y, dim);
	for (int i = 0; i < dim; i++)
		largest = fmax(largest, fabs(x[i]) / norm);
	cosine = (double) exact_dot(x, y, dim) / (norm * norm);
	check(largest < 6 / sqrt(dim), "%s rotation leaves %g of an axis in one element, dim %d",
		  k->name, largest, dim);
	check(fabs(cosine) < 6 / sqrt(dim), "%s rotations of two seeds agree by %g, dim %d",
		  k->name, cosine, dim);
	free(x);
	free(y);
}

void
test_rotation(const VmKernels *k)
{
	for (int dim = 1; dim <= 300; dim++)
	{
		for (int kind = 0; kind < VECTOR_KINDS; kind++)
			check_rotation(k, dim, kind);
		if (dim <= 70)
			check_matrix(k, dim);
		if (dim >= 64)
			check_spread(k, dim);
	}
	for (int i = 0; i < N_LONG_DIMS; i++)
	{
		for (int kind = 0; kind < VECTOR_KINDS; kind++)
			check_rotation(k, long_dims[i], kind);
		check_spread(k, long_dims[i]);
	}
}

/* ---- 8-bit codes ------------------------------------------------------- */

static VmCode *
make_code(const double *x, int dim, bool l1)
{
	VmCode	   *code = allocate(VM_CODE_SIZE(dim));

	vm_code_encode(code, x, dim, l1);
	return code;
}

static Exact
exact_element(const VmCode *code, int i)
{
	return (Exact) code->offset + (Exact) code->scale * code->code[i];
}

/* Is |exact| <= bound?  squared: exact is of a square. */
static bool
at_most(Exact exact, double bound, bool squared)
{
	if (isinf(bound))
		return bound > 0;
	return exact <= (squared ? (Exact) bound * bound : (Exact) bound);
}

/* The error is a bound, and no more than that; the sums are those of the codes. */
static void
check_encoded(int dim, int kind, bool l1)
{
	double	   *x = make_vector(dim, kind);
	VmCode	   *code = make_code(x, dim, l1);
	double	   *decoded = allocate(sizeof(double) * dim);
	Exact		error = 0;
	Exact		size = 0;
	uint64_t	sum = 0;
	uint64_t	squares = 0;
	bool		near = true;
	bool		clean = true;

	vm_code_decode(code, dim, decoded);
	for (int i = 0; i < dim; i++)
	{
		Exact		d = exact_abs((Exact) x[i] - exact_element(code, i));

		error += l1 ? d : d * d;
		size += l1 ? exact_abs(x[i]) : (Exact) x[i] * x[i];
		sum += code->code[i];
		squares += (uint64_t) code->code[i] * code->code[i];
		near &= exact_abs((Exact) decoded[i] - exact_element(code, i)) <=
			((Exact) fabs(code->offset) + 255 * (Exact) code->scale) * (Exact) 1e-15;
	}
	for (size_t i = offsetof(VmCode, code) + dim; i < VM_CODE_SIZE(dim); i++)
		clean &= ((uint8_t *) code)[i] == 0;
	check(at_most(error, code->error, !l1), "the error of a code is no bound, dim %d kind %d l1 %d",
		  dim, kind, l1);
	/* a code is worth its bytes: an element is off by at most half a step */
	if (!isinf(code->error) && kind != NUMBERS_DENORMAL)
	{
		double		step = (double) code->scale / 2 * (l1 ? dim : sqrt(dim));
		double		norm = l1 ? (double) size : sqrt((double) size);

		check(code->error <= step * 1.0001 + norm * 1e-5,
			  "the error of a code is %g, half steps are %g, dim %d kind %d l1 %d",
			  code->error, step, dim, kind, l1);
	}
	check(code->sum == sum && code->square_sum == squares, "the sums of a code are wrong, dim %d", dim);
	check(near && clean, "a code decodes to something else, dim %d kind %d", dim, kind);
	free(x);
	free(code);
	free(decoded);
}

/* The distance of two codes, and the code of the leading elements. */
static void
check_code_distance(const VmKernels *k, int dim, int kind, bool l1, bool same)
{
	double	   *x = make_vector(dim, kind);
	double	   *y = same ? copy_of(x, dim) : make_vector(dim, kind);
	VmCode	   *a = make_code(x, dim, l1);
	VmCode	   *b = make_code(y, dim, l1);
	VmCode	   *head = allocate(VM_CODE_SIZE(dim / 2 + 1));
	double		slack;
	double		distance = vm_code_distance(k, l1, a, b, dim, &slack);
	Exact		truth = 0;
	Exact		norm = 0;

	for (int i = 0; i < dim; i++)
	{
		Exact		d = exact_element(a, i) - exact_element(b, i);

		truth += l1 ? exact_abs(d) : d * d;
		norm += exact_element(a, i) * exact_element(a, i);
	}
	check(at_most(truth, distance + slack, !l1) &&
		  (distance <= slack || !at_most(truth, (distance - slack) * (1 - 1e-15), !l1) || truth == 0),
		  "%s the distance of codes is off by more than %g, dim %d kind %d l1 %d", k->name, slack,
		  dim, kind, l1);
	check(slack >= 0 && distance >= 0, "%s a distance of codes is negative, dim %d kind %d", k->name,
		  dim, kind);
	if (same)
		check(distance <= slack, "%s a code is %g from itself, dim %d kind %d l1 %d", k->name,
			  distance, dim, kind, l1);
	check(fabs(vm_code_norm(a, dim) - sqrt((double) norm)) <=
		  (fabs(a->offset) + 255.0 * a->scale) * sqrt(dim) * 1e-7,
		  "the norm of a code is wrong, dim %d kind %d", dim, kind);

	vm_code_prefix(head, a, dim / 2 + 1);
	check(head->offset == a->offset && head->scale == a->scale && head->error == a->error &&
		  memcmp(head->code, a->code, dim / 2 + 1) == 0, "the head of a code differs, dim %d", dim);
	free(x);
	free(y);
	free(a);
	free(b);
	free(head);
}

/* ---- a query against codes --------------------------------------------- */

static VmCodedQuery
make_query(const double *x, int dim, void **room)
{
	VmCodedQuery query;

	*room = allocate(vm_coded_query_room(dim));
	vm_coded_query_prepare(&query, x, NULL, dim, dim < VM_HEAD_DIMS ? dim : VM_HEAD_DIMS, *room);
	return query;
}

static Exact
exact_query(const VmCodedQuery *query, int i)
{
	return (Exact) query->scale * query->code[i];
}

/* Over the first n elements: q' is near q, and squares and products are as near as they say. */
static void
check_prefix(const VmKernels *k, const VmCodedQuery *query, const VmCodedPrefix *prefix,
			 const double *q, const VmCode *code, int kind)
{
	int			n = prefix->n;
	int64_t		dot = k->code_dot(query->code, code->code, n);
	VmCode	   *head = allocate(VM_CODE_SIZE(n));
	double		slack;
	double		square;
	double		product;
	Exact		error = 0;
	Exact		truth = 0;
	Exact		true_product = 0;
	Exact		qq = 0;
	double		size = (fabs(code->offset) + 255.0 * code->scale) * sqrt(n);

	vm_code_prefix(head, code, n);
	square = vm_coded_square(query, prefix, head, dot, &slack);
	product = vm_coded_dot(query, prefix, head, dot);
	for (int i = 0; i < n; i++)
	{
		Exact		d = (Exact) q[i] - exact_query(query, i);
		Exact		e = exact_query(query, i) - exact_element(head, i);

		error += d * d;
		truth += e * e;
		true_product += exact_query(query, i) * exact_element(head, i);
		qq += exact_query(query, i) * exact_query(query, i);
	}
	check(at_most(error, prefix->error, true), "%s a query's error is no bound, dim %d kind %d",
		  k->name, n, kind);
	check(exact_abs(truth - square) <= (Exact) slack, "%s |q - x|^2 is %g, off by %g, slack %g, dim %d kind %d",
		  k->name, (double) truth, (double) (truth - square), slack, n, kind);
	check(square >= 0 && slack >= 0, "%s |q - x|^2 is negative, dim %d kind %d", k->name, n, kind);
	check(exact_abs(true_product - product) <= (Exact) (1e-14 * sqrt((double) qq) * size),
		  "%s <q, x> is off by %g, dim %d kind %d", k->name, (double) (true_product - product), n, kind);
	free(head);
}

static void
check_query(const VmKernels *k, int dim, int q_kind, int x_kind)
{
	double	   *q = make_vector(dim, q_kind);
	double	   *x = make_vector(dim, x_kind);
	VmCode	   *code = make_code(x, dim, false);
	void	   *room;
	VmCodedQuery query = make_query(q, dim, &room);

	check_prefix(k, &query, &query.whole, q, code, q_kind * 100 + x_kind);
	check_prefix(k, &query, &query.head, q, code, q_kind * 100 + x_kind);
	free(q);
	free(x);
	free(code);
	free(room);
}

void
test_codes(const VmKernels *k)
{
	for (int d = 0; d < 70 + N_LONG_DIMS; d++)
	{
		int			dim = d < 70 ? d + 1 : long_dims[d - 70];

		for (int kind = 0; kind < VECTOR_KINDS; kind++)
		{
			for (int l1 = 0; l1 < 2; l1++)
			{
				check_encoded(dim, kind, l1);
				check_code_distance(k, dim, kind, l1, false);
				check_code_distance(k, dim, kind, l1, true);
			}
			for (int other = 0; other < VECTOR_KINDS; other++)
				check_query(k, dim, kind, other);
		}
	}
}

/* ---- 1-bit codes ------------------------------------------------------- */

/* sum s*q, from the table and the nibbles. */
static double
sum_of_signs(const VmCodedQuery *query, const uint8_t *nibbles, int dim)
{
	uint32_t	sum = 0;

	for (int g = 0; g < VM_SIGN_GROUPS(dim); g++)
		sum += query->sign_table[16 * g + nibbles[g]];
	return query->sign_scale * sum + query->sign_base;
}

/* What a series of estimates comes to. */
typedef struct Series
{
	int			n;
	double		sum;			/* of (estimate - truth) / deviation */
	double		squares;
} Series;

/* Where a vector is all zeros nothing is left to chance, and the estimate is the truth. */
static void
add_to_series(Series *series, double off, double deviation, double size)
{
	if (deviation > 0)
	{
		double		x = off / deviation;

		series->n++;
		series->sum += x;
		series->squares += x * x;
	}
	else
		check(fabs(off) <= 1e-6 * size, "an estimate without a deviation is off by %g", off);
}

static void
check_series(const VmKernels *k, const Series *series, bool as_said, const char *what, int dim, int kind)
{
	int			n = series->n;
	double		mean = n > 0 ? series->sum / n : 0;
	double		deviation = n > 0 ? sqrt(series->squares / n - mean * mean) : 1;

	check(n == 0 || fabs(mean) < 4 * deviation / sqrt(n), "%s %s is biased by %g deviations, dim %d kind %d", k->name,
		  what, mean, dim, kind);
	check(!as_said || (deviation > 0.8 && deviation < 1.2), "%s %s deviates %g times as much as said, dim %d kind %d",
		  k->name, what, deviation, dim, kind);
}

/* Rotate all three, code them, and estimate. */
static void
estimate(const VmKernels *k, const double *vectors[3], int dim, uint64_t seed, Series *square,
		 Series *product)
{
	double	   *rotated[3];
	int			center_dim = vm_head_dims(dim);
	double		f = vm_head_factor(dim);
	uint8_t    *nibbles = allocate(VM_SIGN_GROUPS(dim));
	VmCode	   *center;
	VmCode	   *x;
	VmCodedQuery query;
	VmSigns		signs;
	void	   *room;
	double		sum;
	Exact		to_center = 0;	/* over the leading elements */
	Exact		head = 0;		/* |q|^2 over those */
	Exact		to_x = 0;
	Exact		dot_center = 0;
	Exact		dot_x = 0;
	Exact		norm = 0;

	for (int v = 0; v < 3; v++)
	{
		rotated[v] = copy_of(vectors[v], dim);
		vm_rotate(k, seed, rotated[v], dim);
	}
	query = make_query(rotated[0], dim, &room);
	x = make_code(rotated[1], dim, false);
	center = make_code(rotated[2], center_dim, false);
	signs = vm_sign_encode(k, x, center, dim, nibbles);
	sum = sum_of_signs(&query, nibbles, dim);
	for (int i = 0; i < dim; i++)
	{
		Exact		q = rotated[0][i];
		Exact		c = i < center_dim ? exact_element(center, i) : 0;

		if (i < center_dim)
		{
			to_center += (q - c) * (q - c);
			head += q * q;
		}
		to_x += (q - exact_element(x, i)) * (q - exact_element(x, i));
		dot_center += q * c;
		dot_x += q * exact_element(x, i);
		norm += q * q;
	}
	to_center = f * to_center + norm - f * head;
	add_to_series(square, (double) (to_center - to_x) + signs.constant - signs.factor * sum,
				  signs.factor * vm_sign_deviation(dim) *
				  vm_sign_distance(&query, (double) to_center, dim), (double) (to_center + to_x));
	add_to_series(product, (double) (f * dot_center - dot_x) + signs.factor / 2 * sum,
				  signs.factor / 2 * vm_sign_deviation(dim) * sqrt((double) norm), (double) norm);
	for (int v = 0; v < 3; v++)
		free(rotated[v]);
	free(nibbles);
	free(center);
	free(x);
	free(room);
}

/*
 * Over random rotations the estimates are right on the average and deviate as
 * much as is said: that is not for vectors of one direction, where nothing is
 * left to chance, so x lies at no small angle from q, seen from the center.
 * Where a center has the leading elements only, its length makes them deviate
 * more.
 */
static void
check_estimates(const VmKernels *k, int dim, int q_kind, int kind, double center_length, int n)
{
	bool		as_said = dim <= VM_SIGN_DIMS || center_length == 0;

	double	   *q = make_vector(dim, q_kind);
	double	   *x = make_vector(dim, kind);
	double	   *center = make_vector(dim, kind);
	const double *vectors[3] = {q, x, center};
	Series		square = {0};
	Series		product = {0};

	for (int i = 0; i < dim; i++)
		center[i] *= center_length;
	for (int seed = 0; seed < n; seed++)
		estimate(k, vectors, dim, (uint64_t) seed, &square, &product);
	check_series(k, &square, as_said, "the estimate of a square", dim, kind);
	check_series(k, &product, as_said, "the estimate of a product", dim, kind);
	free(q);
	free(x);
	free(center);
}

/* Whatever the vectors: factors are finite, and of x = c nothing is left
 * but what the leading elements do not say. */
static void
check_extremes(const VmKernels *k, int dim, int kind)
{
	double	   *x = make_vector(dim, kind);
	double	   *c = make_vector(dim, kind);
	VmCode	   *code = make_code(x, dim, false);
	VmCode	   *center = make_code(c, dim, false);
	uint8_t    *nibbles = allocate(VM_SIGN_GROUPS(dim));
	VmSigns		signs = vm_sign_encode(k, code, center, dim, nibbles);
	bool		clean = true;

	check(isfinite(signs.factor) && isfinite(signs.constant) && signs.factor >= 0,
		  "%s factors of signs are not finite, dim %d kind %d", k->name, dim, kind);
	signs = vm_sign_encode(k, code, code, dim, nibbles);
	for (int g = 0; g < VM_SIGN_GROUPS(dim); g++)
		clean &= nibbles[g] == 0;
	check(clean && signs.factor == 0 && (signs.constant == 0 || dim > VM_HEAD_DIMS), "%s the signs of 0 are some, dim %d kind %d",
		  k->name, dim, kind);
	free(x);
	free(c);
	free(code);
	free(center);
	free(nibbles);
}

void
test_signs(const VmKernels *k)
{
	static const int dims[] = {48, 64, 65, 96, 100, 128, 200, 384, 768, 1024, 1536};
	static const int long_ones[] = {2000, 3000, 16000};

	for (int i = 0; i < (int) (sizeof(dims) / sizeof(dims[0])); i++)
	{
		check_estimates(k, dims[i], NUMBERS_ORDINARY, NUMBERS_ORDINARY, 0.3, SEEDS);
		check_estimates(k, dims[i], NUMBERS_LATTICE, NUMBERS_LATTICE, 0.3, SEEDS);
		check_estimates(k, dims[i], VECTOR_SPARSE, VECTOR_SPARSE, 0.3, SEEDS);
		check_estimates(k, dims[i], VECTOR_ZEROS, NUMBERS_ORDINARY, 0.3, SEEDS);
		check_estimates(k, dims[i], NUMBERS_ORDINARY, VECTOR_ZEROS, 0, 1);
	}
	for (int i = 0; i < (int) (sizeof(long_ones) / sizeof(long_ones[0])); i++)
	{
		check_estimates(k, long_ones[i], NUMBERS_ORDINARY, NUMBERS_ORDINARY, 0, SEEDS / 2);
		check_estimates(k, long_ones[i], NUMBERS_ORDINARY, NUMBERS_ORDINARY, 3, SEEDS / 2);
	}
	for (int d = 0; d < 70 + N_LONG_DIMS; d++)
		for (int kind = 0; kind < VECTOR_KINDS; kind++)
			check_extremes(k, d < 70 ? d + 1 : long_dims[d - 70], kind);
}
