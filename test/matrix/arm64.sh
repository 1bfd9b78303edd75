#!/usr/bin/env bash
# test/matrix/arm64.sh SERVERS
#		Compiles all of the extension for arm64 with the headers of Debian's
#		arm64 package of PostgreSQL 15, kept in SERVERS/arm64-server, and runs on an emulated
#		processor the unit tests, kernels_neon.c among what they test, and the package's
#		server: indexes of each kind come to it from this machine's and go back, and
#		the regression tests that TESTS names, or else a few (one takes ten times as long as here).
#		The last line counts as that of `make test` does.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
root=$1/arm64-server/root
headers=$root/usr/include/postgresql/15/server
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

# Those of TESTS that are regression tests; each kind of value, tree and codec has one of the few.
chosen_tests() {
	local name few='jaccard_of_sets distances_of_halfvecs distances_of_sparsevecs gower_of_mixed_records distances_of_missing_values distances_with_weights stats_of_measurements kdtree_scan_stats balltree_scan_stats'
	local named=''
	for name in ${TESTS:-}; do
		[ ! -f "$top/sql/$name.sql" ] || named+=" $name"
	done
	echo "${named:-$few}"
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
# shellcheck disable=SC2046		# names, without spaces
test "a server with it: indexes that move, regression tests" bash "$top/test/matrix/arm64_server.sh" "$root" "$work/vectormed.so" $(chosen_tests)
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
