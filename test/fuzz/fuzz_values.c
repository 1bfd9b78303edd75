/*
 * test/fuzz/fuzz_values.c
 *		Hostile values: one input is tried in a backend, and judged.
 *
 * The first byte of an input says what is tried, a type's text or binary form
 * or a query, as targets[] lists them; the rest is the text or the message.
 * It may be refused with an SQLSTATE of permitted_states(), or be accepted:
 * then it must read back from both its forms with the same bits, hold no NaN
 * and no infinity where vector forbids them, and a query must return true.
 *
 * Inputs lie right before a page that cannot be read, so that one byte too
 * many is a crash.  What libFuzzer needs is in fuzz_driver.c.
 */
#include "postgres.h"

#include <math.h>
#include <sys/mman.h>
#include <unistd.h>

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "compat/pg_compat.h"

#include "fuzz.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(fuzz_value);
PG_FUNCTION_INFO_V1(fuzz_values);

/* Most bytes of an input. */
#define MOST_BYTES	65536

typedef enum TargetKind
{
	TEXT_FORM,					/* of the type named */
	BINARY_FORM,
	QUERY						/* of one parameter of type text: true or NULL */
} TargetKind;

typedef struct Target
{
	TargetKind	kind;
	const char *what;
	int32		typmod;
} Target;

/* Two operands, one on each line. */
#define PAIR(type) \
	" FROM (SELECT split_part($1, E'\\n', 1)::" type " a, split_part($1, E'\\n', 2)::" type " b) x"

/* What holds of any two sets. */
#define SETS(type) \
	"SELECT a <%> b BETWEEN 0 AND 1 AND a <%> b = b <%> a AND a <%> a = 0" \
	" AND jaccard_similarity(a, b) BETWEEN 0 AND 1 AND overlap_coefficient(a, b) BETWEEN 0 AND 1" \
	" AND tversky_similarity(a, b, 0.5, 2) BETWEEN 0 AND 1" \
	" AND a <<%>> sphere(b, 1) AND (a <<%>> sphere(b, 0.5)) = (a <%> b <= 0.5)" PAIR(type)

