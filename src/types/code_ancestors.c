/*
 * src/types/code_ancestors.c
 *		A clinical code with the levels above it, read off its text.
 *
 * Nothing is looked up but the ranges of the chapters of ICD-9, which have no
 * letter: what is no code by its shape stays alone.  docs/reference.md has the
 * shapes; they are checked against the codes of ICD-10-CM and of ICD-9 in real
 * records.  A code keeps its prefix, so that systems do not mix.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "compat/pg_compat.h"
#include "lib/qunique.h"
#include "types/element_set.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(vm_code_ancestors_sql);
PG_FUNCTION_INFO_V1(vm_codes_ancestors_sql);

/* No code that we know is longer; others stay alone. */
#define MAX_BODY 8
#define MAX_PREFIX 1000

typedef enum CodeSystem
{
	SYSTEM_OTHER,				/* a prefix that names none of these */
	SYSTEM_UNKNOWN,				/* no prefix */
	SYSTEM_ICD,					/* 9 or 10 */
	SYSTEM_ICD9,
	SYSTEM_ICD10,
	SYSTEM_ATC
} CodeSystem;

typedef struct Code
{
	const char *text;			/* the prefix, then the body */
	int			prefix;			/* bytes, with the separator */
	const char *body;
	int			length;			/* bytes of the body */
	CodeSystem	system;
} Code;

/* What has been found: palloc'd texts. */
typedef struct CodeList
{
	Datum	   *codes;
	int			count;
	int			room;
} CodeList;

/* Chapters of ICD-9 by their last category. */
static const struct
{
	int			last;
	const char *range;
}			icd9_chapters[] = {
	{139, "001-139"}, {239, "140-239"}, {279, "240-279"}, {289, "280-289"},
	{319, "290-319"}, {389, "320-389"}, {459, "390-459"}, {519, "460-519"},
	{579, "520-579"}, {629, "580-629"}, {679, "630-679"}, {709, "680-709"},
	{739, "710-739"}, {759, "740-759"}, {779, "760-779"}, {799, "780-799"},
	{999, "800-999"}
};

static void
add_datum(CodeList *list, Datum code)
{
	if (list->count == list->room)
	{
		list->room = Max(16, 2 * list->room);
		list->codes = list->codes
			? repalloc_huge(list->codes, mul_size(sizeof(Datum), list->room))
			: palloc(mul_size(sizeof(Datum), list->room));
	}
	list->codes[list->count++] = code;
}

/* Add the code's prefix with another body. */
static void
add_body(CodeList *list, const Code *code, const char *body, int length)
{
	text	   *result = palloc(VARHDRSZ + code->prefix + length);

	SET_VARSIZE(result, VARHDRSZ + code->prefix + length);
	memcpy(VARDATA(result), code->text, code->prefix);
	memcpy(VARDATA(result) + code->prefix, body, length);
	add_datum(list, PointerGetDatum(result));
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
are_digits(const char *p, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (!is_digit(p[i]))
			return false;
	}
	return true;
}

/* The name before the separator, but for its case and hyphens. */
static CodeSystem
system_of_prefix(const char *prefix, int length)
{
	static const struct
	{
		const char *name;
		CodeSystem	system;
	}			systems[] = {
		{"icd", SYSTEM_ICD}, {"icd9", SYSTEM_ICD9}, {"icd9cm", SYSTEM_ICD9},
		{"icd10", SYSTEM_ICD10}, {"icd10cm", SYSTEM_ICD10}, {"atc", SYSTEM_ATC}
	};
	char		name[12];
	int			n = 0;

	/* a URI says it in its last part */
	for (int i = length - 1; i >= 0 && prefix[i] != '/'; i--)
	{
		if (prefix[i] == '-' || prefix[i] == '_')
			continue;
		if (n == (int) sizeof(name) - 1)
			return SYSTEM_OTHER;
		name[n++] = tolower((unsigned char) prefix[i]);
	}
	for (int s = 0; s < (int) lengthof(systems); s++)
	{
		int			i = 0;

		while (i < n && systems[s].name[i] == name[n - 1 - i])
			i++;
		if (i == n && systems[s].name[i] == '\0')
			return systems[s].system;
	}
	return SYSTEM_OTHER;
}

