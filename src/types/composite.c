/*
 * src/types/composite.c
 *		Values of the extension's own composite types: made, and taken apart.
 */
#include "types/composite.h"

#include "funcapi.h"
#include "utils/typcache.h"

/* No type of ours has more attributes. */
#define MAX_ATTRIBUTES 8

Datum
vm_composite_result(FunctionCallInfo fcinfo, VmRowTypeCheck check, Datum *values)
{
	TupleDesc	desc = (TupleDesc) fcinfo->flinfo->fn_extra;
	bool		nulls[MAX_ATTRIBUTES] = {false};

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
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
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

bool
vm_composite_deform(HeapTupleHeader header, TupleDesc desc, Datum *values)
{
	HeapTupleData tuple = {0};
	bool		nulls[MAX_ATTRIBUTES];

	Assert(desc->natts <= MAX_ATTRIBUTES);
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
	for (int i = 0; i < desc->natts; i++)
		if (nulls[i])
			return false;
	return true;
}
