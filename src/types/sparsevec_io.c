/*
 * src/types/sparsevec_io.c
 *		Text and binary forms of sparsevec, and its type modifier.
 *
 * Both forms are pgvector's, byte for byte: client libraries parse them.  In the
 * text {index:element,...}/dimensions indices are from 1, in the binary form from 0.
 */
#include "types/sparsevec.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "types/sparsevec_check.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(vm_sparsevec_in_sql);
PG_FUNCTION_INFO_V1(vm_sparsevec_out_sql);
PG_FUNCTION_INFO_V1(vm_sparsevec_recv_sql);
PG_FUNCTION_INFO_V1(vm_sparsevec_send_sql);

/* An index and a colon; the sign, digits and exponent are the element's. */
#define ELEMENT_TEXT_LEN	(11 + 1 + FLOAT_SHORTEST_DECIMAL_LEN + 1)

typedef struct SparseElement
{
	int32		index;
	float		x;
} SparseElement;

/* What is being read, and what of it has been. */
typedef struct SparseText
{
	const char *literal;
	const char *p;
	Node	   *escontext;
	SparseElement *elements;	/* those that are not 0 */
	int			n;
	int			room;
} SparseText;

VmSparseVec *
vm_sparsevec_new(int dim, int nnz)
{
	VmSparseVec *result;

	Assert(dim >= 1 && dim <= VM_SPARSEVEC_MAX_DIM);
	Assert(nnz >= 0 && nnz <= Min(dim, VM_SPARSEVEC_MAX_NNZ));
	result = (VmSparseVec *) palloc0(VM_SPARSEVEC_SIZE(nnz));
	SET_VARSIZE(result, VM_SPARSEVEC_SIZE(nnz));
	result->dim = dim;
	result->nnz = nnz;
	return result;
}

static bool
report_syntax(const SparseText *text, const char *detail)
{
	ereturn(text->escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type sparsevec: \"%s\"", text->literal),
			 detail ? errdetail("%s", detail) : 0));
}

/* Read a whole number; one that is beyond int is cut to it, for the checks to come. */
static bool
parse_whole(SparseText *text, int32 *number)
{
	char	   *end;
	long		value = strtol(text->p, &end, 10);

	if (end == text->p)
		return report_syntax(text, NULL);
	*number = (int32) Max(Min(value, INT_MAX), INT_MIN + 1);
	text->p = end;
	return true;
}

static bool
parse_number(SparseText *text, float *x)
{
	char	   *end;

	errno = 0;
	*x = strtof(text->p, &end);
	if (end == text->p)
		return report_syntax(text, NULL);
	if (errno == ERANGE && (*x == 0 || isinf(*x)))
		return vm_report_out_of_range(&vm_sparsevec_type, pnstrdup(text->p, end - text->p),
									  text->escontext);
	text->p = end;
	return vm_check_element(&vm_sparsevec_type, *x, text->escontext);
}

/* Read index:element, with space around both; an element that is 0 is left out. */
static bool
parse_pair(SparseText *text)
{
	SparseElement element;

	text->p = vm_skip_space(text->p);
	if (!parse_whole(text, &element.index))
		return false;
	element.index--;
	text->p = vm_skip_space(text->p);
	if (*text->p != ':')
		return report_syntax(text, NULL);
	text->p++;
	text->p = vm_skip_space(text->p);
	if (!parse_number(text, &element.x))
		return false;
	text->p = vm_skip_space(text->p);
	if (element.x == 0)
		return true;

	if (text->n == VM_SPARSEVEC_MAX_NNZ)
		return vm_check_nnz(text->n + 1, VM_SPARSEVEC_MAX_DIM, text->escontext);
	if (text->n == text->room)
	{
		text->room *= 2;
		text->elements = repalloc(text->elements, sizeof(SparseElement) * text->room);
	}
	text->elements[text->n++] = element;
	return true;
}

/* Read all that the literal is; false after a soft error. */
static bool
parse_sparsevec(SparseText *text, int32 *dim)
{
	text->p = vm_skip_space(text->p);
	if (*text->p != '{')
		return report_syntax(text, "Vector contents must start with \"{\".");
	text->p++;
	text->p = vm_skip_space(text->p);
	if (*text->p != '}')
		for (;;)
		{
			if (!parse_pair(text))
				return false;
			if (*text->p != ',')
				break;
			text->p++;
		}
	if (*text->p != '}')
		return report_syntax(text, NULL);
	text->p++;
	text->p = vm_skip_space(text->p);
	if (*text->p != '/')
		return report_syntax(text, "Unexpected end of input.");
	text->p++;
	if (!parse_whole(text, dim))
		return false;
	text->p = vm_skip_space(text->p);
	if (*text->p != '\0')
		return report_syntax(text, "Junk after closing.");
	return true;
}

