/*
 * src/types/composite.c
 *		Taking composites apart, and remembering what was made of the last one.
 */
#include "types/composite.h"

#include "utils/memutils.h"
#include "utils/typcache.h"

/* Is the type still as the extension made it? */
static void
check_type(TupleDesc desc, const char *type_name, const Oid *types, int natts)
{
	bool		same = desc->natts == natts;

	for (int i = 0; same && i < natts; i++)
		same = !TupleDescAttr(desc, i)->attisdropped &&
			(!OidIsValid(types[i]) || TupleDescAttr(desc, i)->atttypid == types[i]);
	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("type %s does not have the attributes it was created with", type_name)));
}

void
vm_composite_deform(HeapTupleHeader header, const char *type_name, const Oid *types, int natts,
					Datum *values, bool *nulls)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
											  HeapTupleHeaderGetTypMod(header));
	HeapTupleData tuple = {0};

	check_type(desc, type_name, types, natts);
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);
}

static VmPrepared *
prepared_of(FmgrInfo *flinfo)
{
	VmPrepared *prepared = flinfo->fn_extra;

	if (prepared == NULL)
	{
		prepared = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(VmPrepared));
		prepared->context = AllocSetContextCreate(flinfo->fn_mcxt, "vectormed composite",
												  ALLOCSET_SMALL_SIZES);
		flinfo->fn_extra = prepared;
	}
	return prepared;
}

void *
vm_prepare_composite(FmgrInfo *flinfo, HeapTupleHeader header,
					 void *(*make) (HeapTupleHeader header))
{
	VmPrepared *prepared = prepared_of(flinfo);
	Size		size = HeapTupleHeaderGetDatumLength(header);
	MemoryContext caller;

	if (prepared->size == size && memcmp(prepared->bytes, header, size) == 0)
		return prepared->made;

	prepared->size = 0;
	MemoryContextReset(prepared->context);
	caller = MemoryContextSwitchTo(prepared->context);
	prepared->bytes = palloc(size);
	memcpy(prepared->bytes, header, size);
	prepared->made = make(prepared->bytes);
	prepared->size = size;
	MemoryContextSwitchTo(caller);
	return prepared->made;
}