/* Corpora name targets by number: add at the end. */
static const Target targets[] = {
	/* A */ {TEXT_FORM, "vector", -1},
	/* B */ {TEXT_FORM, "vector", 3},
	/* C */ {TEXT_FORM, "vector_sphere", -1},
	/* D */ {TEXT_FORM, "bit_sphere", -1},
	/* E */ {TEXT_FORM, "array_sphere", -1},
	/* F */ {BINARY_FORM, "vector", -1},
	/* G */ {BINARY_FORM, "vector", 3},
	/* H */ {BINARY_FORM, "vector_sphere", -1},
	/* I */ {BINARY_FORM, "bit_sphere", -1},
	/* J */ {BINARY_FORM, "array_sphere", -1},
	/* K */ {QUERY, "SELECT (code_ancestors($1))[1] = $1 AND code_ancestors(ARRAY[$1]) @> code_ancestors($1) AND code_ancestors(ARRAY[$1]) <@ code_ancestors($1)"},
	/* L */ {QUERY, "SELECT code_ancestors(c) @> c AND code_ancestors(c) = code_ancestors(c || c) FROM (SELECT $1::text[] c) x"},
	/* M */ {QUERY, SETS("text[]")},
	/* N */ {QUERY, SETS("int[]")},
	/* O */ {QUERY, SETS("numeric[]")},
	/* P */ {QUERY, SETS("float8[]")},
	/* Q */ {QUERY, SETS("jsonb[]")},
	/* R */ {QUERY, SETS("xid[]")},
	/* S */ {QUERY, SETS("name[]")},
	/* T */ {QUERY, SETS("varbit[]")},
	/* U */ {QUERY, SETS("varbit") " WHERE length(a) = length(b)"},
	/* V */ {QUERY, "SELECT a <~> b = b <~> a AND a <~> b <= length(a) AND a <~> a = 0 AND (a <<~>> sphere(b, 3)) = (a <~> b <= 3)" PAIR("varbit")},
	/* W */ {QUERY, "SELECT a <-> b = b <-> a AND a <-> b < 'Infinity' AND a <-> b >= 0 AND a <-> a = 0 AND a <+> b = b <+> a AND a <+> b < 'Infinity' AND a <#> b = b <#> a AND a <#> b <> 'NaN' AND a <=> b = b <=> a AND (a <=> b BETWEEN 0 AND 2 OR a <=> b = 'NaN')"
	" AND (a <<->> sphere(b, 1)) = (a <-> b <= 1) AND (a <<+>> sphere(b, 1)) = (a <+> b <= 1) AND (a <<#>> sphere(b, -1)) = (a <#> b <= -1) AND (a <<=>> sphere(b, 0.5)) = (a <=> b <= 0.5)" PAIR("vector")},
	/* X */ {QUERY, SETS("vector")},
	/* Y */ {QUERY, "SELECT (a < b)::int + (a = b)::int + (a > b)::int = 1 AND (a <> b OR vector_hash(a) = vector_hash(b)) AND vector_dims(a || b) = vector_dims(a) + vector_dims(b) AND subvector(a || b, 1, vector_dims(a)) = a AND vector_cmp(a, b) = -vector_cmp(b, a)" PAIR("vector")},
	/* Z */ {QUERY, "SELECT vector_dims(a + b) + vector_dims(a - b) + vector_dims(a * b) = 3 * vector_dims(a)" PAIR("vector")},
	/* [ */ {QUERY, "SELECT vector_norm(a) >= 0 AND vector_norm(a) < 'Infinity' AND vector_norm(l2_normalize(a)) BETWEEN 0 AND 1.01 AND length(binary_quantize(a)) = vector_dims(a) AND a::real[]::vector = a FROM (SELECT $1::vector a) x"},
	/* \ */ {QUERY, "SELECT vector_dims(subvector(a, s, n)) <= n FROM (SELECT split_part($1, E'\\n', 1)::vector a, split_part($1, E'\\n', 2)::int s, split_part($1, E'\\n', 3)::int n) x"},
	/* ] */ {QUERY, "SELECT vector_dims(a::vector) = cardinality(a) FROM (SELECT $1::int[] a) x"},
	/* ^ */ {QUERY, "SELECT vector_dims(a::vector) = cardinality(a) AND a::vector::real[] = a[array_lower(a, 1):] FROM (SELECT $1::real[] a) x WHERE array_lower(a, 1) = 1"},
	/* _ */ {QUERY, "SELECT vector_dims(a::vector) = cardinality(a) FROM (SELECT $1::float8[] a) x"},
	/* ` */ {QUERY, "SELECT vector_dims(a::vector) = cardinality(a) FROM (SELECT $1::numeric[] a) x"},
	/* a */ {QUERY, "SELECT (sphere(v, r)).center = v AND (sphere(v, r)).radius = r FROM (SELECT split_part($1, E'\\n', 1)::vector v, split_part($1, E'\\n', 2)::float8 r) x"},
	/* b */ {QUERY, "SELECT (sphere(v, r)).center = v AND (sphere(v, r)).radius = r FROM (SELECT split_part($1, E'\\n', 1)::varbit v, split_part($1, E'\\n', 2)::float8 r) x"},
	/* c */ {QUERY, "SELECT ('{a}'::text[] <<%>> sphere(v, r)) = ('{a}'::text[] <%> v <= r) AND sphere(v, r)::text::array_sphere::text = sphere(v, r)::text FROM (SELECT split_part($1, E'\\n', 1)::text[] v, split_part($1, E'\\n', 2)::float8 r) x"},
	/* d */ {QUERY, "SELECT vector_dims(vector_avg(vector_combine(vector_accum(s, v), s))) = vector_dims(v) FROM (SELECT split_part($1, E'\\n', 1)::float8[] s, split_part($1, E'\\n', 2)::vector v) x"},
	/* e */ {QUERY, "SELECT vector_dims(vector_sum(vector_combine(vector_sum_accum(s, v), s))) = vector_dims(v) FROM (SELECT split_part($1, E'\\n', 1)::float8[] s, split_part($1, E'\\n', 2)::vector v) x"},
	/* f */ {QUERY, "SELECT tversky_similarity(a, b, 1, t) BETWEEN 0 AND 1 AND tversky_similarity(a, b, t, 0) BETWEEN 0 AND 1" " FROM (SELECT split_part($1, E'\\n', 1)::text[] a, split_part($1, E'\\n', 2)::text[] b, split_part($1, E'\\n', 3)::float8 t) x"},
	/* g */ {QUERY, "SELECT n IN (-1, vector_dims(vector(v, n, true))) FROM (SELECT split_part($1, E'\\n', 1)::vector v, split_part($1, E'\\n', 2)::int n) x"},
	/* h */ {QUERY, "SELECT a <<->> s OR true FROM (SELECT split_part($1, E'\\n', 1)::vector a, split_part($1, E'\\n', 2)::vector_sphere s) x"},
	/* i */ {QUERY, "SELECT a <<%>> s OR true FROM (SELECT split_part($1, E'\\n', 1)::varbit a, split_part($1, E'\\n', 2)::bit_sphere s) x"},
	/* j */ {QUERY, "SELECT a <<%>> s OR true FROM (SELECT split_part($1, E'\\n', 1)::int[] a, split_part($1, E'\\n', 2)::array_sphere s) x"},
	/* k, to see that what is wrong is told */ {QUERY, "SELECT $1 <> 'this is wrong'"},
	/* l */ {TEXT_FORM, "halfvec", -1},
	/* m */ {TEXT_FORM, "halfvec", 3},
	/* n */ {BINARY_FORM, "halfvec", -1},
	/* o */ {BINARY_FORM, "halfvec", 3},
	/* p */ {TEXT_FORM, "halfvec_sphere", -1},
	/* q */ {QUERY, "SELECT (sphere(v, r)).center = v AND (sphere(v, r)).radius = r FROM (SELECT split_part($1, E'\\n', 1)::halfvec v, split_part($1, E'\\n', 2)::float8 r) x"},
	/* r */ {QUERY, "SELECT a <-> b = a::vector <-> b::vector AND a <+> b = a::vector <+> b::vector AND a <#> b = a::vector <#> b::vector AND a <=> b = a::vector <=> b::vector AND a <-> a = 0"
	" AND (a <<->> sphere(b, 1)) = (a <-> b <= 1) AND (a <<+>> sphere(b, 1)) = (a <+> b <= 1) AND (a <<#>> sphere(b, -1)) = (a <#> b <= -1) AND (a <<=>> sphere(b, 0.5)) = (a <=> b <= 0.5)" PAIR("halfvec")},
	/* s */ {QUERY, SETS("halfvec")},
	/* t */ {QUERY, "SELECT (a < b)::int + (a = b)::int + (a > b)::int = 1 AND (a <> b OR halfvec_hash(a) = halfvec_hash(b)) AND vector_dims(a || b) = vector_dims(a) + vector_dims(b) AND subvector(a || b, 1, vector_dims(a)) = a AND halfvec_cmp(a, b) = vector_cmp(a::vector, b::vector)" PAIR("halfvec")},
	/* u */ {QUERY, "SELECT a + b = (a::vector + b::vector)::halfvec AND a - b = (a::vector - b::vector)::halfvec AND a * b = (a::vector * b::vector)::halfvec" PAIR("halfvec")},
	/* v */ {QUERY, "SELECT l2_norm(a) = vector_norm(a::vector) AND l2_norm(l2_normalize(a)) BETWEEN 0 AND 1.1 AND binary_quantize(a) = binary_quantize(a::vector) AND a::real[]::halfvec = a AND a::vector::halfvec = a FROM (SELECT $1::halfvec a) x"},
	/* w */ {QUERY, "SELECT a::halfvec::vector::halfvec = a::halfvec AND vector_dims(a::halfvec) = vector_dims(a) AND (a - a::halfvec::vector) <-> (a - a) <= vector_norm(a) FROM (SELECT $1::vector a) x"},
	/* x */ {QUERY, "SELECT a::halfvec = a::vector::halfvec FROM (SELECT $1::real[] a) x"},
	/* y */ {QUERY, "SELECT vector_dims(a::halfvec) = cardinality(a) AND a::halfvec = replace(replace(a::text, '{', '['), '}', ']')::halfvec FROM (SELECT $1::float8[] a) x WHERE array_lower(a, 1) = 1"},
	/* z */ {QUERY, "SELECT a::halfvec = a::float8[]::halfvec FROM (SELECT $1::numeric[] a) x"},
	/* { */ {QUERY, "SELECT vector_dims(halfvec_avg(halfvec_combine(halfvec_accum(s, v), s))) = vector_dims(halfvec_sum(halfvec_combine(halfvec_sum_accum(s, v), s))) FROM (SELECT split_part($1, E'\\n', 1)::float8[] s, split_part($1, E'\\n', 2)::halfvec v) x"},
	/* | */ {QUERY, "SELECT a <<->> s OR vector_dims(subvector(a, n, n)) <= n OR true FROM (SELECT split_part($1, E'\\n', 1)::halfvec a, split_part($1, E'\\n', 2)::halfvec_sphere s, split_part($1, E'\\n', 3)::int n) x"},
	/* } */ {TEXT_FORM, "sparsevec", -1},
	/* ~ */ {TEXT_FORM, "sparsevec", 3},
	/* \177 */ {BINARY_FORM, "sparsevec", -1},
	/* \200 */ {BINARY_FORM, "sparsevec", 3},
	/* \201 */ {TEXT_FORM, "sparsevec_sphere", -1},
	/* \202 */ {QUERY, "SELECT (sphere(v, r)).center = v AND (sphere(v, r)).radius = r FROM (SELECT split_part($1, E'\\n', 1)::sparsevec v, split_part($1, E'\\n', 2)::float8 r) x"},
	/* \203 */ {QUERY, "SELECT a <-> b = a::vector <-> b::vector AND a <+> b = a::vector <+> b::vector AND a <#> b = a::vector <#> b::vector AND a <=> b = a::vector <=> b::vector AND a <-> a = 0"
	" AND (a <<->> sphere(b, 1)) = (a <-> b <= 1) AND (a <<+>> sphere(b, 1)) = (a <+> b <= 1) AND (a <<#>> sphere(b, -1)) = (a <#> b <= -1) AND (a <<=>> sphere(b, 0.5)) = (a <=> b <= 0.5)" PAIR("sparsevec")},
	/* \204 */ {QUERY, "SELECT a <-> b = b <-> a AND a <-> b < 'Infinity' AND a <+> b = b <+> a AND a <#> b = b <#> a AND a <=> b = b <=> a AND sparsevec_l2_squared_distance(a, b) >= 0" PAIR("sparsevec")},
	/* \205 */ {QUERY, SETS("sparsevec")},
	/* \206 */ {QUERY, "SELECT (a < b)::int + (a = b)::int + (a > b)::int = 1 AND (a <> b OR sparsevec_hash(a) = sparsevec_hash(b)) AND sparsevec_cmp(a, b) = -sparsevec_cmp(b, a) AND sparsevec_cmp(a, b) = vector_cmp(a::vector, b::vector)" PAIR("sparsevec")},
	/* \207 */ {QUERY, "SELECT l2_norm(a) = vector_norm(a::vector) AND l2_normalize(a) = l2_normalize(a::vector)::sparsevec AND a::vector::sparsevec = a AND a::vector::real[]::sparsevec = a FROM (SELECT $1::sparsevec a) x"},
	/* \210 */ {QUERY, "SELECT l2_norm(l2_normalize(a)) BETWEEN 0 AND 1.01 FROM (SELECT $1::sparsevec a) x"},
	/* \211 */ {QUERY, "SELECT a::sparsevec::vector = a AND a::sparsevec = a::real[]::sparsevec FROM (SELECT $1::vector a) x"},
	/* \212 */ {QUERY, "SELECT a::sparsevec = a::halfvec::sparsevec AND a::sparsevec::halfvec = a FROM (SELECT $1::halfvec a) x"},
	/* \213 */ {QUERY, "SELECT a::halfvec::sparsevec = a::vector::halfvec::sparsevec FROM (SELECT $1::sparsevec a) x"},
	/* \214 */ {QUERY, "SELECT a::sparsevec = a::vector::sparsevec FROM (SELECT $1::float8[] a) x"},
	/* \215 */ {QUERY, "SELECT a::sparsevec = a::vector::sparsevec FROM (SELECT $1::numeric[] a) x"},
	/* \216 */ {QUERY, "SELECT n IN (-1, split_part(sparsevec(v, n, true)::text, '/', 2)::int) FROM (SELECT split_part($1, E'\\n', 1)::sparsevec v, split_part($1, E'\\n', 2)::int n) x"},
	/* \217 */ {QUERY, "SELECT a <<->> s OR a <<%>> s OR true FROM (SELECT split_part($1, E'\\n', 1)::sparsevec a, split_part($1, E'\\n', 2)::sparsevec_sphere s) x"},
	/* \220 */ {BINARY_FORM, "halfvec_sphere", -1},
	/* \221 */ {BINARY_FORM, "sparsevec_sphere", -1},
};

