#!/usr/bin/env bash
# test/matrix/arm64.sh SERVERS
#		Compiles all of the extension for arm64 with the headers of Debian's
#		arm64 package of PostgreSQL 15, kept in SERVERS/arm64, and runs the unit
#		tests, kernels_neon.c among what they test, on an emulated processor.
#		The last line counts as that of `make test` does.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
headers=$1/arm64/usr/include/postgresql/15/server
prefix=aarch64-linux-gnu-
passed=0 failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/vectormed-arm64.XXXXXX")
trap 'rm -rf "$work"' EXIT

# test NAME COMMAND...
test() {
	local name=$1
	shift
	if "$@" >"$work.log" 2>&1; then
		passed=$((passed + 1))
		printf '%-60s ok\n' "$name"
	else
		failed=$((failed + 1))
		cat "$work.log"
		printf '%-60s FAILED\n' "$name"
	fi
	rm -f "$work.log"
}

# PGXS is that of this machine's server, which knows how to build; what it says
# of the server's types is in the headers.
cross_make() {
	make -s -C "$work" CC="${prefix}gcc" with_llvm=no PG_CONFIG="${PG_CONFIG:-pg_config}" COPT=-Werror \
		includedir_server="$headers" UNIT_CFLAGS="-static -Werror" "$@"
}

is_for_arm64() { "${prefix}readelf" -h "$1" | grep -q 'Machine: *AArch64'; }

tar -C "$top" -cf - --exclude=.git --exclude='*.o' --exclude='*.bc' --exclude='*.so' --exclude=unit/unit . |
	tar -C "$work" -xf -
test "the extension compiles and links" cross_make -j"$(nproc)" all
test "for that processor" is_for_arm64 "$work/vectormed.so"
test "and exports its entry points" bash "$work/test/style/check_symbols.sh"
test "the unit tests compile" cross_make test/unit/unit
test "with vectors of two doubles" grep -qE "fmul\s+v[0-9]+\.2d" <("${prefix}objdump" -d "$work/test/unit/unit")
test "and pass" qemu-aarch64 "$work/test/unit/unit"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
