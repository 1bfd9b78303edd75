/*
 * src/types/cached_argument.c
 *		Keeping what was made of an argument, as long as its bytes are the same.
 *
 * The bytes are those the function was given: of a value out of line they are its
 * pointer, so that it is read once.  A value that is not flat is made so first.
 */
#include "types/cached_argument.h"

#include "compat/pg_compat.h"
#include "utils/memutils.h"

typedef struct CachedArgument
{
	MemoryContext context;		/* of bytes and made */
	Size		size;			/* of bytes, 0 while there is nothing */
	char	   *bytes;
	void	   *made;
} CachedArgument;

static CachedArgument *
get_cache(FmgrInfo *flinfo)
{
	if (flinfo->fn_extra == NULL)
	{
		CachedArgument *cache = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(CachedArgument));

		cache->context = AllocSetContextCreate(flinfo->fn_mcxt, "vectormed argument",
											   ALLOCSET_SMALL_SIZES);
		flinfo->fn_extra = cache;
	}
	return flinfo->fn_extra;
}

void *
vm_cached_argument(FunctionCallInfo fcinfo, int n, VmMakeOfArgument make, int purpose)
{
	CachedArgument *cache = get_cache(fcinfo->flinfo);
	Pointer		bytes = DatumGetPointer(PG_GETARG_DATUM(n));
	MemoryContext caller;

	if (VARATT_IS_EXTERNAL(bytes) && !VARATT_IS_EXTERNAL_ONDISK(bytes))
		bytes = (Pointer) PG_DETOAST_DATUM(PointerGetDatum(bytes));
	if (cache->size == VARSIZE_ANY(bytes) && memcmp(cache->bytes, bytes, cache->size) == 0)
		return cache->made;

	cache->size = 0;
	MemoryContextReset(cache->context);
	caller = MemoryContextSwitchTo(cache->context);
	cache->bytes = palloc(VARSIZE_ANY(bytes));
	memcpy(cache->bytes, bytes, VARSIZE_ANY(bytes));
	cache->made = make(PointerGetDatum(cache->bytes), purpose);
	cache->size = VARSIZE_ANY(bytes);
	MemoryContextSwitchTo(caller);
	return cache->made;
}
