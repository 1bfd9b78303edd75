/*
 * src/types/dense_io.c
 *		Text and binary forms of vector and halfvec, and their type modifier.
 *
 * Both forms are pgvector's, byte for byte: client libraries parse them.
 */
#include "types/dense.h"

#include <errno.h>
#include <stdlib.h>

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "types/dense_check.h"
#include "utils/builtins.h"

/* What is being read, and where soft errors go. */
typedef struct Input
{
	const VmDenseType *type;
	const char *literal;
	Node	   *escontext;
} Input;

static bool
report_syntax(const Input *input, const char *detail)
{
	ereturn(input->escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"",
					input->type->name, input->literal),
			 detail ? errdetail("%s", detail) : 0));
}

/* Read one number at *p and move *p behind it.  False after a soft error. */
static bool
parse_element(const Input *input, const char **p, float *x)
{
	const char *start = *p;
	char	   *end;

	errno = 0;
	*x = input->type->parse(start, &end);
	if (end == start)
		return report_syntax(input, NULL);
	/* Too small a number is read as the nearest element, 0 or a denormal. */
	if (errno == ERANGE && isinf(*x))
		return vm_report_out_of_range(input->type, pnstrdup(start, end - start),
									  input->escontext);
	*p = end;
	return vm_check_element(input->type, *x, input->escontext);
}

/*
 * Read the elements into x, which has room for VM_DENSE_MAX_DIM, and return how
 * many there are; 0 after a soft error.
 */
static int
parse_elements(const Input *input, float *x)
{
	const char *p = vm_skip_space(input->literal);
	int			dim = 0;

	if (*p != '[')
	{
		report_syntax(input, "Vector contents must start with \"[\".");
		return 0;
	}
	p = vm_skip_space(p + 1);
	if (*p == ']')
	{
		vm_check_dim(input->type, 0, input->escontext);
		return 0;
	}
	for (;;)
	{
		if (dim == VM_DENSE_MAX_DIM)
		{
			vm_check_dim(input->type, dim + 1, input->escontext);
			return 0;
		}
		p = vm_skip_space(p);
		if (!parse_element(input, &p, &x[dim]))
			return 0;
		dim++;
		p = vm_skip_space(p);
		if (*p != ',')
			break;
		p++;
	}
	if (*p != ']')
	{
		report_syntax(input, NULL);
		return 0;
	}
	p = vm_skip_space(p + 1);
	if (*p != '\0')
	{
		report_syntax(input, "Junk after closing right brace.");
		return 0;
	}
	return dim;
}

static Datum
read_text(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	Input		input = {type, PG_GETARG_CSTRING(0), vm_escontext(fcinfo)};
	int32		typmod = PG_GETARG_INT32(2);
	float		x[VM_DENSE_MAX_DIM];
	VmDense    *result;
	float	   *room;
	int			dim;

	dim = parse_elements(&input, x);
	if (dim == 0 || !vm_check_typmod(typmod, dim, input.escontext))
		PG_RETURN_NULL();
	result = vm_dense_new(type, dim);
	room = vm_dense_room(type, result);
	memcpy(room, x, sizeof(float) * dim);
	vm_dense_fill(type, result, room);
	PG_RETURN_POINTER(result);
}

VM_DENSE_SQL(in, read_text(fcinfo, type));

/* The shortest digits that read back as the same floats, no spaces. */
static Datum
write_text(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	char	   *buf = palloc(2 + (Size) value->dim * FLOAT_SHORTEST_DECIMAL_LEN);
	char	   *p = buf;

	*p++ = '[';
	for (int i = 0; i < value->dim; i++)
	{
		if (i > 0)
			*p++ = ',';
		p += float_to_shortest_decimal_bufn(type->get(value->elements, i), p);
	}
	*p++ = ']';
	*p = '\0';
	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_CSTRING(buf);
}

VM_DENSE_SQL(out, write_text(fcinfo, type));

/* Elements are sent as the integers that have their bits. */
static Datum
read_binary(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int32		typmod = PG_GETARG_INT32(2);
	int16		dim = pq_getmsgint(buf, sizeof(int16));
	int16		unused = pq_getmsgint(buf, sizeof(int16));
	VmDense    *result;

	vm_check_dim(type, dim, NULL);
	vm_check_typmod(typmod, dim, NULL);
	if (unused != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("expected unused to be 0, not %d", unused)));
	result = vm_dense_new(type, dim);
	for (int i = 0; i < dim; i++)
	{
		uint32		bits = pq_getmsgint(buf, type->width);

		if (type->width == sizeof(uint16))
			((uint16 *) result->elements)[i] = bits;
		else
			((uint32 *) result->elements)[i] = bits;
		vm_check_element(type, type->get(result->elements, i), NULL);
	}
	PG_RETURN_POINTER(result);
}

VM_DENSE_SQL(recv, read_binary(fcinfo, type));

static Datum
write_binary(FunctionCallInfo fcinfo, const VmDenseType *type)
{
	VmDense    *value = PG_GETARG_VMDENSE_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint16(&buf, value->dim);
	pq_sendint16(&buf, 0);
	for (int i = 0; i < value->dim; i++)
	{
		if (type->width == sizeof(uint16))
			pq_sendint16(&buf, ((uint16 *) value->elements)[i]);
		else
			pq_sendint32(&buf, ((uint32 *) value->elements)[i]);
	}
	PG_FREE_IF_COPY(value, 0);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

VM_DENSE_SQL(send, write_binary(fcinfo, type));

Datum
vm_typmod_of_argument(FunctionCallInfo fcinfo, const VmDenseType *type, int most)
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
				 errmsg("dimensions for type %s must be at least 1", type->name)));
	if (typmods[0] > most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("dimensions for type %s cannot exceed %d", type->name, most)));
	PG_RETURN_INT32(typmods[0]);
}

VM_DENSE_SQL(typmod_in, vm_typmod_of_argument(fcinfo, type, VM_DENSE_MAX_DIM));
