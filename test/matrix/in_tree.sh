#!/usr/bin/env bash
# test/matrix/in_tree.sh TREE COMMAND...
#		Runs a command with TREE as its root, in the checkout, which is there
#		under /mnt, as the sets of VECTORMED_DATA are under /media; nothing of
#		them can be written.  /media/small is a file system to be filled.  All mounts end with the command.
set -euo pipefail
if [ -z "${IN_TREE:-}" ]; then
	IN_TREE=1 exec unshare --mount bash "$0" "$@"
fi
top=$(cd "$(dirname "$0")/../.." && pwd)
tree=$1
shift

mount --bind -o ro "$top" "$tree/mnt"
mount -t tmpfs tmpfs "$tree/media"
if [ -n "${VECTORMED_DATA:-}" ]; then
	for set in "$VECTORMED_DATA"/*/; do
		[ -d "$set" ] || continue
		mkdir "$tree/media/$(basename "$set")"
		mount --bind -o ro "$set" "$tree/media/$(basename "$set")"
	done
	export VECTORMED_DATA=/media
fi
# which a tree has no program to mount with
mkdir "$tree/media/small"
owner=$(sed -n 's/^postgres:[^:]*:\([0-9]*\):.*/\1/p' "$tree/etc/passwd")
mount -t tmpfs -o "size=3m,mode=700,uid=${owner:-0}" tmpfs "$tree/media/small"
export VM_SMALL_FILESYSTEM=/media/small
mount -t proc proc "$tree/proc"
mount --rbind /dev "$tree/dev"
unset TMPDIR IN_TREE
cd "$tree"
exec chroot "$tree" env --chdir=/mnt "$@"
