/*
 * src/distance/slices_kernel.h
 *		The kernels of counters that lie in planes (kernels.h), for vectors of
 *		VM_SLICE_VECTOR bytes.  A file of kernels includes it after it has defined
 *		that, VM_SLICE_NAME(name), and VM_SLICE_TARGET.
 *
 * Seven columns at a time become three by four full adders, and those are added to
 * the planes (a Harley-Seal counter; Mula, Kurz and Lemire, Computer Journal 2018).
 */
typedef uint8_t VM_SLICE_NAME(Bytes) __attribute__((vector_size(VM_SLICE_VECTOR)));

typedef uint8_t VM_SLICE_NAME(Unaligned)
__attribute__((vector_size(VM_SLICE_VECTOR), aligned(1), may_alias));

#define BYTES		VM_SLICE_NAME(Bytes)

/* sum and carry of three bits */
#define ADD3(a, b, c, sum, carry) \
	do { \
		BYTES		first_ = (a); \
		BYTES		second_ = (b); \
		BYTES		third_ = (c); \
		BYTES		either_ = first_ ^ second_; \
\
		carry = (first_ & second_) | (either_ & third_); \
		sum = either_ ^ third_; \
	} while (0)

#define LOAD(from)	(*(const VM_SLICE_NAME(Unaligned) *) (from))
#define STORE(to, x)	(*(VM_SLICE_NAME(Unaligned) *) (to) = (x))

VM_SLICE_TARGET static void
VM_SLICE_NAME(slice_add) (const uint8_t *const columns[VM_SLICE_COLUMNS], size_t size,
						  uint8_t *planes, size_t stride, int n_planes)
{
	for (size_t i = 0; i < size; i += VM_SLICE_VECTOR)
	{
		uint8_t    *plane = planes + i;
		BYTES		ones;
		BYTES		twos;
		BYTES		fours;
		BYTES		a;
		BYTES		b;
		BYTES		c;

		ADD3(LOAD(columns[0] + i), LOAD(columns[1] + i), LOAD(columns[2] + i), ones, a);
		ADD3(LOAD(columns[3] + i), LOAD(columns[4] + i), ones, ones, b);
		ADD3(LOAD(columns[5] + i), LOAD(columns[6] + i), ones, ones, c);
		ADD3(a, b, c, twos, fours);

		a = LOAD(plane);
		c = a & ones;
		STORE(plane, a ^ ones);
		plane += stride;
		ADD3(LOAD(plane), twos, c, a, b);
		STORE(plane, a);
		plane += stride;
		ADD3(LOAD(plane), fours, b, a, c);
		STORE(plane, a);
		for (int p = 3; p < n_planes; p++)
		{
			plane += stride;
			a = LOAD(plane);
			STORE(plane, a ^ c);
			c &= a;
		}
	}
}

VM_SLICE_TARGET static void
VM_SLICE_NAME(slice_most) (const uint8_t *planes, size_t stride, int n_planes, size_t size,
						   uint8_t *out)
{
	for (size_t i = 0; i < size; i += VM_SLICE_VECTOR)
	{
		BYTES		zero = {0};
		BYTES		greatest = ~zero;	/* the counters that may be */
		BYTES		most = zero;

		for (int p = n_planes - 1; p >= 0; p--)
		{
			BYTES		have = LOAD(planes + stride * p + i) & greatest;
			BYTES		any = (BYTES) (have != zero);

			most |= any & (uint8_t) (1 << p);
			greatest = have | (greatest & ~any);
		}
		STORE(out + i, most);
	}
}

#undef ADD3
#undef LOAD
#undef STORE
#undef BYTES
