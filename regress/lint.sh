#!/bin/sh
# Manual pages, shell scripts and the shape of the sources.
set -u
cd "$(dirname "$0")/.." || exit 1

status=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM

# The pages name each other: mandoc must find them, and may not find others.
mkdir "$tmp/man5" "$tmp/man7" "$tmp/man8"
for page in man/*.[578]; do
	cp "$page" "$tmp/man${page##*.}"
done
MANPATH=$tmp:/usr/share/man mandoc -Tlint -Wstyle man/*.[578] \
    >"$tmp/man.out" 2>/dev/null
# Pages of libraries need not be installed.
grep -v 'referenced manual not found: Xr [a-z0-9_]* [23]' "$tmp/man.out" &&
    status=1

find . -name '*.sh' -not -path './.git/*' -not -path './build/*' \
    >"$tmp/scripts"
printf '%s\n' regress/run regress/soak >>"$tmp/scripts"
if command -v shellcheck >/dev/null 2>&1; then
	# shellcheck disable=SC2046
	shellcheck -s sh -x -S warning $(cat "$tmp/scripts") || status=1
	shellcheck -s bash -S warning .ci/run || status=1
	# rc.subr sets and reads these.
	shellcheck -s ksh -S warning -e SC2034,SC2154 \
	    dist/openbsd/keylessd.rc || status=1
else
	echo 'lint: no shellcheck here; scripts not looked at' >&2
fi

# 80 columns with tabs of 8; no blanks at the end of a line.
find . \( -name '*.[ch]' -o -name '*.[578]' -o -name '*.sh' \) \
    -not -path './.git/*' -not -path './build/*' >"$tmp/sources"
while read -r file; do
	expand "$file" | awk -v file="$file" '
	    length($0) > 80 { print file ":" NR ": over 80 columns"; bad = 1 }
	    /[ \t]$/ { print file ":" NR ": blank at end of line"; bad = 1 }
	    END { exit bad }' || status=1
done <"$tmp/sources"

exit $status
