#!/bin/sh
# Run every fuzzer for its share of a time, and say how far it came.  What it
# learns stays in work/, inputs that it fails with in crash/.
#
#	long.sh SECONDS [NAME ...]
set -u

seconds=$1
shift
cd "$(dirname "$0")" || exit 1
[ $# -gt 0 ] || set -- corpus/*
share=$((seconds / $#))
[ "$share" -gt 0 ] || share=1
status=0
mkdir -p crash work
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# stat NAME: a figure of libFuzzer's
stat() {
	sed -n "s/^stat::$1: *//p" "$tmp/out"
}

# covered KIND: reached, of how many
covered() {
	reached=$(grep -c "^COVERED_$1" "$tmp/out")
	echo "$reached/$((reached + $(grep -c "^UNCOVERED_$1" "$tmp/out")))"
}

printf '%-10s %12s %8s %8s %10s  %s\n' FUZZER EXECUTIONS EXECS/S EDGES \
    FUNCTIONS RESULT
for name in "$@"; do
	name=${name##*/}
	mkdir -p "work/$name"
	result=ok
	dict=
	[ ! -f "$name.dict" ] || dict=-dict=$name.dict
	if ! "./fuzz_$name" -max_total_time="$share" -timeout=60 \
	    -print_final_stats=1 -artifact_prefix="crash/$name-" \
	    ${dict:+"$dict"} "work/$name" "corpus/$name" >"$tmp/out" 2>&1
	then
		result="FAILED, see crash/$name-*"
		cp "$tmp/out" "crash/$name.log"
		status=1
	fi
	runs=$(stat number_of_executed_units)
	rate=$(stat average_exec_per_sec)
	edges=$(sed -n 's/.*cov: \([0-9]*\).*/\1/p' "$tmp/out" | tail -n 1)
	"./fuzz_$name" -runs=0 -print_coverage=1 "work/$name" \
	    "corpus/$name" >"$tmp/out" 2>&1
	printf '%-10s %12s %8s %8s %10s  %s\n' "$name" "$runs" "$rate" \
	    "$edges" "$(covered FUNC)" "$result"
done
exit $status
