#!/bin/sh
# Which lines of the programs the corpora reach, as a table.  What long.sh has
# learned in work/ does not count.  Fails if a fuzzer does.
#
#	cover.sh OUT NAME ... -- COMMAND ...
#
# COMMAND compiles with coverage; OUT is a directory.  Needs llvm.
set -eu

out=$1
shift
names=
while [ "$1" != -- ]; do
	names="$names $1"
	shift
done
shift
for tool in llvm-profdata llvm-cov; do
	if ! command -v $tool >/dev/null 2>&1; then
		echo "cover.sh: no $tool (the package llvm)" >&2
		exit 1
	fi
done

objects=
status=0
for name in $names; do
	name=${name##*fuzz_}
	own=
	case $name in
	conn|parent) own="regress/fuzz/${name}_*.c" ;;
	p11*)	own=$out/p11.a ;;
	esac
	"$@" -o "$out/$name" "regress/fuzz/fuzz_$name.c" regress/fuzz/shim.c \
	    $own "$out/fuzz.a" $COVER_LIBS
	if ! LLVM_PROFILE_FILE=$out/$name.profraw "$out/$name" -runs=0 \
	    -artifact_prefix="$out/$name-" \
	    "regress/fuzz/corpus/$name" >"$out/$name.log" 2>&1; then
		echo "cover.sh: $name failed, see $out/$name.log" >&2
		status=1
	fi
	objects="$objects -object $out/$name"
done
llvm-profdata merge -o "$out/all.profdata" "$out"/*.profraw
# shellcheck disable=SC2086
llvm-cov report -instr-profile "$out/all.profdata" ${objects#* -object} \
    -ignore-filename-regex 'regress/' | awk '
    NR == 1 || /^TOTAL/ || /\.c/ {
	printf "%-36s %10s %10s\n", $1, NR == 1 ? "functions" : $7, \
	    NR == 1 ? "lines" : $10 }'
exit $status
