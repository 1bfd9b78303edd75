#!/usr/bin/env bash
# test/matrix/control.sh TOOL
#		Runs the fault of test/matrix/fault that TOOL is to report, in a private
#		server as the tests get it.  run.sh looks for the report.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
top=$checkout/test/matrix/fault
# shellcheck source=test/setup.sh
. "$checkout/test/setup.sh"

clean_up() {
	stop_cluster
	[ -z "${work:-}" ] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

need_packages
private_server fault
start_cluster
as_owner psql -X -q -c "CREATE FUNCTION fault(int) RETURNS bool AS 'fault', 'fault_$1' LANGUAGE C" \
	-c 'SELECT fault(8)' || true
keep_reports
