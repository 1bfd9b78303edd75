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
 *			TIDs and what the codec keeps beside them, see VmLeafLayout
 *	RECORDS of a leaf: the 8-bit codes of the entries of one of its pages
 *	LIST    TIDs of rows with no place in the tree: NULL vectors, and vectors
 *			at distance NaN from everything
 *	FREE    nothing; may be reused at once
 *	SLICES  a node: sets by columns over leaves of their own (VmSlicesHead), a head
 *			page and those that it names
 *
 * Format version 5.  A changed layout raises VM_FORMAT_VERSION.  Spare bytes
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

#include "distance/coding.h"
#include "distance/sketch.h"
#include "compat/pg_compat.h"

#define VM_META_BLKNO		((BlockNumber) 0)
#define VM_META_MAGIC		0x564D5452
#define VM_FORMAT_VERSION	5
#define VM_PAGE_ID			0xFF9A	/* last two bytes of each page */

typedef enum VmPageKind
{
	VM_PAGE_META = 1,
	VM_PAGE_INNER = 2,
	VM_PAGE_LEAF = 3,
	VM_PAGE_LIST = 4,
	VM_PAGE_FREE = 5,
	VM_PAGE_RECORDS = 6,
	VM_PAGE_SLICES = 7
} VmPageKind;

/* flags */
#define VM_PAGE_HEAD		0x0001	/* first page of a node */
#define VM_PAGE_ROOT		0x0002	/* the node the metapage points to */
#define VM_PAGE_DEAD		0x0004	/* replaced by its successors since stamp */
#define VM_PAGE_UNLINKED	0x0008	/* since stamp, nothing points here yet */
#define VM_PAGE_FROZEN		0x0010	/* copied by a rewrite of the whole tree */
#define VM_PAGE_FLAGS		0x001F

/* Node ids below this are not nodes of the tree: 0 is none, 1 and 2 the lists. */
#define VM_FIRST_NODE_ID	16

typedef struct VmPageTail
{
	uint64		node_id;		/* the node (or list) this page belongs to */
	uint64		stamp;			/* full transaction id, see the flags; else 0 */
	uint64		successor_id[2];	/* of a dead node: what replaced it, 0 is none;
									 * of a node that a rewrite writes or has
									 * frozen, [0]: the rewrite's id */
	BlockNumber successor[2];
	BlockNumber next;			/* next page of the same node or list */
	uint16		count;			/* entries on this page */
	uint16		flags;			/* on head pages; 0 on the others */
	uint8		kind;			/* VmPageKind */
	uint8		level;			/* of a node: 0 is a leaf, above its children's */
	uint16		count_check;	/* of a leaf page ~count: nothing else there tells how
								 * many entries it has; 0 if it was not written */
	uint8		spare[2];
	uint16		page_id;		/* VM_PAGE_ID */
} VmPageTail;

StaticAssertDecl(sizeof(VmPageTail) == 56, "VmPageTail is on disk");

/*
 * A rewrite (tree_rewrite.h) links all nodes that it has written, and kills all
 * that it has frozen, by one change of the metapage: its id becomes that of the
 * tree.  What a head's flags mean depends on it.
 */
typedef enum VmNodeState
{
	VM_NODE_LIVE,				/* may be frozen, by a rewrite that came to nothing */
	VM_NODE_UNLINKED,
	VM_NODE_DEAD
} VmNodeState;

static inline VmNodeState
vm_node_state(const VmPageTail *tail, uint64 rewrite_id)
{
	bool		ours = rewrite_id != 0 && tail->successor_id[0] == rewrite_id;

	if ((tail->flags & VM_PAGE_DEAD) != 0 || ((tail->flags & VM_PAGE_FROZEN) != 0 && ours))
		return VM_NODE_DEAD;
	if ((tail->flags & VM_PAGE_UNLINKED) != 0 && !ours)
		return VM_NODE_UNLINKED;
	return VM_NODE_LIVE;
}

/* The two lists of rows that have no place in the tree. */
typedef enum VmListId
{
	VM_LIST_NAN = 0,			/* at distance NaN from every query */
	VM_LIST_NULL = 1			/* NULL vectors */
} VmListId;

#define VM_LIST_NODE_ID(list)	((uint64) (list) + 1)

/*
 * How eagerly to open nodes for a target recall (tree_recall.h says what the
 * numbers mean).  contrast_edge[c] is the greatest contrast of class c, rising;
 * hardness_edge[c][h] the greatest hardness of bin h in that class, rising.
 */
