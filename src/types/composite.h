/*
 * src/types/composite.h
 *		Values of the extension's own composite types, as arguments that stay the
 *		same for a whole query.
 *
 * A composite may come from anywhere, ROW(...) too, so who uses one checks it; and
 * an operator meets the same one in each row.  So what it makes of it is kept in
 * fn_extra, with the bytes that it was made of.
 */
#ifndef VM_COMPOSITE_H
#define VM_COMPOSITE_H

#include "postgres.h"

#include "access/htup_details.h"
#include "fmgr.h"

/*
 * Take a value apart: values and nulls have room for natts.  42804 where its type no
 * longer has the attributes that the extension gave it, whose types are those.  What
 * values point to lies in header.
 */
extern void vm_composite_deform(HeapTupleHeader header, const char *type_name,
								const Oid *types, int natts, Datum *values, bool *nulls);

/* What was made of the last composite. */
typedef struct VmPrepared
{
	MemoryContext context;		/* all of it lives here */
	Size		size;			/* of the composite; 0: there was none */
	HeapTupleHeader bytes;
	void	   *made;
} VmPrepared;

/*
 * What make() makes of the composite in a context of its own: the same pointer as
 * long as calls of this function see the same bytes.
 */
extern void *vm_prepare_composite(FmgrInfo *flinfo, HeapTupleHeader header,
								  void *(*make) (HeapTupleHeader header));

#endif							/* VM_COMPOSITE_H */
