#!/usr/bin/env bash
# test/matrix/run.sh
#		`make test-matrix`: the tests on each PostgreSQL major, and on builds
#		that see more than a server does.
#
# MATRIX="18 asan ..."		what to run; without it, all of them
# MATRIX_SECONDS=N			what has not ended by then is skipped
# MATRIX_DIR=DIR			where servers are kept that this machine lacks
# TESTS="regress tap ..."	the kinds of test, as for `make test`
#
# A run is `make test` (test/run.sh) with another server, compiler, or program
# in the place of the server's; those that look for faults first must find the
# ones that test/matrix/fault has.  Where a server or a compiler cannot be had,
# the run is skipped, and the word says why.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
servers=${MATRIX_DIR:-/var/tmp/vectormed-matrix}
started=$SECONDS

say() { printf '%s\n' "== $*"; }
# shellcheck source=test/matrix/provision.sh
. "$top/test/matrix/provision.sh"

passed=0 failed=0
skips=()
logs=$(mktemp -d "${TMPDIR:-/tmp}/vectormed-matrix.XXXXXX")
chmod 755 "$logs"
running=''
trap 'rm -rf "$logs"' EXIT
trap '[ -z "$running" ] || { kill "$running"; wait "$running"; }; exit 130' INT TERM

skip() { skips+=("$1: $2"); say "$1 skipped: $2"; }

seconds_left() { echo $((${MATRIX_SECONDS:-1000000} - (SECONDS - started))); }

# The server itself reads unaligned where the processor can; and its -fwrapv would
# make an overflow what was meant.
undefined="-fsanitize=undefined,float-cast-overflow -fno-sanitize=alignment -fno-wrapv"

use_asan() {
	tools=(VM_WRAPPER="$top/test/matrix/postgres_asan.sh" UBSAN_OPTIONS=print_stacktrace=1
		VM_COPT="$1 -fno-omit-frame-pointer")
}

# Makes `tools` the environment of that kind of build and `kinds` the tests it is for.
choose_tools() {
	local name=$1
	tools=() kinds=${TESTS:-style unit regress isolation tap} reports=''
	case $name in
		16)
			# A copy of a program does not find what lies beside the original.
			tools=(LD_LIBRARY_PATH="$("$pg_config" --libdir):$(echo "$servers"/16/*.libs)")
			;;
		clang)
			# The server's headers are as configured for gcc.
			tools=(VM_CC=clang VM_COPT="-Wno-unknown-warning-option -Wno-ignored-optimization-argument -Wno-ignored-attributes")
			;;
		valgrind)
			kinds=${TESTS:-regress}
			tools=(VM_WRAPPER="$top/test/matrix/postgres_valgrind.sh" PGCTLTIMEOUT=900
				VM_SUPPRESSIONS="$("$pg_config" --bindir)/../valgrind.supp"
				VM_MORE_SUPPRESSIONS="$logs/valgrind.supp")
			# where who runs the server may read it
			install -m 644 "$top/test/matrix/valgrind.supp" "$logs/"
			;;
		asan) use_asan "-fsanitize=address" ;;
		ubsan) tools=(UBSAN_OPTIONS=print_stacktrace=1 VM_COPT="$undefined") ;;
		sanitizers) use_asan "-fsanitize=address $undefined" ;;
	esac
	case $name in
		valgrind | asan | ubsan | sanitizers)
			reports=$logs/$name.reports
			mkdir -m 1777 "$reports"
			tools+=(VM_REPORTS="$reports" PG_TEST_TIMEOUT_DEFAULT=900)
			;;
	esac
}

# The programs that a run needs beside the server, or a reason why not.
has_tools() {
	local program=''
	case $1 in
		valgrind | clang) program=$1 ;;
		asan | sanitizers) program=setarch ;;
	esac
	if [ -n "$program" ] && ! "${within[@]}" sh -c "command -v $program" >/dev/null &&
		! { [ "$(id -u)" = 0 ] && "${within[@]}" apt-get -qq -y install --no-install-recommends \
			"$program" >/dev/null 2>&1; }
	then
		reason="has no $program"
		return 1
	fi
}