#define VM_RECALL_TARGETS	8
#define VM_RECALL_CONTRASTS	8
#define VM_RECALL_BINS		4

typedef struct VmRecallCells
{
	float		contrast_edge[VM_RECALL_CONTRASTS];
	float		hardness_edge[VM_RECALL_CONTRASTS][VM_RECALL_BINS];
} VmRecallCells;

typedef struct VmRecallTable
{
	double		rows;			/* of the tree when it was measured */
	int32		queries;		/* it was measured with; 0: there is no table */
	int32		form;			/* VmRecallForm */
	float		target[VM_RECALL_TARGETS];	/* ascending */
	float		sign_width[VM_RECALL_TARGETS];	/* in deviations of a 1-bit estimate */
	VmRecallCells cells;
	float		width[VM_RECALL_TARGETS][VM_RECALL_CONTRASTS][VM_RECALL_BINS];
} VmRecallTable;

StaticAssertDecl(sizeof(VmRecallTable) == 16 + 4 * (2 * 8 + 8 + 8 * 4 + 8 * 8 * 4),
				 "VmRecallTable is on disk");

/* Near neighbours are so many; far ones are wanted where a filter lets few rows through. */
#define VM_NEAR_NEIGHBOURS	10
#define VM_FAR_NEIGHBOURS	1000

/*
 * Measured: leaf and RECORDS pages read for VM_NEAR_NEIGHBOURS rows, and for
 * VM_FAR_NEIGHBOURS, as shares of all of them, at each target of the recall
 * table and, last, exactly.  far may be more than 1, pages being read again.
 * near[0] < 0: nothing was measured.
 */
typedef struct VmOpenedShares
{
	float		near[VM_RECALL_TARGETS + 1];
	float		far[VM_RECALL_TARGETS + 1];
} VmOpenedShares;

StaticAssertDecl(sizeof(VmOpenedShares) == 72, "VmOpenedShares is on disk");

/*
 * Content of the metapage.  Whatever the format version, magic and version are
 * the first that follows the page header.  Only root, root_id, dim and the list ends change
 * after the build, by a root that grows, the first vector of an index made
 * empty, and a list that gets a page; and the figures, and the whole tree, by
 * VACUUM.
 */
typedef struct VmMetaData
{
	uint32		magic;			/* VM_META_MAGIC */
	uint32		version;		/* VM_FORMAT_VERSION */
	uint8		kind;			/* VmGeometry.kind */
	uint8		metric;			/* VmMetricId */
	uint8		codec;			/* VmCodec.id */
	uint8		written_pages;	/* vm_meta_opened_pages when the tree was written */
	uint32		width;			/* of the records of sets, in bits; else 0 */
	uint64		seed;			/* of the rotation */
	int32		dim;			/* VmValue.dim; 0 until the first value */
	int32		leaf_size;		/* the reloption when built, of sets what the build chose; 0 is automatic */
	uint64		root_id;		/* 0 while there is no node */
	uint64		slices_id;		/* of the slices that were written last; 0: there are none */
	BlockNumber slices;
	BlockNumber root;
	BlockNumber list_first[2];	/* by VmListId, invalid while empty */
	BlockNumber list_last[2];	/* where to add */
	BlockNumber counted_blocks; /* length of the index when it was counted */
	double		counted_rows;	/* entries then, the lists' included */
	double		counted_tree_rows;	/* those of the tree alone */
	double		counted_leaf_pages; /* leaf and RECORDS pages then */
	uint64		rewrite_id;		/* of the rewrite that wrote the tree; 0: none did */
	double		written_rows;	/* of the tree when it was built or rewritten */
	double		gone_rows;		/* removed from it since, by VACUUM */
	double		removed_rows;	/* the same since it was measured */
	VmOpenedShares opened;		/* measured by the build or VACUUM */
	VmRecallTable recall;		/* measured by the build or VACUUM */
} VmMetaData;

StaticAssertDecl(sizeof(VmMetaData) == 208 + sizeof(VmRecallTable), "VmMetaData is on disk");

