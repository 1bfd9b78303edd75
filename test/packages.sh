# shellcheck shell=bash
# test/packages.sh
#		How the client libraries and the examples get their packages; sourced
#		after test/setup.sh, and used once `work` is set.
#
# Each function fails where something cannot be had, and `reason` then has the
# word for a skip.
# shellcheck disable=SC2034,SC2154		# who sources this reads the one and sets the other

# needs TOOL...: the programs are on this machine.
needs() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || { reason="$tool is not installed"; return 1; }
	done
}

# quietly COMMAND...: what it says is shown only where it fails.
quietly() { "$@" >"$work/tool.log" 2>&1 || { tail -n 15 "$work/tool.log"; return 1; }; }

# get LIST KEPT COMMAND...: fetches the packages of a list, unless KEPT, a copy of
# the list that was fetched last, is the same.
get() {
	local list=$1 kept=$2
	shift 2
	if ! cmp -s "$list" "$kept"; then
		quietly "$@" || { reason="the packages of ${list#"$top"/} could not be had"; return 1; }
		cp "$list" "$kept"
	fi
}

# python_packages VENV LIST...: a virtual environment with the packages of the lists.
python_packages() {
	local venv=$1 list
	shift
	needs "$PYTHON" || return 1
	if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
		rm -rf "$venv"
		quietly "$PYTHON" -m venv "$venv" ||
			{ rm -rf "$venv"; reason="$PYTHON cannot make a virtual environment"; return 1; }
	fi
	for list in "$@"; do
		get "$list" "$venv/${list##*/}" "$venv/bin/pip" install --quiet --disable-pip-version-check \
			--only-binary :all: -r "$list" || return 1
	done
}
