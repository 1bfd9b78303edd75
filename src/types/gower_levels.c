/*
 * src/types/gower_levels.c
 *		From the texts of a feature to codes.
 */
#include "types/gower_levels.h"

#include "utils/numeric.h"

#include "types/gower.h"

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(((const VmGowerLevel *) a)->key, ((const VmGowerLevel *) b)->key);
}

char *
vm_gower_level_key(const JsonbValue *value, const char *name)
{
	switch (value->type)
	{
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		case jbvNumeric:
			return numeric_normalize(value->val.numeric);
		case jbvBool:
			return pstrdup(value->val.boolean ? "true" : "false");
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("feature \"%s\" must be a string, a number or a boolean", name)));
	}
}

/* Sort by key; each may be there once. */
static void
sort_levels(VmGowerLevels *levels, const char *name)
{
	qsort(levels->by_key, levels->n, sizeof(VmGowerLevel), compare_keys);
	for (int i = 1; i < levels->n; i++)
		if (strcmp(levels->by_key[i - 1].key, levels->by_key[i].key) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("feature \"%s\" has a level twice", name)));
}

VmGowerLevels *
vm_gower_levels_read(const JsonbValue *array, const char *name, VmGowerKind kind)
{
	VmGowerLevels *levels = palloc0(sizeof(VmGowerLevels));
	int			first = vm_gower_is_binary(kind) ? 0 : 1;
	JsonbIterator *iterator;
	JsonbValue	value;
	int			n;

	if (array->type != jbvBinary || !JsonContainerIsArray(array->val.binary.data))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("levels of feature \"%s\" must be a JSON array", name)));
	if (kind == VM_GOWER_NUMERIC)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("feature \"%s\" is numeric and cannot have levels", name)));
	n = JsonContainerSize(array->val.binary.data);
	if (vm_gower_is_binary(kind) && n != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("feature \"%s\" is %s and has %d levels instead of 2", name,
						vm_gower_kind_name(kind), n)));
	if (n > VM_GOWER_MAX_LEVELS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("feature \"%s\" cannot have more than %d levels", name,
						VM_GOWER_MAX_LEVELS)));

	levels->by_key = palloc(sizeof(VmGowerLevel) * Max(n, 1));
	iterator = JsonbIteratorInit(array->val.binary.data);
	for (JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
		 token != WJB_DONE; token = JsonbIteratorNext(&iterator, &value, true))
	{
		if (token != WJB_ELEM)
			continue;
		levels->by_key[levels->n].key = vm_gower_level_key(&value, name);
		levels->by_key[levels->n].code = levels->n + first;
		levels->n++;
	}
	sort_levels(levels, name);
	return levels;
}

int
vm_gower_level_code(const VmGowerLevels *levels, const JsonbValue *value, const char *name)
{
	VmGowerLevel wanted = {.key = vm_gower_level_key(value, name)};
	const VmGowerLevel *found = bsearch(&wanted, levels->by_key, levels->n,
										sizeof(VmGowerLevel), compare_keys);

	pfree(wanted.key);
	return found == NULL ? -1 : found->code;
}
