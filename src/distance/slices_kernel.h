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

#define BYTES		VM_SLICE_NAME(Bytes)

/* sum and carry of three bits */
#define ADD3(a, b, c, sum, carry) \
	do { \
		BYTES		either_ = (a) ^ (b); \
		BYTES		both_ = (a) & (b); \
		BYTES		third_ = (c); \
\
		carry = both_ | (either_ & third_); \
		sum = either_ ^ third_; \
	} while (0)

VM_SLICE_TARGET static void
VM_SLICE_NAME(slice_add) (const uint8_t *const columns[VM_SLICE_COLUMNS], size_t size,
						  uint8_t *planes, size_t stride, int n_planes)
{
	for (size_t i = 0; i < size; i += VM_SLICE_VECTOR)
	{
		BYTES		x[VM_SLICE_COLUMNS];
		BYTES		plane[3];
		BYTES		sum[3];
		BYTES		carry[4];

		for (int c = 0; c < VM_SLICE_COLUMNS; c++)
			memcpy(&x[c], columns[c] + i, VM_SLICE_VECTOR);
		for (int p = 0; p < 3; p++)
			memcpy(&plane[p], planes + stride * p + i, VM_SLICE_VECTOR);
		ADD3(x[0], x[1], x[2], sum[0], carry[0]);
		ADD3(x[3], x[4], x[5], sum[1], carry[1]);
		ADD3(sum[0], sum[1], x[6], sum[0], carry[2]);
		ADD3(carry[0], carry[1], carry[2], sum[1], sum[2]);

		carry[0] = plane[0] & sum[0];
		plane[0] ^= sum[0];
		ADD3(plane[1], sum[1], carry[0], plane[1], carry[1]);
		ADD3(plane[2], sum[2], carry[1], plane[2], carry[2]);
		for (int p = 0; p < 3; p++)
			memcpy(planes + stride * p + i, &plane[p], VM_SLICE_VECTOR);
		for (int p = 3; p < n_planes; p++)
		{
			memcpy(&plane[0], planes + stride * p + i, VM_SLICE_VECTOR);
			carry[3] = plane[0] & carry[2];
			plane[0] ^= carry[2];
			carry[2] = carry[3];
			memcpy(planes + stride * p + i, &plane[0], VM_SLICE_VECTOR);
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
			BYTES		have;
			BYTES		any;

			memcpy(&have, planes + stride * p + i, VM_SLICE_VECTOR);
			have &= greatest;
			any = (BYTES) (have != zero);
			most |= any & (uint8_t) (1 << p);
			greatest = have | (greatest & ~any);
		}
		memcpy(out + i, &most, VM_SLICE_VECTOR);
	}
}

#undef ADD3
#undef BYTES
