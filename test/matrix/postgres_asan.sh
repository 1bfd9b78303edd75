#!/bin/sh
# test/matrix/postgres_asan.sh
#		Takes the place of the program "postgres", which knows nothing of
#		AddressSanitizer: its library has to be there before ours, at addresses
#		that are not random.  Reports go to $VM_REPORTS.
server=$(dirname "$0")/postgres.bin
case ${1:-} in
	-[VC] | --*) exec "$server" "$@" ;;
esac
# What a test preloads (test/fuzz) comes first, and passes on to it.
libraries="${LD_PRELOAD:-} $(gcc -print-file-name=libasan.so)"
exec setarch -R env LD_PRELOAD="$libraries" \
	ASAN_OPTIONS="detect_leaks=0:verify_asan_link_order=0:log_path=$VM_REPORTS/asan" "$server" "$@"
