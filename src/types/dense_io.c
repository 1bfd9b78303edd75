/*
 * src/types/dense_io.c
 *		Text and binary forms of vector, and its type modifier.
 *
 * Both forms are pgvector's, byte for byte: client libraries parse them.
 */
#include "types/vector.h"

#include <errno.h>
#include <stdlib.h>

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "types/dense_check.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(vm_vector_in_sql);
PG_FUNCTION_INFO_V1(vm_vector_out_sql);
PG_FUNCTION_INFO_V1(vm_vector_recv_sql);
PG_FUNCTION_INFO_V1(vm_vector_send_sql);
PG_FUNCTION_INFO_V1(vm_vector_typmod_in_sql);

VmVector *
vm_vector_new(int dim)
{
	VmVector   *result;

	Assert(dim >= 1 && dim <= VM_VECTOR_MAX_DIM);
	result = (VmVector *) palloc0(VM_VECTOR_SIZE(dim));
	SET_VARSIZE(result, VM_VECTOR_SIZE(dim));
	result->dim = dim;
	return result;
}

/* As isspace() is in the C locale, whatever the server's locale. */
static inline bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *
skip_space(const char *p)
{
	while (is_space(*p))
		p++;
	return p;
}

static bool
report_syntax(const char *literal, const char *detail, Node *escontext)
{
	ereturn(escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type vector: \"%s\"", literal),
			 detail ? errdetail("%s", detail) : 0));
}

/*
 * Read one number at *p and move *p behind it.  False after a soft error, for
 * which literal is the whole input.
 */
static bool
parse_element(const char **p, float *x, const char *literal, Node *escontext)
{
	const char *start = *p;
	char	   *end;

	errno = 0;
	*x = strtof(start, &end);
	if (end == start)
		return report_syntax(literal, NULL, escontext);
	/* Too small a number is read as the nearest float, 0 or a denormal. */
	if (errno == ERANGE && isinf(*x))
		ereturn(escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("\"%s\" is out of range for type vector",
						pnstrdup(start, end - start))));
	*p = end;
	return vm_check_element(*x, escontext);
}

/*
 * Read the elements of literal into x, which has room for VM_VECTOR_MAX_DIM,
 * and return how many there are; 0 after a soft error.
 */
static int
parse_elements(const char *literal, float *x, Node *escontext)
{
	const char *p = skip_space(literal);
	int			dim = 0;

	if (*p != '[')
	{
		report_syntax(literal, "Vector contents must start with \"[\".", escontext);
		return 0;
	}
	p = skip_space(p + 1);
	if (*p == ']')
	{
		vm_check_dim(0, escontext);
		return 0;
	}
	for (;;)
	{
		if (dim == VM_VECTOR_MAX_DIM)
		{
			vm_check_dim(dim + 1, escontext);
			return 0;
		}
		p = skip_space(p);
		if (!parse_element(&p, &x[dim], literal, escontext))
			return 0;
		dim++;
		p = skip_space(p);
		if (*p != ',')
			break;
		p++;
	}
	if (*p != ']')
	{
		report_syntax(literal, NULL, escontext);
		return 0;
	}
	p = skip_space(p + 1);
	if (*p != '\0')
	{
		report_syntax(literal, "Junk after closing right brace.", escontext);
		return 0;
	}
	return dim;
}

Datum
vm_vector_in_sql(PG_FUNCTION_ARGS)
{
	char	   *literal = PG_GETARG_CSTRING(0);
	int32		typmod = PG_GETARG_INT32(2);
	Node	   *escontext = vm_escontext(fcinfo);
	float		x[VM_VECTOR_MAX_DIM];
	VmVector   *result;
	int			dim;

	dim = parse_elements(literal, x, escontext);
	if (dim == 0 || !vm_check_typmod(typmod, dim, escontext))
		PG_RETURN_NULL();
	result = vm_vector_new(dim);
	memcpy(result->x, x, sizeof(float) * dim);
	PG_RETURN_POINTER(result);
}

/* The shortest digits that read back as the same floats, no spaces. */
Datum
vm_vector_out_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	char	   *buf = palloc(2 + (Size) vector->dim * FLOAT_SHORTEST_DECIMAL_LEN);
	char	   *p = buf;

	*p++ = '[';
	for (int i = 0; i < vector->dim; i++)
	{
		if (i > 0)
			*p++ = ',';
		p += float_to_shortest_decimal_bufn(vector->x[i], p);
	}
	*p++ = ']';
	*p = '\0';
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_CSTRING(buf);
}

Datum
vm_vector_recv_sql(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int32		typmod = PG_GETARG_INT32(2);
	int16		dim = pq_getmsgint(buf, sizeof(int16));
	int16		unused = pq_getmsgint(buf, sizeof(int16));
	VmVector   *result;

	vm_check_dim(dim, NULL);
	vm_check_typmod(typmod, dim, NULL);
	if (unused != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("expected unused to be 0, not %d", unused)));
	result = vm_vector_new(dim);
	for (int i = 0; i < dim; i++)
	{
		result->x[i] = pq_getmsgfloat4(buf);
		vm_check_element(result->x[i], NULL);
	}
	PG_RETURN_POINTER(result);
}

Datum
vm_vector_send_sql(PG_FUNCTION_ARGS)
{
	VmVector   *vector = PG_GETARG_VMVECTOR_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint16(&buf, vector->dim);
	pq_sendint16(&buf, 0);
	for (int i = 0; i < vector->dim; i++)
		pq_sendfloat4(&buf, vector->x[i]);
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
vm_vector_typmod_in_sql(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	int			count;
	int32	   *typmods = ArrayGetIntegerTypmods(array, &count);

	if (count != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid type modifier")));
	if (typmods[0] < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("dimensions for type vector must be at least 1")));
	if (typmods[0] > VM_VECTOR_MAX_DIM)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("dimensions for type vector cannot exceed %d", VM_VECTOR_MAX_DIM)));
	PG_RETURN_INT32(typmods[0]);
}
