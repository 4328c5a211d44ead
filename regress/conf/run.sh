#!/bin/sh
# Config tests.  Each NAME.in is copied into an empty directory, with the mode
# that NAME.mode holds (0644 without one), and loaded by confcheck.
#
# With NAME.ok, it must load, print that text, and print it again (but for
# comments) when what it printed is loaded; with NAME.err too, it must log
# those messages.  With NAME.err alone it must fail with them.  DIR stands for
# the directory.  The word S3CRET must never come out.

cd "$(dirname "$0")" || exit 2
check=${CONFCHECK:-./confcheck}
case $check in
/*) ;;
*) check=$PWD/$check ;;
esac
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
trap 'exit 2' HUP INT TERM
status=0

# load NAME: run confcheck on DIR/NAME, as out, err and rc
load() {
	"$check" "$dir/$1" >"$dir/out.raw" 2>"$dir/err.raw"
	rc=$?
	sed "s|$dir|DIR|g" "$dir/out.raw" >"$dir/out"
	sed -e "s|$dir|DIR|g" -e 's/^[^ ]* keylessd\[[0-9]*\] [^ ]* //' \
	    "$dir/err.raw" >"$dir/err"
}

# same WHAT FILE GOT: add a difference to the report
same() {
	diff -u "$2" "$3" >"$dir/diff" && return
	echo "--- $1"
	cat "$dir/diff"
}

# expect_rc WANTED
expect_rc() {
	[ "$rc" -eq "$1" ] && return
	echo "exit status $rc, expected $1"
	cat "$dir/err"
}

# print what is wrong with NAME
judge() {
	load "$1.in"
	if grep S3CRET "$dir/out" "$dir/err"; then
		echo "a secret came out"
	fi
	if [ -f "$1.err" ]; then
		same "messages" "$1.err" "$dir/err"
	fi
	if [ ! -f "$1.ok" ]; then
		expect_rc 1
		return
	fi
	expect_rc 0
	same "output" "$1.ok" "$dir/out"
	grep -v '^ *#' "$dir/out.raw" >"$dir/again.in"
	load again.in
	expect_rc 0
	same "output loaded and printed again" "$dir/again.in" "$dir/out.raw"
}

# report NAME: print one line, or what judge said
report() {
	if [ -s "$dir/report" ]; then
		echo "FAIL conf/$1"
		cat "$dir/report"
		status=1
	else
		echo "ok conf/$1"
	fi
}

for in in *.in; do
	name=${in%.in}
	mode=0644
	[ -f "$name.mode" ] && mode=$(cat "$name.mode")
	cp "$in" "$dir/$in"
	chmod "$mode" "$dir/$in"
	judge "$name" >"$dir/report" 2>&1
	report "$name"
	rm -f "$dir/$in"
done

# refused NAME PATH MESSAGE: what is no file to read
refused() {
	load "$2"
	{
		expect_rc 1
		echo "error: $3" >"$dir/wanted"
		same "messages" "$dir/wanted" "$dir/err"
	} >"$dir/report"
	report "$1"
}

try='name another with -f, or write it: keylessd.conf(5) has examples,'
try="$try keylessctl convert makes one of a gokeyless.yaml"
refused missing nothing "cannot read config file=DIR/nothing\
 reason=\"No such file or directory; $try\""
mkdir "$dir/folder"
refused directory folder \
    'config refused file=DIR/folder reason="not a regular file"'
mkfifo "$dir/fifo"
refused fifo fifo 'config refused file=DIR/fifo reason="not a regular file"'
yes '# ' | head -c 1048577 >"$dir/long"
refused long long \
    'config refused file=DIR/long reason="longer than 1048576 bytes"'
yes '# ' | head -c 1048576 >"$dir/comments"
refused comments comments "DIR/comments:1:1: the file is empty"

exit $status