static int
compare_elements(const void *a, const void *b)
{
	int32		x = ((const SparseElement *) a)->index;
	int32		y = ((const SparseElement *) b)->index;

	return (x > y) - (x < y);
}

Datum
vm_sparsevec_in_sql(PG_FUNCTION_ARGS)
{
	char	   *literal = PG_GETARG_CSTRING(0);
	int32		typmod = PG_GETARG_INT32(2);
	Node	   *escontext = vm_escontext(fcinfo);
	SparseText	text = {.literal = literal, .p = literal, .escontext = escontext, .room = 16};
	VmSparseVec *result;
	int32		dim = 0;

	text.elements = palloc(sizeof(SparseElement) * text.room);
	if (!parse_sparsevec(&text, &dim) ||
		!vm_check_sparse_dim(dim, escontext) ||
		!vm_check_typmod(typmod, dim, escontext))
		PG_RETURN_NULL();
	qsort(text.elements, text.n, sizeof(SparseElement), compare_elements);
	/* more elements than dimensions are found below, by an index that is not right */
	result = vm_sparsevec_new(VM_SPARSEVEC_MAX_DIM, text.n);
	result->dim = dim;
	for (int i = 0; i < text.n; i++)
	{
		result->indices[i] = text.elements[i].index;
		vm_sparsevec_x(result)[i] = text.elements[i].x;
		if (!vm_check_index(result->indices, i, dim, escontext))
			PG_RETURN_NULL();
	}
	pfree(text.elements);
	PG_RETURN_POINTER(result);
}

/* The shortest digits that read back as the same floats, no spaces. */
Datum
vm_sparsevec_out_sql(PG_FUNCTION_ARGS)
{
	VmSparseVec *vector = PG_GETARG_VMSPARSEVEC_P(0);
	char	   *buf = palloc(16 + (Size) vector->nnz * ELEMENT_TEXT_LEN);
	char	   *p = buf;

	*p++ = '{';
	for (int i = 0; i < vector->nnz; i++)
	{
		if (i > 0)
			*p++ = ',';
		p += pg_ltoa(vector->indices[i] + 1, p);
		*p++ = ':';
		p += float_to_shortest_decimal_bufn(vm_sparsevec_x(vector)[i], p);
	}
	*p++ = '}';
	*p++ = '/';
	p += pg_ltoa(vector->dim, p);
	*p = '\0';
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_CSTRING(buf);
}

Datum
vm_sparsevec_recv_sql(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int32		typmod = PG_GETARG_INT32(2);
	int32		dim = pq_getmsgint(buf, sizeof(int32));
	int32		nnz = pq_getmsgint(buf, sizeof(int32));
	int32		unused = pq_getmsgint(buf, sizeof(int32));
	VmSparseVec *result;

	vm_check_sparse_dim(dim, NULL);
	vm_check_nnz(nnz, dim, NULL);
	vm_check_typmod(typmod, dim, NULL);
	if (unused != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("expected unused to be 0, not %d", unused)));
	result = vm_sparsevec_new(dim, nnz);
	for (int i = 0; i < nnz; i++)
	{
		result->indices[i] = pq_getmsgint(buf, sizeof(int32));
		vm_check_index(result->indices, i, dim, NULL);
	}
	for (int i = 0; i < nnz; i++)
	{
		float		x = pq_getmsgfloat4(buf);

		vm_check_element(&vm_sparsevec_type, x, NULL);
		if (x == 0)
			ereport(ERROR,
					(errcode(ERRCODE_DATA_EXCEPTION),
					 errmsg("binary representation of sparsevec cannot contain zero values")));
		vm_sparsevec_x(result)[i] = x;
	}
	PG_RETURN_POINTER(result);
}

Datum
vm_sparsevec_send_sql(PG_FUNCTION_ARGS)
{
	VmSparseVec *vector = PG_GETARG_VMSPARSEVEC_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint32(&buf, vector->dim);
	pq_sendint32(&buf, vector->nnz);
	pq_sendint32(&buf, 0);
	for (int i = 0; i < vector->nnz; i++)
		pq_sendint32(&buf, vector->indices[i]);
	for (int i = 0; i < vector->nnz; i++)
		pq_sendfloat4(&buf, vm_sparsevec_x(vector)[i]);
	PG_FREE_IF_COPY(vector, 0);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

VM_SPARSEVEC_SQL(typmod_in,
				 vm_typmod_of_argument(fcinfo, &vm_sparsevec_type, VM_SPARSEVEC_MAX_DIM));
