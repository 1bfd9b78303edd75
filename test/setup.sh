# shellcheck shell=bash
# test/setup.sh
#		What `make test`, `make test-clients` and `make demo` share; sourced by each.
#
# It finds or installs what is needed, makes a private copy of the PostgreSQL
# server in a new directory, builds the extension into that copy, and starts a
# cluster there as a user other than root.  The machine's own server, its
# clusters and the checkout stay as they are: the checkout may belong to
# another user than the one who runs the server.
#
# A script sets `top` (the checkout) before it sources this, calls
# need_packages and private_server in this order, and stops the cluster with
# stop_cluster.
#
# test/matrix/run.sh tries other builds and other ways to run the server by
#	VM_CC		the compiler
#	VM_COPT		more of its options
#	VM_WRAPPER	a program that takes the place of the private server's
#			"postgres", which then is "postgres.bin" beside it
#	VM_REPORTS	a directory for reports of faults

: "${top:?set to the checkout before sourcing}"
# A path, since tests look whether it can be run; where there is none yet, the one that will be installed.
PYTHON=${PYTHON:-$(command -v /usr/bin/python3 || command -v python3 || echo /usr/bin/python3)}
PYTHON=$(command -v "$PYTHON" || echo "$PYTHON")
export PYTHON

say() { printf '%s\n' "== $*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# The servers of this machine that can run: pg_config of each, newest first.
installed_servers() {
	{
		printf '%s\n' /usr/lib/postgresql/*/bin/postgres
		command -v postgres || true
	} | sort -rV | while read -r server; do
		if [ -x "$server" ]; then dirname "$server"; fi
	done
}

# Does the server of this pg_config have what an extension is built with?
# (Debian's client package alone has pg_config and pgxs.mk, and no headers.)
has_build_files() {
	[ -x "$("$1" --bindir)/postgres" ] && [ -f "$("$1" --pgxs)" ] &&
		[ -f "$("$1" --includedir-server)/postgres.h" ]
}

# Prints the pg_config of the newest server that also has its build files.
find_pg_config() {
	local bin
	if [ -n "${PG_CONFIG:-}" ]; then
		command -v "$PG_CONFIG" || die "PG_CONFIG is $PG_CONFIG, which cannot be run"
		return
	fi
	for bin in $(installed_servers) ''; do
		if [ -n "$bin" ] && [ -x "$bin/pg_config" ] && has_build_files "$bin/pg_config"; then
			echo "$bin/pg_config"
			return
		fi
	done
	# A server installed from source may be known by its pg_config only.
	if command -v pg_config >/dev/null && has_build_files pg_config; then
		command -v pg_config
	fi
}

# Prints the Debian packages for what is missing, one a line.
missing_packages() {
	local module major
	if [ -z "$(find_pg_config)" ]; then
		major=$(installed_servers | sed -n 's,.*/postgresql/\([0-9]*\)/bin$,\1,p' | sed -n 1p)
		if [ -z "$major" ] && command -v apt-cache >/dev/null; then
			# Fails, and says nothing, where the package lists were never fetched.
			major=$({ apt-cache depends postgresql 2>/dev/null || true; } |
				sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | sed -n 1p)
		fi
		# Not known, they are what depends on the newest.
		printf '%s\n' "postgresql${major:+-$major}" "postgresql-server-dev-${major:-all}"
	fi
	if ! command -v cc >/dev/null; then printf '%s\n' gcc libc6-dev; fi
	if ! command -v nm >/dev/null; then echo binutils; fi
	if ! command -v prove >/dev/null; then echo perl; fi
	if ! perl -MIPC::Run -e 1 2>/dev/null; then echo libipc-run-perl; fi
	for module in "$@"; do
		if ! "$PYTHON" -c "import $module" 2>/dev/null; then
			# what a virtual environment is made with
			if [ "$module" = ensurepip ]; then echo python3-venv; else echo "python3-$module"; fi
		fi
	done
}

# Installs packages, and shows what apt-get said only if it could not.
apt_install() {
	local log
	log=$(mktemp)
	if ! apt-get -qq -y install --no-install-recommends "$@" >"$log" 2>&1; then
		cat "$log"
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}

# need_packages MODULE...: the server, the compiler, and these Python modules.
need_packages() {
	local list missing conf=/etc/postgresql-common/createcluster.d/vectormed-test.conf
	# Not read from the function directly, which would hide its failure.
	list=$(missing_packages "$@")
	[ -n "$list" ] || return 0
	mapfile -t missing <<<"$list"
	command -v apt-get >/dev/null ||
		die "install these first, or what your system has in their place; their names in Debian: ${missing[*]}"
	[ "$(id -u)" = 0 ] ||
		die "install these packages first, or run this as root: apt-get install --no-install-recommends ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	say "updating the package lists"
	apt-get -qq update
	# Asked again, since the lists tell which major is the newest.
	list=$(missing_packages "$@")
	mapfile -t missing <<<"$list"
	say "installing ${missing[*]}"
	if [[ ${missing[*]} =~ postgresql ]] && [ ! -e "$conf" ]; then
		# Debian's server package would create a cluster and start it.
		apt_install postgresql-common || die "could not install postgresql-common"
		mkdir -p "$(dirname "$conf")"
		echo 'create_main_cluster = false' >"$conf"
	fi
	if ! apt_install "${missing[@]}"; then
		rm -f "$conf"
		die "could not install ${missing[*]}"
	fi
	rm -f "$conf"
	hash -r
	list=$(missing_packages "$@")
	[ -z "$list" ] || die "installed, and still missing: ${list//$'\n'/ }"
}

# Runs a command as the user who owns the private server: the caller, or for
# root, whom the server refuses, the user postgres of Debian's package.  That
# user may not be able to enter the directory that the caller is in.
as_owner() {
	if [ "$(id -u)" = 0 ]; then
		runuser -u "$owner" -- env --chdir="$work" HOME="$work" PATH="$PATH" "$@"
	else
		env --chdir="$work" HOME="$work" "$@"
	fi
}

# Copies a directory of the server to the same place under the private root.
# Programs are copied, since a program finds its files from where it lies; all
# else is linked.
mirror() {
	local how=$1 dir=$2
	[ ! -e "$work/root$dir" ] || return 0
	mkdir -p "$work/root$dir"
	cp "$how" "$dir/." "$work/root$dir/"
}

# Makes a private copy of the server of that pg_config, and prints the copy's.
mirror_server() {
	local system=$1 copy
	mirror -rL "$("$system" --bindir)"
	mirror -rs "$("$system" --pkglibdir)"
	mirror -rs "$("$system" --sharedir)"
	mirror -rs "$("$system" --includedir-server)"
	copy=$work/root$system
	[ -x "$copy" ] || copy=$work/root$("$system" --bindir)/pg_config
	echo "$copy"
}

# install_into PG_CONFIG SOURCE: builds the extension, in a new copy of the checkout.
install_into() {
	local config=$1 source=$2
	mkdir "$source"
	tar -C "$top" -cf - --exclude=.git --exclude='*.o' --exclude='*.bc' --exclude='*.so' \
		--exclude=tmp_check --exclude=./results --exclude=./output_iso . |
		tar -C "$source" -xf -
	if [ "$(id -u)" = 0 ]; then
		chown -R "$owner" "$work"
	fi
	# Warnings are errors where changes are judged, not where users build.
	as_owner make -s -C "$source" -j"$(nproc)" PG_CONFIG="$config" with_llvm=no \
		${VM_CC:+CC="$VM_CC"} COPT="${CI:+-Werror} ${VM_COPT:-}" all >"$work/build.log" 2>&1 ||
		{ cat "$work/build.log"; die "the extension does not build"; }
	as_owner make -s -C "$source" PG_CONFIG="$config" with_llvm=no install \
		>"$work/build.log" 2>&1 || { cat "$work/build.log"; die "could not install into the private server"; }
}

# private_server NAME: makes $work, the server in it, and the extension in
# that, from a copy of the checkout in $work/src.
private_server() {
	local system
	system=$(find_pg_config)
	[ -n "$system" ] || die "found no PostgreSQL server with its development files"
	owner=$(id -un)
	if [ "$owner" = root ]; then
		owner=$(id -un postgres 2>/dev/null || id -un nobody)
	fi
	work=$(mktemp -d "${TMPDIR:-/tmp}/vectormed-$1.XXXXXX")
	export work owner

	say "private server of $("$system" --version) in $work"
	PG_CONFIG=$(mirror_server "$system")
	PATH=$("$PG_CONFIG" --bindir):$PATH
	export PG_CONFIG PATH
	if [ -n "${VM_WRAPPER:-}" ]; then
		mv "${PATH%%:*}/postgres" "${PATH%%:*}/postgres.bin"
		install -m 755 "$VM_WRAPPER" "${PATH%%:*}/postgres"
	fi
	mkdir "$work/socket" "$work/tmp"
	say "building"
	install_into "$PG_CONFIG" "$work/src"
	export TMPDIR=$work/tmp
}

major_of() { "$1" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/'; }

# older_server: where this machine has a server of an older major that we support,
# a private copy of the oldest too, with the extension, in VM_OLD_PG_CONFIG: what
# pg_upgrade starts from.
older_server() {
	local bin oldest=''
	for bin in $(installed_servers); do
		if [ -x "$bin/pg_config" ] && has_build_files "$bin/pg_config" &&
			[ "$(major_of "$bin/pg_config")" -ge 15 ] &&
			[ "$(major_of "$bin/pg_config")" -lt "$(major_of "$PG_CONFIG")" ]
		then
			oldest=$bin/pg_config
		fi
	done
	[ -n "$oldest" ] || return 0
	say "beside it $("$oldest" --version)"
	VM_OLD_PG_CONFIG=$(mirror_server "$oldest")
	export VM_OLD_PG_CONFIG
	install_into "$VM_OLD_PG_CONFIG" "$work/src-old"
}

# start_cluster [SETTING=VALUE...]: a cluster in $work/data, open to its own
# socket directory only, so that any port number is free.
start_cluster() {
	local setting
	as_owner initdb -D "$work/data" -U "$owner" -A trust --no-sync --no-locale -E UTF8 \
		>"$work/initdb.log" 2>&1 || { cat "$work/initdb.log"; die "initdb failed"; }
	for setting in "listen_addresses=''" "unix_socket_directories='$work/socket'" port=5432 \
		fsync=off "$@"; do
		echo "$setting" >>"$work/data/postgresql.conf"
	done
	as_owner pg_ctl -s -w -D "$work/data" -l "$work/server.log" start ||
		{ cat "$work/server.log"; die "the private cluster does not start"; }
	export PGHOST=$work/socket PGPORT=5432 PGUSER=$owner PGDATABASE=postgres
	unset PGSERVICE PGPASSFILE PGOPTIONS PGHOSTADDR
}

# UBSan's words come into the logs, in a server since it reads its options at the first
# fault, when the server has written over its environment.
keep_reports() {
	[ -n "${VM_REPORTS:-}" ] || return 0
	grep -hs -A 20 'runtime error:' "$work"/log "$work"/server.log "$work"/src/tmp_check/log/*.log \
		>>"$VM_REPORTS/ubsan" || true
}

stop_cluster() {
	if [ -f "${work:-/nonexistent}/data/postmaster.pid" ]; then
		as_owner pg_ctl -s -D "$work/data" -m immediate stop || true
	fi
}