/*
 * What bad input may be answered with: data exceptions, protocol violations
 * (too short a message), limits, and what naming an unknown type gives.
 */
static bool
is_permitted(int sqlerrcode)
{
	switch (sqlerrcode)
	{
		case ERRCODE_PROTOCOL_VIOLATION:
		case ERRCODE_FEATURE_NOT_SUPPORTED:
		case ERRCODE_DATATYPE_MISMATCH:
		case ERRCODE_UNDEFINED_FUNCTION:
		case ERRCODE_UNDEFINED_OBJECT:
		case ERRCODE_UNDEFINED_TABLE:
		case ERRCODE_UNDEFINED_COLUMN:
		case ERRCODE_UNDEFINED_SCHEMA:
		case ERRCODE_SYNTAX_ERROR:
		case ERRCODE_INVALID_NAME:
		case ERRCODE_NAME_TOO_LONG:
		case ERRCODE_INDETERMINATE_COLLATION:
		case ERRCODE_WRONG_OBJECT_TYPE:
		case ERRCODE_PROGRAM_LIMIT_EXCEEDED:
		case ERRCODE_STATEMENT_TOO_COMPLEX:
			return true;
		default:
			return ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_DATA_EXCEPTION;
	}
}

/* The input as the function under test meets it: a NUL behind, then nothing. */
static char *
before_the_wall(const uint8 *data, Size size)
{
	static char *wall = NULL;
	char	   *copy;

	if (wall == NULL)
	{
		Size		page = sysconf(_SC_PAGESIZE);
		char	   *area = mmap(NULL, MOST_BYTES + 2 * page, PROT_READ | PROT_WRITE,
								MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (area == MAP_FAILED)
			elog(ERROR, "mmap: %m");
		wall = area + MOST_BYTES + page;
		if (mprotect(wall, page, PROT_NONE) != 0)
			elog(ERROR, "mprotect: %m");
	}
	copy = wall - size - 1;
	memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

/* ---- types ------------------------------------------------------------- */

typedef struct TypeForms
{
	Oid			type;
	FmgrInfo	in;
	FmgrInfo	out;
	FmgrInfo	recv;
	FmgrInfo	send;
	Oid			in_param;
	Oid			recv_param;
} TypeForms;

static const TypeForms *
forms_of(const Target *target)
{
	static TypeForms known[lengthof(targets)];
	TypeForms  *forms = &known[target - targets];
	Oid			function;
	bool		varlena;

	if (OidIsValid(forms->type))
		return forms;
	getTypeInputInfo(TypenameGetTypid(target->what), &function, &forms->in_param);
	fmgr_info_cxt(function, &forms->in, TopMemoryContext);
	getTypeOutputInfo(TypenameGetTypid(target->what), &function, &varlena);
	fmgr_info_cxt(function, &forms->out, TopMemoryContext);
	getTypeBinaryInputInfo(TypenameGetTypid(target->what), &function, &forms->recv_param);
	fmgr_info_cxt(function, &forms->recv, TopMemoryContext);
	getTypeBinaryOutputInfo(TypenameGetTypid(target->what), &function, &varlena);
	fmgr_info_cxt(function, &forms->send, TopMemoryContext);
	forms->type = TypenameGetTypid(target->what);
	return forms;
}

static Datum
receive(const TypeForms *forms, char *bytes, int size, int32 typmod)
{
	StringInfoData message;
	Datum		value;

	message.data = bytes;
	message.len = size;
	message.maxlen = size + 1;
	message.cursor = 0;
	value = ReceiveFunctionCall((FmgrInfo *) &forms->recv, &message, forms->recv_param, typmod);
	/* as the server does of a parameter */
	if (message.cursor != message.len)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("incorrect binary data format")));
	return value;
}

