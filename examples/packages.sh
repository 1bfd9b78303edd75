# shellcheck shell=bash
# examples/packages.sh
#		What an example runs with, for examples/run and for the test of the
#		examples; sourced after test/packages.sh, whose rules it keeps.
#
# EXAMPLES_DIR=DIR	where packages and data are kept
# shellcheck disable=SC2034,SC2154		# who sources this reads the one and sets the other

packages=${EXAMPLES_DIR:-/var/tmp/vectormed-examples}
example_names='images genomics drugs records cohort'

# The genome that comes with a Debian package of a program for aligning reads.
get_genome() {
	local file=NC_008253.fna.gz download=(apt-get -qq download bowtie-examples)
	[ ! -f "$packages/$file" ] || return 0
	needs apt-get dpkg-deb || return 1
	mkdir -p "$work/genome"
	# Again with package lists that are new, where there were none.
	if ! (cd "$work/genome" && { quietly "${download[@]}" ||
		{ quietly apt-get -qq update && quietly "${download[@]}"; }; } &&
		dpkg-deb -x bowtie-examples_*.deb . && mv "$(find . -name "$file")" "$packages/")
	then
		reason="Debian's package bowtie-examples, which has a genome, could not be had"
		return 1
	fi
}

# prepare_example NAME [OPTION...]: sets `program`, the command that runs it.  What
# runs networks is got where an option names one, the genome where none is named.
prepare_example() {
	local list lists=(common "$1")
	[[ " $*" != *" --network"* && " $*" != *" --model"* ]] || lists+=(networks)
	mkdir -p "$packages"
	for list in "${lists[@]}"; do
		python_packages "$packages/python" "$top/examples/requirements/$list.txt" || return 1
	done
	program=("$packages/python/bin/python" -B "$top/examples/$1.py")
	if [ "$*" = genomics ]; then
		get_genome || return 1
		program+=("$packages/NC_008253.fna.gz")
	fi
}
