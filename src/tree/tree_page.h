/*
 * src/tree/tree_page.h
 *		What is on the pages of a kdtree or balltree index.
 *
 * Every page has the standard header and the same tail in its special space:
 *
 *	+--------+----------------------------------+------------+--------------+
 *	| header | content (by kind)                | hole       | VmPageTail   |
 *	+--------+----------------------------------+------------+--------------+
 *	0        24                        pd_lower   pd_upper = pd_special
 *
 *	META    block 0, VmMetaData
 *	INNER   a node: count entries of VmInnerEntry + volume, one page
 *	LEAF    a node: its head page and the pages chained behind it, each with
 *			VM_LEAF tids and a matrix of float4, see vm_leaf_tids()
 *	LIST    TIDs of rows with no place in the tree: NULL vectors, and vectors
 *			at distance NaN from everything
 *	FREE    nothing; may be reused at once
 *
 * Format version 1.  A changed layout raises VM_FORMAT_VERSION.  Spare bytes
 * are zero.
 */
#ifndef VM_TREE_PAGE_H
#define VM_TREE_PAGE_H

#include "postgres.h"

#include "access/transam.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "storage/itemptr.h"
#include "utils/rel.h"

#include "compat/pg_compat.h"

#define VM_META_BLKNO		((BlockNumber) 0)
#define VM_META_MAGIC		0x564D5452
#define VM_FORMAT_VERSION	1
#define VM_PAGE_ID			0xFF9A	/* last two bytes of each page */

typedef enum VmPageKind
{
	VM_PAGE_META = 1,
	VM_PAGE_INNER = 2,
	VM_PAGE_LEAF = 3,
	VM_PAGE_LIST = 4,
	VM_PAGE_FREE = 5
} VmPageKind;

/* flags */
#define VM_PAGE_HEAD		0x0001	/* first page of a node */
#define VM_PAGE_ROOT		0x0002	/* the node the metapage points to */
#define VM_PAGE_DEAD		0x0004	/* replaced by its successors since stamp */
#define VM_PAGE_UNLINKED	0x0008	/* since stamp, nothing points here yet */
#define VM_PAGE_FLAGS		0x000F

/* Node ids below this are not nodes of the tree: 0 is none, 1 and 2 the lists. */
#define VM_FIRST_NODE_ID	16

typedef struct VmPageTail
{
	uint64		node_id;		/* the node (or list) this page belongs to */
	uint64		stamp;			/* full transaction id, see the flags; else 0 */
	uint64		successor_id[2];	/* of a dead node: what replaced it, 0 is none */
	BlockNumber successor[2];
	BlockNumber next;			/* next page of the same node or list */
	uint16		count;			/* entries on this page */
	uint16		flags;			/* on head pages; 0 on the others */
	uint8		kind;			/* VmPageKind */
	uint8		level;			/* of a node: 0 is a leaf, above its children's */
	uint8		spare[4];
	uint16		page_id;		/* VM_PAGE_ID */
} VmPageTail;

StaticAssertDecl(sizeof(VmPageTail) == 56, "VmPageTail is on disk");

/* The two lists of rows that have no place in the tree. */
typedef enum VmListId
{
	VM_LIST_NAN = 0,			/* at distance NaN from every query */
	VM_LIST_NULL = 1			/* NULL vectors */
} VmListId;

#define VM_LIST_NODE_ID(list)	((uint64) (list) + 1)

/*
 * Content of the metapage.  Only root, root_id, dim and the list ends change
 * after the build, by a root that grows, the first vector of an index made
 * empty, and a list that gets a page; and the figures, by VACUUM.
 */
typedef struct VmMetaData
{
	uint32		magic;			/* VM_META_MAGIC */
	uint32		version;		/* VM_FORMAT_VERSION */
	uint8		kind;			/* VmGeometry.kind */
	uint8		metric;			/* VmMetricId */
	uint8		codec;			/* VmCodec.id */
	uint8		spare[5];
	int32		dim;			/* 0 until the first vector */
	int32		leaf_size;		/* the reloption when built; 0 is automatic */
	uint64		root_id;		/* 0 while there is no node */
	BlockNumber root;
	BlockNumber list_first[2];	/* by VmListId, invalid while empty */
	BlockNumber list_last[2];	/* where to add */
	BlockNumber counted_blocks; /* length of the index when it was counted */
	double		counted_rows;	/* entries then, the lists' included */
	double		counted_leaf_pages; /* leaf pages then */
	double		opened_share;	/* measured: leaf pages read for 10 neighbours,
								 * as a share of all; < 0 is not measured */
} VmMetaData;

StaticAssertDecl(sizeof(VmMetaData) == 80, "VmMetaData is on disk");

/*
 * An entry of an inner node: a child and the volume that bounds it.
 *
 *	+----------+-------+--------------------------------------+
 *	| child_id | child | volume, aligned to 4 bytes; padding  |
 *	+----------+-------+--------------------------------------+
 *	0          8       12                       MAXALIGNed
 */
typedef struct VmInnerEntry
{
	uint64		child_id;
	BlockNumber child;
	char		volume[FLEXIBLE_ARRAY_MEMBER];
} VmInnerEntry;

#define VM_INNER_ENTRY_SIZE(volume_size) \
	MAXALIGN(offsetof(VmInnerEntry, volume) + (volume_size))

/* Bytes a page offers to its content. */
#define VM_PAGE_USABLE \
	(BLCKSZ - MAXALIGN(SizeOfPageHeaderData) - MAXALIGN(sizeof(VmPageTail)))

#define VM_LIST_CAPACITY	((int) (VM_PAGE_USABLE / sizeof(ItemPointerData)))