static bool
same_bytes(const bytea *a, const bytea *b)
{
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

/* What is wrong with a value that was accepted, or NULL. */
static const char *
judge_value(const Target *target, const TypeForms *forms, Datum value)
{
	bytea	   *sent = SendFunctionCall((FmgrInfo *) &forms->send, value);
	char	   *text = OutputFunctionCall((FmgrInfo *) &forms->out, value);
	Datum		again;

	again = InputFunctionCall((FmgrInfo *) &forms->in, text, forms->in_param, target->typmod);
	if (!same_bytes(sent, SendFunctionCall((FmgrInfo *) &forms->send, again)))
		return "its text form reads back as another value";
	again = receive(forms, before_the_wall((uint8 *) VARDATA(sent), VARSIZE(sent) - VARHDRSZ),
					VARSIZE(sent) - VARHDRSZ, target->typmod);
	if (!same_bytes(sent, SendFunctionCall((FmgrInfo *) &forms->send, again)))
		return "its binary form reads back as another value";
	if (strcmp(text, OutputFunctionCall((FmgrInfo *) &forms->out, again)) != 0)
		return "its two forms differ";
	if ((strcmp(target->what, "vector") == 0 || strcmp(target->what, "halfvec") == 0 ||
		 strcmp(target->what, "sparsevec") == 0) &&
		(strstr(text, "NaN") != NULL || strstr(text, "nf") != NULL))
		return "it is not finite";
	return NULL;
}

/* ---- queries ----------------------------------------------------------- */

static const char *
judge_query(const Target *target, const char *parameter)
{
	static SPIPlanPtr plans[lengthof(targets)];
	SPIPlanPtr *plan = &plans[target - targets];
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(parameter);
	const char *wrong = NULL;
	bool		isnull = true;

	SPI_connect();
	if (*plan == NULL)
	{
		*plan = SPI_prepare(target->what, 1, &type);
		if (*plan == NULL || SPI_keepplan(*plan) != 0)
			elog(PANIC, "could not prepare \"%s\"", target->what);
	}
	if (SPI_execute_plan(*plan, &value, NULL, true, 1) != SPI_OK_SELECT)
		elog(PANIC, "could not execute \"%s\"", target->what);
	if (SPI_processed > 0 &&
		!DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)) &&
		!isnull)
		wrong = "the query is not true";
	SPI_finish();
	return wrong;
}

