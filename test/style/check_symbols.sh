#!/usr/bin/env bash
# test/style/check_symbols.sh
#		The built library exports its entry points and no other symbol, and the
#		SQL names every C function by its prefixed name.
set -euo pipefail
cd "$(dirname "$0")/../.."
status=0
library=vectormed.so
if [ ! -f "$library" ]; then
	echo "check_symbols: $library is not built; run make first"
	exit 1
fi

entry='^(Pg_magic_func|_PG_init|vm_[a-z0-9_]+_sql|pg_finfo_vm_[a-z0-9_]+_sql|vm_build_worker_main)$'
exported=$(nm -D --defined-only "$library" | awk '{print $NF}' | sed 's/@.*//')
for symbol in Pg_magic_func _PG_init; do
	if ! grep -qx "$symbol" <<<"$exported"; then
		echo "check_symbols: $symbol is not exported"
		status=1
	fi
done
foreign=$(grep -vE "$entry" <<<"$exported" || true)
if [ -n "$foreign" ]; then
	echo "check_symbols: exported, but no entry point:"
	echo "$foreign"
	status=1
fi

# The version script hides what is not an entry point from other libraries;
# this looks for what it would hide silently: an entry point that SQL names and
# that the library lacks.
named=$(grep -hoE "AS +'MODULE_PATHNAME', *'[^']*'" src/sql/*.sql | sed "s/.*'\\([^']*\\)'\$/\\1/" | sort -u)
missing=$(comm -23 <(echo "$named") <(sort -u <<<"$exported"))
if [ -n "$missing" ]; then
	echo "check_symbols: named in src/sql, not exported:"
	echo "$missing"
	status=1
fi
exit $status
