#!/usr/bin/env bash
# test/matrix/postgres_asan.sh
#		Takes the place of the program "postgres", which knows nothing of
#		AddressSanitizer: its library has to be there before ours, at addresses
#		that are not random.  Reports go to $VM_REPORTS.
case ${1:-} in
	-[VC] | --*) exec "$0.bin" "$@" ;;
esac
if [ -z "${VM_FIXED_ADDRESSES:-}" ]; then
	VM_FIXED_ADDRESSES=1 exec setarch -R "$0" "$@"
fi
# What a test preloads (test/fuzz) comes first, and passes on to it.
LD_PRELOAD="${LD_PRELOAD:-} $(LD_PRELOAD='' gcc -print-file-name=libasan.so)"
export LD_PRELOAD ASAN_OPTIONS="detect_leaks=0:verify_asan_link_order=0:log_path=$VM_REPORTS/asan"
# By this name it is started again by pg_ctl restart.
exec -a "$0" "$0.bin" "$@"
