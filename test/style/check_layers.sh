#!/usr/bin/env bash
# test/style/check_layers.sh
#		Includes go only in the allowed directions; WAL and page primitives stay
#		behind their walls (README.md here).
set -euo pipefail
cd "$(dirname "$0")/../.."
status=0
complain() { echo "check_layers: $*"; status=1; }

# refuse FILES-REGEX INCLUDE-REGEX WHY [EXCEPT-REGEX]: no file whose path
# matches includes a header whose name matches.
refuse() {
	local files=$1 headers=$2 why=$3 except=${4:-^$} file line name
	while IFS=: read -r file line name; do
		if [[ $file =~ $files && $name =~ $headers && ! $name =~ $except ]]; then
			complain "$file:$line includes $name: $why"
		fi
	done <<<"$includes"
}

# allow MODULE MODULES-REGEX: of our own headers, only those of these modules.
allow() {
	refuse "^$1" '^(compat|distance|types|tree|kdtree|balltree)/' "$1 may use $2 only" "^($2)/"
}

# confine NAMES-REGEX FILE-REGEX: these functions are called there only.
confine() {
	local hits
	hits=$(grep -rnE "\\b($1)[[:alnum:]_]* *\\(" src --include='*.[ch]' | grep -vE "^$2:|^[^:]*:[0-9]+:[[:space:]]*(/?\\*|//)" || true)
	[ -z "$hits" ] || complain "belongs in $2 only:"$'\n'"$hits"
}

includes=$(grep -rnoE '^[[:space:]]*#[[:space:]]*include[[:space:]]+["<][^">]+' src --include='*.[ch]' |
	sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]+["<]/:/')

# Every include of ours is written with its folder, so that the rules see it.
while IFS=: read -r file line name; do
	case $name in
		*/*) ;;
		*) [ ! -e "$(dirname "$file")/$name" ] || complain "$file:$line includes $name without its folder" ;;
	esac
done <<<"$includes"

allow src/compat/ 'compat'
refuse '^src/distance/kernels' '^(postgres|c|fmgr)\.h$|^(compat|types|tree|kdtree|balltree|access|storage|utils|port)/' \
	"kernels are plain C"
refuse '^src/distance/kernels' '^distance/' "kernels know only kernels.h, half.h and slices_kernel.h" '^distance/(kernels|half|slices_kernel)\.h$'
allow src/distance/ 'distance|compat'
refuse '^src/distance/' '^(fmgr\.h|(access|storage|catalog|executor|utils)/)' "distances are numbers only"
allow src/types/ 'types|distance|compat'
# The two exceptions describe tuples, not access methods.
refuse '^src/types/' '^(access|storage)/' "values know no pages" '^access/(htup_details|tupmacs)\.h$'
allow src/tree/ 'tree|types|distance|compat'
allow src/kdtree/ 'kdtree|tree|distance|compat'
allow src/balltree/ 'balltree|tree|distance|compat'
refuse '^src/(kdtree|balltree)/' '^storage/|^tree/tree_page\.h$' "a geometry knows no pages"

confine 'GenericXLog|log_newpage|MarkBufferDirty' 'src/tree/tree_xlog\.c'
# tree_check_rows.c looks at the heap's pages.
confine 'PageGetItem' 'src/tree/tree_(page\.[ch]|check_rows\.c)'
confine 'PageAddItem|PageGetSpecialPointer' 'src/tree/tree_page\.[ch]'
exit $status