static Code
read_code(const char *text, int length)
{
	Code		code = {.text = text, .prefix = length};

	while (code.prefix > 0 && text[code.prefix - 1] != ':' && text[code.prefix - 1] != '|')
		code.prefix--;
	code.body = text + code.prefix;
	code.length = length - code.prefix;
	code.system = code.prefix > 0 ? system_of_prefix(text, code.prefix - 1) : SYSTEM_UNKNOWN;
	return code;
}

/*
 * The code, then each beginning of it that is longer than its category, then
 * the category.  A beginning that ends in a dot or in the placeholder X of
 * ICD-10-CM is no level.
 */
static void
add_levels(CodeList *list, const Code *code, int category)
{
	add_body(list, code, code->body, code->length);
	for (int n = code->length - 1; n > category; n--)
	{
		if (code->body[n - 1] != '.' && code->body[n - 1] != 'X')
			add_body(list, code, code->body, n);
	}
	if (code->length > category)
		add_body(list, code, code->body, category);
}

/* E11, E11.9, S72.001A, C7A.010, QA0.01; with its prefix E119 too. */
static bool
add_icd10(CodeList *list, const Code *code)
{
	const char *body = code->body;
	bool		dotted = code->length > 4 && body[3] == '.';
	int			rest = dotted ? 4 : 3;	/* where the detail begins */

	if (code->length < 3 || code->length > rest + 4 || !is_letter(body[0]))
		return false;
	if (code->length > 3 && !dotted && code->system != SYSTEM_ICD10)
		return false;
	if (!(is_digit(body[1]) && (is_digit(body[2]) || is_letter(body[2]))) &&
		!(dotted && is_letter(body[1]) && is_digit(body[2])))
		return false;
	for (int i = rest; i < code->length; i++)
	{
		if (!is_digit(body[i]) && !is_letter(body[i]))
			return false;
	}
	add_levels(list, code, 3);
	add_body(list, code, body, 1);
	return true;
}

/* How long the category of a code of ICD-9 is; 0 where it is none. */
static int
icd9_category(const Code *code)
{
	const char *body = code->body;
	int			n = 0;

	if (code->length > 0 && (body[0] == 'E' || body[0] == 'V'))
	{
		n = body[0] == 'E' ? 4 : 3;
		return code->length >= n && are_digits(body + 1, n - 1) ? n : 0;
	}
	while (n < code->length && n < 3 && is_digit(body[n]))
		n++;
	/* where numbers were read as such, 008 has become 8: only the prefix tells */
	return n == 3 || code->system == SYSTEM_ICD9 ? n : 0;
}

static void
add_icd9_chapter(CodeList *list, const Code *code, int category)
{
	int			number = 0;

	if (!is_digit(code->body[0]))
	{
		add_body(list, code, code->body, 1);
		return;
	}
	for (int i = 0; i < category; i++)
		number = number * 10 + code->body[i] - '0';
	for (int i = 0; number > 0 && i < (int) lengthof(icd9_chapters); i++)
	{
		if (number <= icd9_chapters[i].last)
		{
			add_body(list, code, icd9_chapters[i].range, 7);
			return;
		}
	}
}

