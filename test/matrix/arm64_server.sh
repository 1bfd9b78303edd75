#!/usr/bin/env bash
# test/matrix/arm64_server.sh ROOT VECTORMED.SO [TEST...]
#		The extension on a server for arm64, on an emulated processor: ROOT is a tree of
#		Debian's packages for it.  A cluster that this machine's server made, with an
#		index of each kind, is taken over by the other and back: all answers have the same
#		bits, and every index is in order, also after what the other has written.  Then
#		the regression tests of those names.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=test/setup.sh
. "$top/test/setup.sh"
root=$1
built=$2
shift 2

trap 'stop_cluster; rm -rf "${work:-}"' EXIT
private_server arm64-server
install -m 755 "$built" "$root/usr/lib/postgresql/15/lib/vectormed.so"
install -m 644 "$work"/src/vectormed.control "$work"/src/vectormed--*.sql "$root/usr/share/postgresql/15/extension/"
chmod 755 "$root"

stop() { as_owner pg_ctl -s -w -D "$work/data" -m fast stop; }
start_native() { as_owner pg_ctl -s -w -D "$work/data" -l "$work/server.log" start; }
start_arm64() {
	as_owner qemu-aarch64 -L "$root" "$root/usr/lib/postgresql/15/bin/postgres" -D "$work/data" >>"$work/server.log" 2>&1 &
	for _ in $(seq 120); do
		! pg_isready -q || return 0
		sleep 1
	done
	cat "$work/server.log"
	return 1
}

# The three queries of each of thirteen indexes, and what says that they were used and are in order.
answers() {
	psql -qXAt -v ON_ERROR_STOP=1 -f "$top/test/matrix/moved_indexes_answers.sql" >"$work/answers.$1"
	[ "$(wc -l <"$work/answers.$1")" = 53 ]
}

start_cluster autovacuum=off jit=off huge_pages=off
psql -qX -v ON_ERROR_STOP=1 -f "$top/test/matrix/moved_indexes.sql"
answers native
stop
start_arm64
psql -XAtc 'SELECT version()' | grep aarch64
answers arm64
cmp "$work/answers.native" "$work/answers.arm64"
psql -qX -v ON_ERROR_STOP=1 -c "INSERT INTO moved SELECT id + 10000, v, long, h, s, codes, kmers, bits, r, w FROM moved WHERE id < 600" \
	-c "DELETE FROM moved WHERE id % 5 = 0" -c "VACUUM moved"
answers arm64
stop
start_native
answers native
cmp "$work/answers.native" "$work/answers.arm64"
stop
echo "indexes went to arm64 and back"
[ $# != 0 ] || exit 0
start_arm64
as_owner make -s -C "$work/src" installcheck with_llvm=no PG_CONFIG="$PG_CONFIG" REGRESS="$*" ISOLATION= TAP_TESTS=
