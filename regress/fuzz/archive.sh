#!/bin/sh
# Compile sources to an archive, objects named after directory and file:
#
#	archive.sh ARCHIVE SOURCE ... -- COMMAND ...
#
# Two run at a time.
set -eu

archive=$1
shift
sources=
while [ "$1" != -- ]; do
	sources="$sources $1"
	shift
done
shift

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
for source in $sources; do
	printf '%s %s\n' "$tmp/$(echo "${source%.c}" | tr / -).o" "$source"
done >"$tmp/list"
xargs -P 2 -L 1 "$@" -c -o <"$tmp/list"
rm -f "$archive"
ar rc "$archive" "$tmp"/*.o
