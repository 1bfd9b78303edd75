#!/usr/bin/env bash
# test/style/check_functions.sh
#		No function is longer than 100 lines, from its opening to its closing
#		brace, each alone in the first column.
set -euo pipefail
cd "$(dirname "$0")/../.."
find src test -name '*.[ch]' -exec awk '
	FNR == 1 { start = 0 }
	/^\{/ { start = FNR }
	/^\}/ {
		if (start && FNR - start > 100) {
			printf "check_functions: %s:%d: function of %d lines\n", FILENAME, start, FNR - start
			found = 1
		}
		start = 0
	}
	END { exit found }' {} +