/* What was counted, in proportion to the blocks that the file has now. */
static inline double
vm_meta_now(const VmMetaData *meta, double counted, BlockNumber blocks)
{
	if (meta->counted_blocks <= 1 || blocks == meta->counted_blocks)
		return counted;
	return counted * ((double) blocks - 1) / (meta->counted_blocks - 1);
}

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
 * What is on leaf pages, by codec; every one begins with the tids of capacity
 * entries.  An entry whose tid has offset 0 is dead: VACUUM removed it.
 *
 * Flat codec: tids of capacity entries, then at the next
 * multiple of 8 the vectors as the table has them (float4, not normalised).
 * With a capacity of at least VM_LEAF_BLOCK_MIN they lie dimension-major,
 * element i of entry s at x[i * capacity + s], so that one SIMD loop scores
 * neighbouring entries (kernels.h); below it, entry by entry.
 *
 *	+---------------------+-----+------------------------------------+
 *	| tid[0 .. cap-1]     | pad | x: dim rows of cap elements        |
 *	+---------------------+-----+------------------------------------+
 *
 * Quantized codec: the 8-bit codes (VmCode) lie on pages of their own, RECORDS,
 * that records[] names: records_each of them on a page, in the order of the
 * entries.  A record longer than a page goes on on the page's next.  On the
 * leaf page are the factors and the signs of the 1-bit codes, in blocks of 32
 * entries (kernels.h, sign_sums); under L1 there are none.
 *
 *	+-----+-----+-----------------+---------------+-------------+---------------+
 *	| tid | pad | records[n_recs] | constant[cap] | factor[cap] | signs         |
 *	+-----+-----+-----------------+---------------+-------------+---------------+
 *
 * Codecs of sets: the records themselves (VmSketch of src/distance/sketch.h), the
 * three parts of each apart, so that one loop goes over the bits of all.
 *
 *	+---------------------+-----+-----------+-----------+---------------------------+
 *	| tid[0 .. cap-1]     | pad | size[cap] | rest[cap] | words: cap rows of W / 64 |
 *	+---------------------+-----+-----------+-----------+---------------------------+
 */
#define VM_LEAF_BLOCK_MIN	4
#define VM_LEAF_MAX_RECORDS	256	/* entries of a leaf page */
#define VM_SIGN_BLOCK		32	/* entries */
#define VM_SIGN_GROUP_BYTES	16	/* of a block */

#define VM_LEAF_VECTORS_OFFSET(capacity) MAXALIGN((capacity) * sizeof(ItemPointerData))

typedef struct VmLeafLayout
{
	int			dim;
	int			capacity;		/* entries a page holds */
	Size		content_size;	/* of a page, whatever its count */

	/* flat: element i of entry s is x[s * slot_stride + i * dim_stride] */
	int			slot_stride;
	int			dim_stride;

	/* sets */
	int			set_words;		/* of 64 bits, of each record; 0: no sets */
	Size		sizes_offset;	/* of the arrays, from the content's start */
	Size		rests_offset;
	Size		words_offset;

	/* quantized */
	int			n_records;		/* RECORDS pages a leaf page may have; else 0 */
	int			records_each;	/* records on one */
	bool		chained;		/* a record takes two pages */
	Size		record_size;
	int			groups;			/* of four signs; 0: no 1-bit codes */
	Size		records_offset; /* of the arrays, from the content's start */
	Size		constants_offset;
	Size		factors_offset;
	Size		signs_offset;
} VmLeafLayout;

/*
 * Sets by columns (distance/slices.h): groups of up to 8 entries of leaves that no
 * entry of an inner node points to, and that are never added to.
 *
 *	+-----------------+-----------------------------------------------+
 *	| VmSlicesHead    | blocks of its pages                           |
 *	+-----------------+-----------------------------------------------+
 *
 * The first of these pages have a VmSliceGroup for each group, as many as fit; the
 * others the columns, stride bytes each, as many as fit: one for each bit of the
 * sketches, a byte for each group, and last one of the codes of the smallest sizes.
 * A page of a column has flags 0, and its number among the pages as count.  Behind
 * the last group columns are zeros.
 */
typedef struct VmSlicesHead
{
	uint64		next_id;		/* the slices written before; 0: there are none */
	BlockNumber next;
	uint32		n_groups;
	uint32		stride;
	uint32		n_pages;		/* all there will be; tail.count are there */
	BlockNumber pages[FLEXIBLE_ARRAY_MEMBER];
} VmSlicesHead;

typedef struct VmSliceGroup
{
	uint64		leaf_id;
	BlockNumber leaf;
	uint16		group;			/* in the leaf: its entries 8 * group and following */
	uint16		spare;
} VmSliceGroup;

