/*
 * test/matrix/fault/fault.c
 *		One fault for each tool, for ../control.sh to see that it is reported.
 *
 * The sizes and indexes come from SQL, so that no compiler sees them.
 */
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(fault_valgrind);
PG_FUNCTION_INFO_V1(fault_asan);
PG_FUNCTION_INFO_V1(fault_ubsan);

/* Read behind a chunk, within the block that palloc has it from. */
Datum
fault_valgrind(PG_FUNCTION_ARGS)
{
	int32		n = PG_GETARG_INT32(0);
	char	   *chunk = palloc0(n);

	PG_RETURN_BOOL(chunk[n] == 'x');
}

/* Read behind an array on the stack. */
Datum
fault_asan(PG_FUNCTION_ARGS)
{
	int32		n = PG_GETARG_INT32(0);
	volatile char array[8] = {0};

	PG_RETURN_BOOL(array[n] == 'x');
}

/* Add more than an int32 holds. */
Datum
fault_ubsan(PG_FUNCTION_ARGS)
{
	int32		n = PG_GETARG_INT32(0);

	PG_RETURN_BOOL(n + PG_INT32_MAX == 0);
}
