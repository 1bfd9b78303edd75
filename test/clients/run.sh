#!/usr/bin/env bash
# test/clients/run.sh
#		`make test-clients`: real client libraries, unchanged, against a private
#		server.
#
# CLIENTS="psycopg node ..."	what to run; without it, all of them
# CLIENTS_DIR=DIR				where the packages of the clients are kept
#
# A client is a program that tells each check, and their number in its closing
# line; it has a database of its own.  Its packages come by the usual tool of
# its language into CLIENTS_DIR.  Where a tool or a package cannot be had, the
# client is skipped, and the word says why; what then fails is a failure.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
here=$top/test/clients
packages=${CLIENTS_DIR:-/var/tmp/vectormed-clients}
# shellcheck source=test/setup.sh
. "$top/test/setup.sh"
# shellcheck source=test/packages.sh
. "$top/test/packages.sh"

passed=0 failed=0
skips=()
clean_up() {
	stop_cluster
	[ -z "${work:-}" ] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Each of these makes one client ready, sets `program`, and fails with the
# reason for a skip; a build of our own code that fails is for `program` to tell.
prepare_python() {
	python_packages "$packages/python" "$here/python/requirements.txt" || return 1
	program=("$packages/python/bin/python" -B "$here/python/smoke_$1.py")
}

prepare_node() {
	needs node npm || return 1
	mkdir -p "$packages/node"
	cp "$here/node/package.json" "$packages/node"
	get "$here/node/package.json" "$packages/node/had" npm install --prefix "$packages/node" --no-audit --no-fund --no-package-lock ||
		return 1
	program=(env NODE_PATH="$packages/node/node_modules" node "$here/node/smoke_$1.js" "$residents")
}

prepare_go() {
	needs go || return 1
	quietly go mod download -C "$here/go" ||
		{ reason="the packages of test/clients/go/go.mod could not be had"; return 1; }
	program=(go run -C "$here/go" . "$residents")
}

# Cargo writes beside the list of packages, which is therefore a copy.
prepare_rust() {
	needs cargo cc || return 1
	mkdir -p "$packages/rust"
	rm -rf "$packages/rust/src"
	cp -r "$here/rust/." "$packages/rust"
	get "$here/rust/Cargo.toml" "$packages/rust/had" cargo fetch --quiet --manifest-path "$packages/rust/Cargo.toml" || return 1
	program=(cargo run --quiet --offline --manifest-path "$packages/rust/Cargo.toml" --bin "$1" -- "$residents")
}

# JDBC, and with it Hibernate, knows no socket directory: TCP on this machine, for who has the password.
open_tcp() {
	PGPASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	tcp_port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	export PGPASSWORD
	as_owner psql -X -q -v ON_ERROR_STOP=1 \
		<<<"SET password_encryption = 'scram-sha-256'; ALTER ROLE \"$owner\" PASSWORD '$PGPASSWORD'"
	printf '%s\n' 'local all all trust' 'host all all 127.0.0.1/32 scram-sha-256' >"$work/data/pg_hba.conf"
	printf '%s\n' "listen_addresses='127.0.0.1'" "port=$tcp_port" >>"$work/data/postgresql.conf"
	as_owner pg_ctl -s -w -D "$work/data" -l "$work/server.log" -m fast restart
	export PGPORT=$tcp_port
}

prepare_java() {
	needs java javac mvn || return 1
	quietly mvn -q -B -f "$here/java/$1.xml" dependency:build-classpath \
		-Dmdep.outputFile="$work/classpath" ||
		{ reason="the packages of test/clients/java/$1.xml could not be had"; return 1; }
	[ -n "${tcp_port:-}" ] || open_tcp
	program=(run_java "$2" "$(cat "$work/classpath")")
}

run_java() {
	rm -rf "$work/classes"
	javac -d "$work/classes" -cp "$2" "$here/java/Residents.java" "$here/java/$1.java" &&
		java -cp "$work/classes:$2" "$1" "$residents"
}

prepare() {
	case $1 in
		psycopg | asyncpg | sqlalchemy | django) prepare_python "$1" ;;
		pg | sequelize) prepare_node "$1" ;;
		pgx) prepare_go ;;
		tokio_postgres | sqlx) prepare_rust "$1" ;;
		jdbc) prepare_java jdbc SmokeJdbc ;;
		hibernate) prepare_java hibernate SmokeHibernate ;;
		*) die "there is no client $1; test/clients/README.md has them" ;;
	esac
}

# smoke CLIENT: in a new database; good is only who tells how many checks passed.
smoke() {
	local reason='' program=() status=0
	if ! prepare "$1"; then
		printf '%-14s skipped: %s\n' "$1" "$reason"
		skips+=("$1")
		return
	fi
	as_owner createdb "client_$1"
	PGDATABASE=client_$1 "${program[@]}" >"$work/client.log" 2>&1 || status=$?
	if [ "$status" = 0 ] && tail -n 1 "$work/client.log" | grep -qE '^[1-9][0-9]* checks passed$'; then
		printf '%-14s %s\n' "$1" "$(tail -n 1 "$work/client.log")"
		passed=$((passed + 1))
	else
		cat "$work/client.log"
		printf '%-14s FAILED (status %s)\n' "$1" "$status"
		failed=$((failed + 1))
	fi
}

need_packages
private_server clients
residents=$top/data/flchain/flchain.csv
mkdir -p "$packages"
start_cluster autovacuum=off
say "clients"
for client in ${CLIENTS:-psycopg asyncpg sqlalchemy django pg sequelize pgx tokio_postgres sqlx jdbc hibernate}; do
	smoke "$client"
done
echo "$passed clients passed, $failed failed, ${#skips[@]} skipped"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