StaticAssertDecl(sizeof(VmSliceGroup) == 16, "VmSliceGroup is on disk");

#define VM_SLICE_GROUPS_EACH	((int) (VM_PAGE_USABLE / sizeof(VmSliceGroup)))
#define VM_SLICES_MAX_GROUPS	4032	/* two columns a page, and all blocks on the head */

/* What follows from the number of groups and the width of sketches. */
typedef struct VmSlicesLayout
{
	int			n_groups;
	int			width;
	int			stride;
	int			columns_each;	/* on a page */
	int			group_pages;
	int			n_pages;
} VmSlicesLayout;

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

static inline VmSlicesHead *
vm_page_slices(Page page)
{
	return (VmSlicesHead *) vm_page_content(page);
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

/* Of a leaf page of sets: sizes, rests and words of its records. */
static inline uint32 *
vm_leaf_sizes(Page page, const VmLeafLayout *layout)
{
	return (uint32 *) (vm_page_content(page) + layout->sizes_offset);
}

static inline uint32 *
vm_leaf_rests(Page page, const VmLeafLayout *layout)
{
	return (uint32 *) (vm_page_content(page) + layout->rests_offset);
}

static inline uint64 *
vm_leaf_words(Page page, const VmLeafLayout *layout)
{
	return (uint64 *) (vm_page_content(page) + layout->words_offset);
}

/* Of a leaf page of the quantized codec: its RECORDS pages, factors and signs. */
static inline BlockNumber *
vm_leaf_records(Page page, const VmLeafLayout *layout)
{
	return (BlockNumber *) (vm_page_content(page) + layout->records_offset);
}

static inline float *
vm_leaf_constants(Page page, const VmLeafLayout *layout)
{
	return (float *) (vm_page_content(page) + layout->constants_offset);
}

static inline float *
vm_leaf_factors(Page page, const VmLeafLayout *layout)
{
	return (float *) (vm_page_content(page) + layout->factors_offset);
}

static inline uint8 *
vm_leaf_signs(Page page, const VmLeafLayout *layout, int block)
{
	return (uint8 *) (vm_page_content(page) + layout->signs_offset +
					  (Size) block * layout->groups * VM_SIGN_GROUP_BYTES);
}

/* Where on a RECORDS page a record begins. */
static inline Size
vm_record_offset(const VmLeafLayout *layout, int i)
{
	return MAXALIGN(SizeOfPageHeaderData) + layout->record_size * i;
}

/* A record of a RECORDS page (the first of them, where a record is chained). */
static inline char *
vm_page_record(Page page, const VmLeafLayout *layout, int i)
{
	return vm_page_content(page) + layout->record_size * i;
}

/* A dead entry's tid; ip_posid 0 never points to a heap row. */
static inline bool
vm_tid_is_dead(const ItemPointerData *tid)
{
	return tid->ip_posid == InvalidOffsetNumber;
}

/* The layout of leaf pages at that dimension: floats, at most as many as fit. */
extern void vm_leaf_layout_flat(VmLeafLayout *layout, int dim);

/* The same of sets whose records have that many bits. */
extern void vm_leaf_layout_sets(VmLeafLayout *layout, int width);

/* The same of records of that size, with signs or without. */
extern void vm_leaf_layout_records(VmLeafLayout *layout, int dim, Size record_size, int groups);

/*
 * How many inner entries fit a page, at most VM_INNER_MAX_ENTRIES.  At least
 * VM_INNER_MIN_ENTRIES must: a full node is split into two of two children or
 * more, or the height would not stay logarithmic.
 */
#define VM_INNER_MAX_ENTRIES 64
#define VM_INNER_MIN_ENTRIES 4
extern int	vm_inner_capacity(Size entry_size);

/* Of slices with that many groups over sketches of that many bits. */
extern VmSlicesLayout vm_slices_layout(int n_groups, int width);

/* Copy one vector out of, or into, a leaf page of the flat codec. */
extern void vm_leaf_get_floats(Page page, const VmLeafLayout *layout, int slot, float *x);
extern void vm_leaf_put_floats(Page page, const VmLeafLayout *layout, int slot, const float *x);

/* The same for a set's record, a VmSketch. */
extern void vm_leaf_get_set(Page page, const VmLeafLayout *layout, int slot, VmSketch *record);
extern void vm_leaf_put_set(Page page, const VmLeafLayout *layout, int slot,
							const VmSketch *record);

/* Set, or compare, the 1-bit code of an entry; nibbles as vm_sign_encode gives them. */
extern void vm_leaf_put_signs(Page page, const VmLeafLayout *layout, int slot,
							  const VmSigns *signs, const uint8 *nibbles);
extern bool vm_leaf_has_signs(Page page, const VmLeafLayout *layout, int slot,
							  const VmSigns *signs, const uint8 *nibbles);

/* The format version that a metapage tells, 0 if it is none; of any page of zeros too. */
extern uint32 vm_meta_version(Page page);

/* Make an empty page of that kind; flags and ids as given, chain ended. */
extern void vm_page_init(Page page, VmPageKind kind, uint16 flags, uint64 node_id, int level);

/* Set pd_lower to what a page of that kind uses, from its count. */
extern void vm_leaf_set_bounds(Page page, const VmLeafLayout *layout);
extern void vm_leaf_set_count(Page page, int count);
extern void vm_inner_set_bounds(Page page, Size entry_size);
extern void vm_list_set_bounds(Page page);
extern void vm_records_set_bounds(Page page, const VmLeafLayout *layout);
extern void vm_slices_head_set_bounds(Page page);
extern void vm_slices_set_bounds(Page page, const VmSlicesLayout *layout);

/* Write entry i of an inner page. */
extern void vm_inner_set_entry(Page page, Size entry_size, int i, BlockNumber child,
							   uint64 child_id, const void *volume, Size volume_size);

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

/* The same of a page that has been pinned. */
extern void vm_lock_page_or_new(Relation index, Buffer buffer, int lockmode);

/*
 * Lock the next page of a chain exclusively, with the pages held[0 .. n_held-1]
 * of it already locked: a chain that bites its tail must not lock us out.
 * ERRCODE_INDEX_CORRUPTED too where the page is not one of node id's further
 * pages.
 */
extern Buffer vm_read_chained(Relation index, BlockNumber next, uint64 id,
							  const Buffer *held, int n_held,
							  BufferAccessStrategy strategy);

/*
 * The page is the head of a node, at most at that level, or ERROR.  Whoever goes
 * down asks this of each child, with one level less than the parent's, or damaged
 * pages could lead them round for ever; VM_MAX_LEVEL is for the root.
 */
#define VM_MAX_LEVEL		PG_UINT8_MAX
extern void vm_check_level(Relation index, Buffer buffer, int max_level);

/*
 * Nodes met on the way through a tree, from the root once.  Each is met once, if
 * at all, so that there are fewer than the index has blocks; where damaged entries
 * name one child, the paths to what is below multiply at each level.
 */
typedef struct VmNodeCount
{
	uint32		met;
	BlockNumber most;			/* the index has at least so many blocks */
} VmNodeCount;

extern void vm_check_node_count(Relation index, VmNodeCount *count, BlockNumber blkno);

/* One more, at that block; ERROR where there cannot be so many. */
static inline void
vm_count_node(Relation index, VmNodeCount *count, BlockNumber blkno)
{
	if (unlikely(++count->met > count->most))
		vm_check_node_count(index, count, blkno);
}

/* Counts and sizes of a page of that kind agree with the index, or ERROR. */
extern void vm_check_inner(Relation index, Buffer buffer, Size entry_size);
extern void vm_check_leaf(Relation index, Buffer buffer, const VmLeafLayout *layout);
extern void vm_check_records(Relation index, Buffer buffer, const VmLeafLayout *layout,
							 uint64 id);
extern void vm_check_list(Relation index, Buffer buffer, VmListId list);

/* The head of slices over sketches of that width; complete: all its pages must be there. */
extern void vm_check_slices_head(Relation index, Buffer buffer, int width, bool complete);

/* Page number i of the slices with that id. */
extern void vm_check_slices(Relation index, Buffer buffer, uint64 id,
							const VmSlicesLayout *layout, int i);

/*
 * Raise ERRCODE_INDEX_CORRUPTED: "index ... is corrupted", detail as given
 * behind the block, which is invalid where no page is to blame.
 */
pg_noreturn extern void vm_report_corruption(Relation index, BlockNumber blkno,
											 const char *fmt,...) pg_attribute_printf(3, 4);

/* A node id that no other node has: 64 random bits. */
extern uint64 vm_random_node_id(void);

#endif							/* VM_TREE_PAGE_H */
