/*
 * src/types/composite.c
 *		Values of the extension's own composite types: made, and taken apart.
 */
#include "types/composite.h"

#include "funcapi.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

/* No type of ours has more attributes. */
#define MAX_ATTRIBUTES 8

/* What was made of the last composite that a function was given. */
typedef struct Prepared
{
	MemoryContext context;		/* all of it lives here */
	Size		size;			/* of the composite; 0: there was none */
	HeapTupleHeader bytes;
	void	   *made;
} Prepared;

void
vm_check_attributes(TupleDesc desc, const char *type_name, const Oid *types, int natts)
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

Datum
vm_composite_result(FunctionCallInfo fcinfo, VmRowTypeCheck check, Datum *values, bool *nulls)
{
	TupleDesc	desc = (TupleDesc) fcinfo->flinfo->fn_extra;
	bool		none[MAX_ATTRIBUTES] = {false};

	if (desc == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("the function must be declared with a composite type")));
		check(desc);
		fcinfo->flinfo->fn_extra = BlessTupleDesc(desc);
		MemoryContextSwitchTo(caller);
	}
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls ? nulls : none));
}

TupleDesc
vm_composite_type(HeapTupleHeader header, VmRowTypeCheck check)
{
	TupleDesc	shared = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
												HeapTupleHeaderGetTypMod(header));
	TupleDesc	desc = CreateTupleDescCopy(shared);

	ReleaseTupleDesc(shared);
	check(desc);
	return desc;
}

void
vm_composite_attributes(HeapTupleHeader header, TupleDesc desc, Datum *values, bool *nulls)
{
	HeapTupleData tuple = {0};

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
}

bool
vm_composite_deform(HeapTupleHeader header, TupleDesc desc, Datum *values)
{
	bool		nulls[MAX_ATTRIBUTES];

	Assert(desc->natts <= MAX_ATTRIBUTES);
	vm_composite_attributes(header, desc, values, nulls);
	for (int i = 0; i < desc->natts; i++)
		if (nulls[i])
			return false;
	return true;
}

static Prepared *
prepared_of(FmgrInfo *flinfo)
{
	Prepared   *prepared = flinfo->fn_extra;

	if (prepared == NULL)
	{
		prepared = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(Prepared));
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
	Prepared   *prepared = prepared_of(flinfo);
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