/* ---- one input --------------------------------------------------------- */

static const char *
judge_input(const Target *target, const uint8 *data, Size size)
{
	const TypeForms *forms = target->kind == QUERY ? NULL : forms_of(target);
	char	   *input = before_the_wall(data, size);

	switch (target->kind)
	{
		case TEXT_FORM:
			return judge_value(target, forms,
							   InputFunctionCall((FmgrInfo *) &forms->in, input, forms->in_param,
												 target->typmod));
		case BINARY_FORM:
			return judge_value(target, forms, receive(forms, input, size, target->typmod));
		case QUERY:
			return judge_query(target, input);
	}
	return NULL;
}

/*
 * Try one input in a subtransaction of its own; the result, in the caller's
 * memory context, says what it was: "accepted", "refused: …" or "WRONG: …".
 */
char *
fuzz_judge(const uint8 *data, Size size)
{
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	const Target *target;
	char	   *volatile result = NULL;

	if (size < 1 || size > MOST_BYTES)
		return NULL;
	target = &targets[(uint8) (data[0] - 'A') % lengthof(targets)];
	data++;
	size--;
	if (target->kind != BINARY_FORM)
	{
		/* what the server would refuse before any function sees it */
		if (memchr(data, '\0', size) != NULL)
			return NULL;
		if (!pg_verifymbstr((const char *) data, size, true))
			return NULL;
	}

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		const char *wrong = judge_input(target, data, size);

		MemoryContextSwitchTo(caller);
		result = wrong ? psprintf("WRONG: %s: %s", target->what, wrong) : pstrdup("accepted");
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		result = psprintf("%s: %s %s (%s)", is_permitted(error->sqlerrcode) ? "refused" : "WRONG",
						  unpack_sql_state(error->sqlerrcode), error->message, target->what);
		FreeErrorData(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	return result;
}

Datum
fuzz_value(PG_FUNCTION_ARGS)
{
	bytea	   *input = PG_GETARG_BYTEA_PP(0);
	char	   *result = fuzz_judge((const uint8 *) VARDATA_ANY(input), VARSIZE_ANY_EXHDR(input));

	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(result));
}

