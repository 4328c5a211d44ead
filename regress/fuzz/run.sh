#!/bin/sh
# Build one fuzzer and run it over its corpus and RUNS inputs made of it, the
# same ones each time.
#
#	run.sh NAME [RUNS]
#	run.sh -b NAME		build it, no more
set -u

build=
if [ "$1" = -b ]; then
	build=only
	shift
fi
name=$1
runs=${2:-}
cd "$(dirname "$0")/../.." || exit 1
here=regress/fuzz

skip() {
	echo "$*"
	exit 77
}

# What takes about three seconds, with room for a busy machine.
count() {
	case $1 in
	netaddr|wire|p11args)	echo 60000 ;;
	p11answer)		echo 15000 ;;
	uri|control|answer)	echo 15000 ;;
	ipc|launch|parent|front|enroll) echo 12000 ;;
	*)			echo 1000 ;;
	esac
}

cc=${FUZZ_CC:-clang}
command -v "$cc" >/dev/null 2>&1 || skip "no $cc (make deps)"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
echo 'int LLVMFuzzerTestOneInput(const char *p, long n)
    { return (p[n - 1] & 0); }' >"$tmp/try.c"
"$cc" -fsanitize=fuzzer,address,undefined -o "$tmp/try" "$tmp/try.c" \
    >/dev/null 2>&1 || skip "$cc has no libFuzzer here"
[ "$name" != conf ] || [ -d /proc/self/fd ] || skip 'no /proc/self/fd'

# Flags for the programs are not for the fuzzers.
env -u MAKEFLAGS -u CFLAGS -u LDFLAGS make -s FUZZ_CC="$cc" \
    "$here/fuzz_$name" || exit 1
[ -z "$build" ] || exit 0
mkdir -p "$here/crash" "$tmp/new"
dict=
[ ! -f "$here/$name.dict" ] || dict=-dict=$here/$name.dict
if ! "$here/fuzz_$name" -runs="${runs:-$(count "$name")}" -seed=1 \
    -timeout=60 -artifact_prefix="$here/crash/$name-" ${dict:+"$dict"} \
    "$tmp/new" "$here/corpus/$name" >"$tmp/out" 2>&1; then
	grep -v -e '	NEW' -e 'REDUCE' -e 'NEW  ' "$tmp/out" | tail -n 60
	exit 1
fi
grep '^Done' "$tmp/out"