# How many reports of faults are there?  valgrind writes a file for each process,
# and marks the faults in it; the sanitizers write where there is one.
count_reports() {
	case $1 in
		valgrind) grep -rl VALGRINDERROR-BEGIN "$reports" | wc -l ;;
		*) find "$reports" -type f -size +0 | wc -l ;;
	esac
}

# Does the tool find the faults that were made for it?
control() {
	local name=$1 fault faults=$1
	[ "$name" != sanitizers ] || faults="asan ubsan"
	for fault in $faults; do
		env "${tools[@]}" PG_CONFIG="$pg_config" bash "$top/test/matrix/control.sh" "$fault"
		if [ "$(count_reports "$name")" = 0 ]; then
			echo "$name does not report the fault that was made for $fault"
			return 1
		fi
		rm -rf "${reports:?}"/*
	done
}

# Makes `command` what runs the tests.
choose_command() {
	command=("${within[@]}" env CI=true "${tools[@]}" TESTS="$kinds" PG_CONFIG="$pg_config")
	if [ "$1" = arm64 ]; then
		command+=(bash test/matrix/arm64.sh "$servers")
	else
		command+=(bash test/run.sh)
	fi
}

# One run: NAME SERVER.
run() {
	local name=$1 server=$2 status=0 begun=$SECONDS log=$logs/$1.log
	if [ "$(seconds_left)" -le 0 ]; then
		skip "$name" "MATRIX_SECONDS are over"
		return
	fi
	if ! find_server "$server"; then
		skip "$name" "$server $reason"
		return
	fi
	# In the server's tree, if it has one.
	within=(env --chdir="$top")
	[ -z "$root" ] || within=(bash "$top/test/matrix/in_tree.sh" "$root")
	if ! has_tools "$name"; then
		skip "$name" "$server $reason"
		return
	fi
	choose_tools "$name"
	choose_command "$name"
	if [ -n "$root" ]; then say "$name: in $root, $kinds"; else say "$name: $("$pg_config" --version), $kinds"; fi
	if [ -n "$reports" ] && ! control "$name" >"$log" 2>&1; then
		finish "$name" 1 "$((SECONDS - begun))"
		return
	fi
	# In the background, so that the trap does not wait for its end.
	timeout --kill-after=60 "$(seconds_left)" "${command[@]}" >"$log" 2>&1 &
	running=$!
	wait "$running" || status=$?
	running=''
	if [ -n "$reports" ] && [ "$(count_reports "$name")" != 0 ]; then
		find "$reports" -type f -size +0 -exec cat {} + >>"$log"
		status=1
	fi
	finish "$name" "$status" "$((SECONDS - begun))"
}

# Tells how a run ended.
finish() {
	local name=$1 status=$2 took=$3 log=$logs/$1.log sum
	if [[ $status = 124 || $status = 137 ]] && [ "$(seconds_left)" -le 0 ] && ! grep -qE 'FAILED|^not ok' "$log"; then
		skip "$name" "not at its end after $took s, MATRIX_SECONDS are over"
		return
	fi
	grep '^skipped: ' "$log" || true
	# the last line, or with KEEP=1 the one before
	sum=$(sed '/^== kept: /d' "$log" | tail -n 1)
	if [ "$status" = 0 ] && [[ $sum =~ ^[0-9]+\ passed,\ 0\ failed,\ [0-9]+\ skipped$ ]] &&
		[ "$sum" != "0 passed, 0 failed, 0 skipped" ]
	then
		passed=$((passed + 1))
		printf '%-60s ok (%s, %s s)\n' "$name" "$sum" "$took"
	else
		failed=$((failed + 1))
		cat "$log"
		printf '%-60s FAILED (%s s)\n' "$name" "$took"
	fi
}

# sanitizers is asan and ubsan in one.
for name in ${MATRIX:-15 16 17 18 clang cassert sanitizers arm64 valgrind}; do
	case $name in
		clang) run clang 15 ;;
		cassert | asan | ubsan | sanitizers | valgrind) run "$name" assert ;;
		15 | 16 | 17 | 18 | arm64) run "$name" "$name" ;;
		*)
			failed=$((failed + 1))
			echo "MATRIX names no run: $name"
			;;
	esac
done

for reason in "${skips[@]}"; do
	echo "skipped: $reason"
done
echo "matrix: $passed passed, $failed failed, ${#skips[@]} skipped"
[ "$failed" = 0 ]
