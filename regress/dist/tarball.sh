#!/bin/sh
# make dist: the same bytes from this tree and from a clone of it made under
# another umask, elsewhere and later; all that is committed, and nothing else.
set -eu
cd "$(dirname "$0")/../.."

T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "FAILED: $*"
	exit 1
}

tarball=$(sh dist/tarball.sh)
cp "$tarball" "$T/first.tar.gz"
sleep 1
(
	umask 077
	TZ=Asia/Tokyo LC_ALL=C.UTF-8
	export TZ LC_ALL
	git clone -q . "$T/clone"
	cd "$T/clone"
	echo 'left out' >stray
	echo '/* left out */' >>lib/version.h
	sh dist/tarball.sh >"$T/out" 2>"$T/err"
)
grep -q 'not committed' "$T/err" || fail 'no word of what is left out'
cmp "$T/first.tar.gz" "$T/clone/$tarball" || fail 'two tarballs differ'

name=$(basename "$tarball" .tar.gz)
tar -tzf "$tarball" | sed -n "s|^$name/\(.*[^/]\)\$|\1|p" | sort >"$T/has"
git ls-tree -r --name-only HEAD | sort >"$T/wanted"
diff "$T/wanted" "$T/has" || fail 'other files than those committed'
tar -tvzf "$tarball" | awk '$2 != "root/root" ||
    $1 !~ /^([-d]rwxr-xr-x|-rw-r--r--)$/' >"$T/odd"
[ ! -s "$T/odd" ] || fail "owners, modes: $(cat "$T/odd")"

# Without a clone there is nothing to be sure of.
tar -xzf "$tarball" -C "$T"
if sh "$T/$name/dist/tarball.sh" >"$T/out" 2>&1; then
	fail 'a tarball from no clone'
fi