/* 250.8, 250.83, V58.67, E880.1; with its prefix 250, 8, 38, 25083, E8801 too. */
static bool
add_icd9(CodeList *list, const Code *code)
{
	int			category = icd9_category(code);
	int			rest = code->length - category;

	if (category == 0)
		return false;
	if (rest > 0 && code->body[category] == '.')
	{
		if (rest < 2 || rest > 3 || !are_digits(code->body + category + 1, rest - 1))
			return false;
	}
	else if (rest > 0 &&
			 (code->system != SYSTEM_ICD9 || category < 3 || rest > 2 ||
			  !are_digits(code->body + category, rest)))
		return false;
	/* E880 may be E88.0 of ICD-10 that has lost its dot, 250 any number */
	if (rest == 0 && code->system != SYSTEM_ICD9 &&
		(code->body[0] == 'E' || code->system != SYSTEM_ICD))
		return false;
	add_levels(list, code, category);
	add_icd9_chapter(list, code, category);
	return true;
}

/* A10BA02 and A10BA; with its prefix A10B, A10 and A too. */
static bool
add_atc(CodeList *list, const Code *code)
{
	static const int levels[] = {7, 5, 4, 3, 1};
	const char *body = code->body;
	bool		known = code->system == SYSTEM_ATC;

	if (code->length < 1 || code->length > 7 || code->length == 2 || code->length == 6 ||
		(!known && code->length < 5) || strchr("ABCDGHJLMNPRSV", body[0]) == NULL)
		return false;
	for (int i = 1; i < code->length; i++)
	{
		if (i == 3 || i == 4 ? !is_letter(body[i]) : !is_digit(body[i]))
			return false;
	}
	for (int i = 0; i < (int) lengthof(levels); i++)
	{
		if (levels[i] <= code->length)
			add_body(list, code, body, levels[i]);
	}
	return true;
}

/* Add the code, as it is, and what is above it. */
static void
add_with_ancestors(CodeList *list, Datum datum)
{
	text	   *value = DatumGetTextPP(datum);
	Code		code = read_code(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	bool		any = code.system == SYSTEM_UNKNOWN;
	bool		icd = any || code.system == SYSTEM_ICD;

	if (code.length <= MAX_BODY && code.prefix <= MAX_PREFIX)
	{
		if ((icd || code.system == SYSTEM_ICD9) && add_icd9(list, &code))
			return;
		if ((any || code.system == SYSTEM_ATC) && add_atc(list, &code))
			return;
		if ((icd || code.system == SYSTEM_ICD10) && add_icd10(list, &code))
			return;
	}
	add_datum(list, PointerGetDatum(value));
}

static int
compare_codes(const void *a, const void *b)
{
	const void *x = DatumGetPointer(*(const Datum *) a);
	const void *y = DatumGetPointer(*(const Datum *) b);
	Size		x_length = VARSIZE_ANY_EXHDR(x);
	Size		y_length = VARSIZE_ANY_EXHDR(y);
	int			order = memcmp(VARDATA_ANY(x), VARDATA_ANY(y), Min(x_length, y_length));

	if (order != 0)
		return order;
	return (x_length > y_length) - (x_length < y_length);
}

static Datum
array_of_codes(const CodeList *list)
{
	if (list->count == 0)
		PG_RETURN_POINTER(construct_empty_array(TEXTOID));
	PG_RETURN_POINTER(construct_array(list->codes, list->count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The code first, then what is above it, the highest last. */
Datum
vm_code_ancestors_sql(PG_FUNCTION_ARGS)
{
	CodeList	list = {0};

	add_with_ancestors(&list, PG_GETARG_DATUM(0));
	return array_of_codes(&list);
}

/* The union over all codes, distinct and ascending by bytes. */
Datum
vm_codes_ancestors_sql(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	CodeList	list = {0};
	Datum	   *codes;
	int			n;

	vm_check_set_array(array);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &codes, NULL, &n);
	for (int i = 0; i < n; i++)
		add_with_ancestors(&list, codes[i]);
	if (list.count > 0)
	{
		qsort(list.codes, list.count, sizeof(Datum), compare_codes);
		list.count = qunique(list.codes, list.count, sizeof(Datum), compare_codes);
	}
	return array_of_codes(&list);
}