/* ---- many inputs, without a fuzzer ------------------------------------- */

/* What parsers trip over. */
static const char *const words[] = {
	"NaN", "-inf", "Infinity", "1e39", "-1e-46", "0x1p300", "2147483648", "-1", "16001", "e",
	"\"", "\\", "{}", "[]", "{{", "}", "NULL", ",,", "::text[]", "::vector[]", "::\"a\".b[]", "::setof int[]",
	"[2147483647:2147483647]=", "\xc3\xa4", " ", "\n", "(", ")", "\"(", "<", ">",
};

/* Change input, which has room for MOST_BYTES, once; returns its new size. */
static Size
mutate(uint8 *input, Size size, pg_prng_state *random)
{
	Size		at = pg_prng_uint64_range(random, 0, size - 1);
	Size		n = pg_prng_uint64_range(random, 1, Min(size - at, 16));
	const char *word = words[pg_prng_uint64_range(random, 0, lengthof(words) - 1)];

	switch (pg_prng_uint64_range(random, 0, 5))
	{
		case 0:
			input[at] ^= 1 << pg_prng_uint64_range(random, 0, 7);
			return size;
		case 1:
			input[at] = pg_prng_uint64(random);
			return size;
		case 2:					/* cut out */
			if (size - n < 1)
				return size;
			memmove(input + at, input + at + n, size - at - n);
			return size - n;
		case 3:					/* repeat */
			if (size + n > MOST_BYTES)
				return size;
			memmove(input + at + n, input + at, size - at);
			return size + n;
		case 4:					/* end here */
			return at + 1;
		default:
			n = strlen(word);
			if (size + n > MOST_BYTES)
				return size;
			memmove(input + at + n, input + at, size - at);
			memcpy(input + at, word, n);
			return size + n;
	}
}

