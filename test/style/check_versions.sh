#!/usr/bin/env bash
# test/style/check_versions.sh
#		PostgreSQL majors are told apart in src/compat only, instruction sets in
#		src/distance/kernels_* and dispatch.c only.
set -euo pipefail
cd "$(dirname "$0")/../.."
status=0

# only_in FILES-REGEX WHY GREP-REGEX
only_in() {
	local hits
	hits=$(grep -rnE "$3" src --include='*.[ch]' | grep -vE "^($1)" || true)
	if [ -n "$hits" ]; then
		printf 'check_versions: %s:\n%s\n' "$2" "$hits"
		status=1
	fi
}

only_in 'src/compat/' "majors are compared in src/compat only" '\b(PG_VERSION_NUM|CATALOG_VERSION_NO|PG_MAJORVERSION_NUM)\b'
only_in 'src/distance/kernels_[a-z0-9]+\.c:' "intrinsics belong in src/distance/kernels_<isa>.c" \
	'#[[:space:]]*include[[:space:]]*<([a-z]*mmintrin|immintrin|x86intrin|arm_neon|arm_sve)\.h>'
only_in 'src/distance/(kernels[a-z0-9_]*|dispatch)\.[ch]:' "instruction sets are told apart in src/distance only" \
	'\b(__x86_64__|__aarch64__|__AVX[A-Z0-9_]*__|__ARM_NEON)\b'
exit $status
