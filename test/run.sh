#!/usr/bin/env bash
# test/run.sh
#		`make test`: sets up all it needs, runs every test, tells the sum.
#
# Each runner's own words go to the screen; count_* read the results from a
# copy.  A runner that ends without its closing line, or with a status that
# its output does not explain, is a failure of its own.
#
# KEEP=1 leaves the directory with server, logs and build behind.
# TESTS="style unit regress isolation tap" chooses the kinds that run, or tests by
# their names.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=test/setup.sh
. "$top/test/setup.sh"
# shellcheck source=test/packages.sh
. "$top/test/packages.sh"
# shellcheck source=examples/packages.sh
. "$top/examples/packages.sh"

passed=0 failed=0
skips=()

# A file system to be filled, where root may mount one.
small_filesystem() {
	[ "$(id -u)" = 0 ] && [ -z "${VM_SMALL_FILESYSTEM:-}" ] || return 0
	mkdir "$work/small"
	if mount -t tmpfs -o size=3m,mode=700,uid="$owner" tmpfs "$work/small" 2>/dev/null; then
		mounted=$work/small
		export VM_SMALL_FILESYSTEM=$mounted
	fi
}

mounted=''
clean_up() {
	stop_cluster
	if [ -n "$mounted" ]; then umount "$mounted" || umount --lazy "$mounted" || true; fi
	if [ "${KEEP:-0}" = 1 ]; then
		say "kept: ${work:-nothing}"
	elif [ -n "${work:-}" ]; then
		rm -rf "$work"
	fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

pass() { passed=$((passed + 1)); printf '%-60s ok\n' "$1"; }
fail() { failed=$((failed + 1)); printf '%-60s FAILED\n' "$1"; }

# The reasons in test/README.md between the marks, one a line.
permitted_skips() {
	# shellcheck disable=SC2016		# the backticks are Markdown's
	sed -n '/^<!-- permitted skips -->/,/^<!-- end -->/s/^- `\([^`]*\)`.*/\1/p' "$top/test/README.md"
}

# skip NAME REASON: under CI, only a reason that is permitted is a skip.
skip() {
	local reason
	if [ -n "${CI:-}" ] && [ "$CI" != false ]; then
		while read -r reason; do
			case $2 in "$reason"*) skips+=("$1: $2"); return ;; esac
		done < <(permitted_skips)
		fail "$1 (skip not listed in test/README.md: $2)"
	else
		skips+=("$1: $2")
	fi
}

# In the copy of the checkout, as the owner of the server.  PYTHON is named to
# make, since PGXS would put the one that the server was configured with.
run() { as_owner nice -n 5 env --chdir="$work/src" "$@"; }
make_in_copy() { run make -s PG_CONFIG="$PG_CONFIG" PYTHON="$PYTHON" with_llvm=no "$@"; }

