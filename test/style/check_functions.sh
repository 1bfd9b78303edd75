#!/usr/bin/env bash
# test/style/check_functions.sh
#		No function is longer than 100 lines, from its opening to its closing
#		brace, each alone in its line; a struct ends with its name.
set -euo pipefail
cd "$(dirname "$0")/../.."
find src test -name '*.[ch]' -exec awk '
	FNR == 1 { start = 0 }
	/^\{/ { start = FNR }
	/^\}/ {
		if (start && $0 == "}" && FNR - start > 100) {
			printf "check_functions: %s:%d: function of %d lines\n", FILENAME, start, FNR - start
			found = 1
		}
		start = 0
	}
	END { exit found }' {} +
