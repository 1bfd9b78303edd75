/*
 * test/fuzz/fuzz_driver.c
 *		libFuzzer inside a backend.
 *
 * This module is loaded before the extension, which is built with
 * -fsanitize=fuzzer-no-link: the server loads libraries with global symbols, so
 * that the extension's counters are registered with the fuzzer that is linked
 * here.  fuzz_run(arguments) does not return: the fuzzer ends the process.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat/pg_compat.h"

#include "fuzz.h"

PG_FUNCTION_INFO_V1(fuzz_run);

extern int	LLVMFuzzerRunDriver(int *argc, char ***argv,
								int (*callback) (const uint8_t *data, size_t size));

static MemoryContext each;

static int
try_one(const uint8_t *data, size_t size)
{
	char	   *result = fuzz_judge(data, size);

	if (result != NULL && result[0] == 'W')
	{
		fprintf(stderr, "%s\n", result);
		abort();
	}
	MemoryContextReset(each);
	/* what is no input at all is not worth keeping */
	return result == NULL ? -1 : 0;
}

Datum
fuzz_run(PG_FUNCTION_ARGS)
{
	Datum	   *arguments;
	int			n;
	char	  **argv;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT,
					  &arguments, NULL, &n);
	argv = palloc0(sizeof(char *) * (n + 2));
	argv[0] = "fuzz";
	for (int i = 0; i < n; i++)
		argv[i + 1] = TextDatumGetCString(arguments[i]);
	n++;
	each = AllocSetContextCreate(TopMemoryContext, "one input", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(each);
	exit(LLVMFuzzerRunDriver(&n, &argv, try_one));
}