style_tests() {
	local check
	for check in "$top"/test/style/check_*.sh; do
		check=test/style/${check##*/}
		if run bash "$check" >"$work/log" 2>&1; then
			pass "$check"
		else
			cat "$work/log"
			fail "$check"
		fi
	done
}

# The unit tests have no server.  Their checks are counted by the hundred
# thousand and would drown the sum, so they are one test here.
unit_tests() {
	local status=0
	if [ ! -d "$work/src/test/unit" ]; then
		skip "unit tests" "this checkout has none"
		return
	fi
	make_in_copy unitcheck ${VM_CC:+CC="$VM_CC"} UNIT_CFLAGS="${CI:+-Werror} ${VM_COPT:-}" >"$work/log" 2>&1 || status=$?
	keep_reports
	if [ "$status" = 0 ] && tail -n 1 "$work/log" | grep -qE '^[1-9][0-9]* passed, 0 failed$'; then
		pass "unit tests ($(tail -n 1 "$work/log"))"
	else
		cat "$work/log"
		fail "unit tests (status $status)"
	fi
}

# pg_regress and its sister for isolation tests: up to PostgreSQL 15 lines like
# "test NAME ... ok", from 16 on TAP.
regress_tests() {
	local name=$1 status=0 good bad
	shift
	make_in_copy "$@" >"$work/log" 2>&1 || status=$?
	keep_reports
	grep -E '^(test |     |parallel group|(not )?ok |# )' "$work/log" || true
	good=$(grep -cE '^ok [0-9]|^(test|    ) .* \.\.\. +ok' "$work/log" || true)
	bad=$(grep -cE '^not ok [0-9]|^(test|    ) .* \.\.\. +(FAILED|failed)' "$work/log" || true)
	passed=$((passed + good))
	failed=$((failed + bad))
	if [ "$status" != 0 ]; then
		cat "$work"/src/regression.diffs "$work"/src/output_iso/regression.diffs 2>/dev/null || true
		if [ "$bad" = 0 ]; then
			cat "$work/log"
			fail "$name (status $status)"
		fi
	elif ! grep -qE 'All [1-9][0-9]* tests passed' "$work/log"; then
		cat "$work/log"
		fail "$name (no closing line)"
	fi
}

# One file at a time and verbosely, so that a skip inside a file is seen.
tap_test() {
	local file=$1 status=0 reason
	make_in_copy installcheck REGRESS= ISOLATION= PROVE='prove --verbose' \
		PROVE_TESTS="$file" >"$work/log" 2>&1 || status=$?
	keep_reports
	if [ "$status" != 0 ] || ! grep -q '^Result: \(PASS\|NOTESTS\)' "$work/log"; then
		grep -vE '^ *ok ' "$work/log" || true
		tail -n 20 "$work"/src/tmp_check/log/regress_log_* 2>/dev/null || true
		fail "$file"
		return
	fi
	reason=$(sed -n 's,^test/t/.* skipped: ,,p' "$work/log")
	if [ -n "$reason" ]; then
		skip "$file" "$reason"
		return
	fi
	pass "$file"
	while read -r reason; do
		skip "$file" "$reason"
	done < <(sed -n 's/^ *ok [0-9]* # skip *//p' "$work/log" | sort -u)
}

# What the examples run with.  Their test says what is still lacking then.
example_packages() {
	local name reason
	for name in $example_names; do
		prepare_example "$name" || echo "examples/$name.py: $reason"
	done
	export VM_EXAMPLES_DIR=$packages
}

# Is this kind of test wanted, or this test?
TESTS=${TESTS:-style unit regress isolation tap}
wanted() { [[ " $TESTS " == *" $1 "* ]]; }

# The files that are wanted, of that kind or by their names.
wanted_of() {
	local kind=$1 file name
	shift
	for file in "$@"; do
		name=${file##*/}
		if wanted "$kind" || wanted "${name%.*}"; then echo "$file"; fi
	done
}

names_of() {
	local file name
	for file in "$@"; do
		name=${file##*/}
		echo "${name%.*}"
	done
}

cd "$top"
mapfile -t regress < <(wanted_of regress sql/*.sql)
mapfile -t isolation < <(wanted_of isolation test/isolation/specs/*.spec)
mapfile -t tap < <(wanted_of tap test/t/*.pl)

# Does the server have the Perl modules that TAP tests are written with?
has_tap_modules() {
	[ -f "$(dirname "$("$PG_CONFIG" --pgxs)")/../test/perl/PostgreSQL/Test/Cluster.pm" ]
}

modules=()
if [ "${#tap[@]}" != 0 ]; then modules=(numpy sklearn); fi
need_packages "${modules[@]}"
private_server test

if wanted style; then
	say "style"
	style_tests
fi
if wanted unit; then
	say "unit tests"
	unit_tests
fi
# with JIT each query whose plan is forced would be compiled, since its cost is above 10^10
start_cluster autovacuum=off jit=off
if [ "${#regress[@]}" != 0 ]; then
	say "regression tests"
	regress_tests "regression tests" installcheck REGRESS="$(names_of "${regress[@]}" | xargs)" \
		ISOLATION= TAP_TESTS=
fi
if [ "${#isolation[@]}" != 0 ]; then
	say "isolation tests"
	regress_tests "isolation tests" installcheck REGRESS= TAP_TESTS= \
		ISOLATION="$(names_of "${isolation[@]}" | xargs)"
fi
if [ "${#tap[@]}" != 0 ]; then
	older_server
	small_filesystem
	say "TAP tests"
	if has_tap_modules; then
		[[ " ${tap[*]} " != *examples_* ]] || example_packages
		for file in "${tap[@]}"; do
			tap_test "$file"
		done
	else
		skip "TAP tests" "the server is built without the modules of TAP tests"
	fi
fi

for reason in "${skips[@]}"; do
	echo "skipped: $reason"
done
echo "$passed passed, $failed failed, ${#skips[@]} skipped"
[ "$failed" = 0 ]
