#!/usr/bin/env bash
# test/demo/run.sh
#		`make demo`: a real clinical table, indexed and asked, in a private
#		cluster that stays for you to play with.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=test/setup.sh
. "$top/test/setup.sh"

finished=no
clean_up() {
	if [ "$finished" = no ]; then
		stop_cluster
		[ -z "${work:-}" ] || rm -rf "$work"
	fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Runs a file of this folder from the copy of the checkout.
demo() {
	as_owner env --chdir="$work/src" PGOPTIONS='-c client_min_messages=warning' \
		psql -X -q -v ON_ERROR_STOP=1 -P pager=off -f "test/demo/$1"
}

# A command that the user of this machine can give later.
write_command() {
	local name=$1 become=''
	[ "$(id -u)" != 0 ] || become="runuser -u $owner -- "
	printf '#!/bin/sh\nset -e\n%s\n' "${2//BECOME /$become}" >"$work/$name"
	chmod 755 "$work/$name"
}

started=$SECONDS
need_packages numpy
private_server demo
say "starting a private cluster"
start_cluster autovacuum=on
as_owner psql -X -q -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION vectormed'
demo compare.sql
demo residents.sql
demo questions.sql
demo codes.sql
demo patients.sql
as_owner "$PYTHON" "$work/src/test/demo/faiss_vectors.py" "$work/faiss.tsv"
demo faiss.sql <"$work/faiss.tsv"
demo summary.sql

bin=$("$PG_CONFIG" --bindir)
write_command psql "exec BECOME $bin/psql -h $PGHOST -p $PGPORT -U $owner -d $PGDATABASE \"\$@\""
write_command remove "BECOME $bin/pg_ctl -s -D $work/data -m fast stop
rm -rf $work"
finished=yes
say "done in $((SECONDS - started)) s; the private cluster is in $work"
echo "   open psql in it:  $work/psql"
echo "   remove it:        $work/remove"