/*
 * fuzz_values(corpus bytea[], tries int, seed int): each input of the corpus as
 * it is and so many changed ones.  Returns their numbers, or the first that was
 * judged wrong.
 */
Datum
fuzz_values(PG_FUNCTION_ARGS)
{
	ArrayType  *corpus = PG_GETARG_ARRAYTYPE_P(0);
	int			tries = PG_GETARG_INT32(1);
	MemoryContext each = AllocSetContextCreate(CurrentMemoryContext, "one input",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(each);
	uint8	   *input = MemoryContextAlloc(caller, MOST_BYTES);
	int64		accepted = 0;
	int64		refused = 0;
	pg_prng_state random;
	Datum	   *seeds;
	int			n;

	pg_prng_seed(&random, PG_GETARG_INT32(2));
	MemoryContextSwitchTo(caller);
	deconstruct_array(corpus, BYTEAOID, -1, false, TYPALIGN_INT, &seeds, NULL, &n);
	for (int64 i = 0; i < (int64) n + tries; i++)
	{
		const bytea *seed = DatumGetByteaPP(seeds[i < n ? i : pg_prng_uint64_range(&random, 0, n - 1)]);
		Size		size = VARSIZE_ANY_EXHDR(seed);
		const char *result;

		CHECK_FOR_INTERRUPTS();
		memcpy(input, VARDATA_ANY(seed), size);
		if (i >= n)
			for (int changes = pg_prng_uint64_range(&random, 1, 4); changes > 0; changes--)
				size = mutate(input, size, &random);
		MemoryContextSwitchTo(each);
		result = fuzz_judge(input, size);
		if (result != NULL && result[0] == 'W')
			ereport(ERROR, (errmsg_internal("%s", result),
							errdetail_internal("Input: %s",
											   TextDatumGetCString(DirectFunctionCall2(binary_encode,
																					   PointerGetDatum(cstring_to_text_with_len((char *) input, size)),
																					   CStringGetTextDatum("base64"))))));
		accepted += result != NULL && result[0] == 'a';
		refused += result != NULL && result[0] == 'r';
		MemoryContextSwitchTo(caller);
		MemoryContextReset(each);
	}
	PG_RETURN_TEXT_P(cstring_to_text(psprintf(INT64_FORMAT " accepted, " INT64_FORMAT " refused",
											  accepted, refused)));
}
