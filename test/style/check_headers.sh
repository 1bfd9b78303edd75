#!/usr/bin/env bash
# test/style/check_headers.sh
#		Every source file opens with its path and what it is for, and no file
#		holds a note of work left to do.
set -euo pipefail
cd "$(dirname "$0")/../.."
status=0
files() {
	find . -type f -not -path './.git/*' -not -path './tmp_check/*' -not -path './results/*' \
		-regex '.*\.\(c\|h\|sh\|sql\|spec\|pl\|pm\|py\)' -not -name 'vectormed--*.sql' |
		sed 's,^\./,,'
}

while read -r file; do
	case $file in
		*.c | *.h)
			if ! sed -n '1,2p' "$file" | grep -qF "$file"; then
				echo "check_headers: $file does not open with a comment that starts with its path"
				status=1
			fi ;;
		*)
			if ! sed -n '1,4p' "$file" | grep -qE '^(#|--|/\*| \*|"""|\\echo|\*/)'; then
				echo "check_headers: $file does not open with a comment that says what it is for"
				status=1
			fi ;;
	esac
	if [ "$file" != test/style/check_headers.sh ] && grep -nHE '\b(TODO|FIXME|XXX|HACK)\b' "$file"; then
		echo "check_headers: work left to do belongs in an issue"
		status=1
	fi
done < <(files)
exit $status