/*
 * Leaf content of the flat codec: tids of capacity entries, then at the next
 * multiple of 8 the vectors as the table has them (float4, not normalised).
 * With a capacity of at least VM_LEAF_BLOCK_MIN they lie dimension-major,
 * element i of entry s at x[i * capacity + s], so that one SIMD loop scores
 * neighbouring entries (kernels.h); below it, entry by entry.
 *
 *	+---------------------+-----+------------------------------------+
 *	| tid[0 .. cap-1]     | pad | x: dim rows of cap elements        |
 *	+---------------------+-----+------------------------------------+
 *
 * An entry whose tid has offset 0 is dead: VACUUM removed it.
 */
#define VM_LEAF_BLOCK_MIN	4

#define VM_LEAF_VECTORS_OFFSET(capacity) MAXALIGN((capacity) * sizeof(ItemPointerData))

/* Where the elements of an entry are: x[s * slot_stride + i * dim_stride]. */
typedef struct VmLeafLayout
{
	int			dim;
	int			capacity;		/* entries a page holds */
	int			slot_stride;
	int			dim_stride;
} VmLeafLayout;

static inline VmPageTail *
vm_page_tail(Page page)
{
	return (VmPageTail *) PageGetSpecialPointer(page);
}

static inline bool
vm_page_is(Page page, uint16 flag)
{
	return (vm_page_tail(page)->flags & flag) != 0;
}

static inline char *
vm_page_content(Page page)
{
	return (char *) page + MAXALIGN(SizeOfPageHeaderData);
}

static inline VmMetaData *
vm_page_meta(Page page)
{
	return (VmMetaData *) vm_page_content(page);
}

static inline VmInnerEntry *
vm_inner_entry(Page page, Size entry_size, int i)
{
	return (VmInnerEntry *) (vm_page_content(page) + entry_size * i);
}

/* TIDs of a leaf or list page. */
static inline ItemPointer
vm_page_tids(Page page)
{
	return (ItemPointer) vm_page_content(page);
}

static inline float *
vm_leaf_vectors(Page page, const VmLeafLayout *layout)
{
	return (float *) (vm_page_content(page) + VM_LEAF_VECTORS_OFFSET(layout->capacity));
}

/* A dead entry's tid; ip_posid 0 never points to a heap row. */
static inline bool
vm_tid_is_dead(const ItemPointerData *tid)
{
	return tid->ip_posid == InvalidOffsetNumber;
}

/* The layout of leaf pages at that dimension (1 .. vm_leaf_max_dim()). */
extern void vm_leaf_layout(VmLeafLayout *layout, int dim);
extern int	vm_leaf_max_dim(void);

/*
 * How many inner entries fit a page, at most VM_INNER_MAX_ENTRIES.  At least
 * VM_INNER_MIN_ENTRIES must: a full node is split into two of two children or
 * more, or the height would not stay logarithmic.
 */
#define VM_INNER_MAX_ENTRIES 64
#define VM_INNER_MIN_ENTRIES 4
extern int	vm_inner_capacity(Size entry_size);

/* Copy one vector out of, or into, a leaf page. */
extern void vm_leaf_get(Page page, const VmLeafLayout *layout, int slot, float *x);
extern void vm_leaf_put(Page page, const VmLeafLayout *layout, int slot,
						ItemPointer tid, const float *x);

/* Make an empty page of that kind; flags and ids as given, chain ended. */
extern void vm_page_init(Page page, VmPageKind kind, uint16 flags, uint64 node_id, int level);

/* Set pd_lower to what a page of that kind uses, from its count. */
extern void vm_leaf_set_bounds(Page page, const VmLeafLayout *layout);
extern void vm_inner_set_bounds(Page page, Size entry_size);
extern void vm_list_set_bounds(Page page);

/* Remove entry i of an inner page, the last one takes its place. */
extern void vm_inner_remove(Page page, Size entry_size, int i);

/* The entry of an inner page whose child has that id, or -1. */
extern int	vm_inner_find(Page page, Size entry_size, uint64 child_id);

/*
 * Read a page, lock it in that mode and check that it is a sound page of ours:
 * ERRCODE_INDEX_CORRUPTED with the block where it is not.  Returns it pinned
 * and locked.  What a kind needs beyond that, vm_check_inner and
 * vm_check_leaf prove.
 */
extern Buffer vm_read_page(Relation index, BlockNumber blkno, int lockmode,
						   BufferAccessStrategy strategy);

/* The same, but a page of zeros, as a crash may leave one, comes back too. */
extern Buffer vm_read_page_or_new(Relation index, BlockNumber blkno, int lockmode,
								  BufferAccessStrategy strategy);

/*
 * Lock the next page of a chain exclusively, with the pages held[0 .. n_held-1]
 * of it already locked: a chain that bites its tail must not lock us out.
 * ERRCODE_INDEX_CORRUPTED too where the page is not one of node id's further
 * pages.
 */
extern Buffer vm_read_chained(Relation index, BlockNumber next, uint64 id,
							  const Buffer *held, int n_held,
							  BufferAccessStrategy strategy);

/* Counts and sizes of a page of that kind agree with the index, or ERROR. */
extern void vm_check_inner(Relation index, Buffer buffer, Size entry_size);
extern void vm_check_leaf(Relation index, Buffer buffer, const VmLeafLayout *layout);
extern void vm_check_list(Relation index, Buffer buffer, VmListId list);

/*
 * Raise ERRCODE_INDEX_CORRUPTED: "index ... is corrupted", detail as given
 * behind the block, which is invalid where no page is to blame.
 */
pg_noreturn extern void vm_report_corruption(Relation index, BlockNumber blkno,
											 const char *fmt,...) pg_attribute_printf(3, 4);

/* A node id that no other node has: 64 random bits. */
extern uint64 vm_random_node_id(void);

#endif							/* VM_TREE_PAGE_H */
