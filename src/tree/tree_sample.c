/*
 * src/tree/tree_sample.c
 *		Which rows of a build are its sample.
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "port/pg_bitutils.h"

#include "tree/tree_cluster.h"
#include "tree/tree_sample.h"

/* Sample rows for each cluster. */
#define CLUSTER_SAMPLE	64

/* Of the build's memory, the part for the sample, and its fewest rows. */
#define SAMPLE_SHARE	4
#define MIN_SAMPLE		64

/* How many rows of a class make it worth looking whether the limit can fall. */
#define LOOK_EVERY		64

int64
vm_tid_key(ItemPointer tid)
{
	return ((int64) ItemPointerGetBlockNumberNoCheck(tid) << 16) |
		ItemPointerGetOffsetNumberNoCheck(tid);
}

void
vm_tid_from_key(int64 key, ItemPointer tid)
{
	ItemPointerSet(tid, (BlockNumber) (key >> 16), (OffsetNumber) (key & 0xFFFF));
}

/* The three bits below the highest one, and its place. */
static int
class_of_hash(uint32 hash)
{
	int			high;

	if (hash < 8)
		return hash;
	high = pg_leftmost_one_pos32(hash);
	return (high - 2) * 8 + (int) ((hash >> (high - 3)) & 7);
}

static int
class_of_tid(ItemPointer tid)
{
	int64		key = vm_tid_key(tid);

	return class_of_hash(hash_bytes((unsigned char *) &key, sizeof(key)));
}

void
vm_sampler_init(VmSampler *sampler, const VmTree *tree, Size memory)
{
	Size		row_size = tree->record_size + sizeof(ItemPointerData);
	int			limit = VM_SAMPLE_CLASSES;

	if (!tree->codec->same_point(&tree->space))
		row_size += tree->point_size;
	if (tree->codec->coded)
	{
		double		share = CLUSTER_SAMPLE / (tree->leaf_capacity * VM_CLUSTER_FILL);

		if (share < 1)
			limit = class_of_hash((uint32) (share * 4294967296.0));
	}
	sampler->max_rows = Max(memory / SAMPLE_SHARE / row_size, MIN_SAMPLE);
	pg_atomic_init_u32(&sampler->limit, limit);
	for (int c = 0; c < VM_SAMPLE_CLASSES; c++)
		pg_atomic_init_u64(&sampler->counts[c], 0);
}

/* Others may add meanwhile: what is seen of the counts gives no lower limit. */
int
vm_sampler_limit(VmSampler *sampler)
{
	int			limit = pg_atomic_read_u32(&sampler->limit);
	uint64		rows = 0;

	for (int c = 0; c < limit; c++)
	{
		rows += pg_atomic_read_u64(&sampler->counts[c]);
		if (rows > sampler->max_rows)
			return c;
	}
	return limit;
}

static void
lower_limit(VmSampler *sampler)
{
	uint32		lower = vm_sampler_limit(sampler);
	uint32		limit = pg_atomic_read_u32(&sampler->limit);

	while (lower < limit &&
		   !pg_atomic_compare_exchange_u32(&sampler->limit, &limit, lower))
		;
}

bool
vm_sampler_add(VmSampler *sampler, ItemPointer tid)
{
	int			class = class_of_tid(tid);

	if (class >= pg_atomic_read_u32(&sampler->limit))
		return false;
	if (pg_atomic_add_fetch_u64(&sampler->counts[class], 1) % LOOK_EVERY == 0)
		lower_limit(sampler);
	return true;
}

bool
vm_in_sample(ItemPointer tid, int limit)
{
	return class_of_tid(tid) < limit;
}
