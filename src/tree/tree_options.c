/*
 * src/tree/tree_options.c
 *		Index options and settings of the trees.
 */
#include "postgres.h"

#include "access/reloptions.h"
#include "utils/guc.h"

#include "compat/pg_compat.h"
#include "tree/tree_options.h"

double		vm_target_recall = 0;

static relopt_kind tree_relopt_kind;

static relopt_enum_elt_def codec_choices[] = {
	{"auto", VM_CODEC_AUTO},
	{"flat", VM_CODEC_FLAT},
	{"quantized", VM_CODEC_QUANTIZED},
	{"sketch", VM_CODEC_SKETCH},
	{"hashes", VM_CODEC_HASHES},
	{"sums", VM_CODEC_SUMS},
	{(const char *) NULL}
};

void
vm_tree_init(void)
{
	tree_relopt_kind = add_reloption_kind();
	add_real_reloption(tree_relopt_kind, "target_recall",
					   "Share of the true nearest neighbours a scan aims to return; 1 is exact",
					   0, 0.5, 1.0, AccessExclusiveLock);
	add_int_reloption(tree_relopt_kind, "leaf_size",
					  "Entries of a leaf; 0 fills a page or more, by dimension",
					  0, 0, VM_LEAF_SIZE_MAX, AccessExclusiveLock);
	add_enum_reloption(tree_relopt_kind, "codec",
					   "What leaves keep of a value; auto decides by its dimensions, or by the sets",
					   codec_choices, VM_CODEC_AUTO,
					   "Valid values are \"auto\", \"flat\", \"quantized\", \"sketch\", \"hashes\", and \"sums\".",
					   AccessExclusiveLock);
	add_int_reloption(tree_relopt_kind, "sketch_bits",
					  "Bits kept of a set; 0 lets the build choose by the rows",
					  0, 0, VM_LIST_MAX_BITS, AccessExclusiveLock);

	DefineCustomRealVariable("vectormed.target_recall",
							 "Share of the true nearest neighbours that index scans aim to return.",
							 "0 takes the index's own target_recall, 1 is exact.",
							 &vm_target_recall, 0, 0, 1, PGC_USERSET, 0, NULL, NULL, NULL);
}

/* A sketch is whole words; only lists of hashes, and sums, are longer than sketches. */
static void
check_sketch_bits(const VmOptions *options)
{
	int			most = options->codec == VM_CODEC_HASHES || options->codec == VM_CODEC_SUMS
		? VM_LIST_MAX_BITS : VM_SKETCH_MAX_BITS;

	if (options->sketch_bits % VM_SKETCH_MIN_BITS != 0 || options->sketch_bits > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value %d out of bounds for option \"sketch_bits\"",
						options->sketch_bits),
				 errdetail("Valid values are 0 for automatic, or multiples of %d up to \"%d\".",
						   VM_SKETCH_MIN_BITS, most)));
}

bytea *
vm_amoptions(Datum reloptions, bool validate)
{
	static const relopt_parse_elt table[] = {
		{"target_recall", RELOPT_TYPE_REAL, offsetof(VmOptions, target_recall)},
		{"leaf_size", RELOPT_TYPE_INT, offsetof(VmOptions, leaf_size)},
		{"codec", RELOPT_TYPE_ENUM, offsetof(VmOptions, codec)},
		{"sketch_bits", RELOPT_TYPE_INT, offsetof(VmOptions, sketch_bits)},
	};
	VmOptions  *options = (VmOptions *) build_reloptions(reloptions, validate, tree_relopt_kind,
														 sizeof(VmOptions), table, lengthof(table));

	if (validate && options && options->leaf_size != 0 && options->leaf_size < VM_LEAF_SIZE_MIN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("value %d out of bounds for option \"leaf_size\"", options->leaf_size),
				 errdetail("Valid values are 0 for automatic, or between \"%d\" and \"%d\".",
						   VM_LEAF_SIZE_MIN, VM_LEAF_SIZE_MAX)));
	if (validate && options)
		check_sketch_bits(options);
	return (bytea *) options;
}

VmOptions
vm_options_of(Relation index)
{
	VmOptions	defaults = {.target_recall = 0, .leaf_size = 0, .codec = VM_CODEC_AUTO};

	return index->rd_options ? *(VmOptions *) index->rd_options : defaults;
}

double
vm_own_target_recall(Relation index, const VmGeometry *geometry)
{
	double		option = vm_options_of(index).target_recall;

	return option > 0 ? option : geometry->target_recall;
}

double
vm_target_recall_of(Relation index, const VmGeometry *geometry)
{
	return vm_target_recall > 0 ? vm_target_recall : vm_own_target_recall(index, geometry);
}
