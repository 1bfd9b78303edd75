#!/bin/sh
# test/matrix/postgres_valgrind.sh
#		Takes the place of the program "postgres": runs it under valgrind, whose
#		reports go to $VM_REPORTS.  What initdb and pg_ctl ask of it goes past.
server=$(dirname "$0")/postgres.bin
case ${1:-} in
	-[VC] | --*) exec "$server" "$@" ;;
esac
exec valgrind --quiet --leak-check=no --suppressions="$VM_SUPPRESSIONS" --suppressions="$VM_MORE_SUPPRESSIONS" \
	--num-callers=25 \
	--error-markers=VALGRINDERROR-BEGIN,VALGRINDERROR-END --log-file="$VM_REPORTS/%p.log" \
	"$server" "$@"
