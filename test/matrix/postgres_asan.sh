#!/bin/sh
# test/matrix/postgres_asan.sh
#		Takes the place of the program "postgres", which knows nothing of
#		AddressSanitizer: its library has to be there before ours, at addresses
#		that are not random.  Reports go to $VM_REPORTS.
server=$(dirname "$0")/postgres.bin
case ${1:-} in
	-[VC] | --*) exec "$server" "$@" ;;
esac
exec setarch -R env LD_PRELOAD="$(gcc -print-file-name=libasan.so)" \
	ASAN_OPTIONS="detect_leaks=0:log_path=$VM_REPORTS/asan" "$server" "$@"
