# shellcheck shell=sh
# What the tests of keylessctl share: a daemon that says what it is told to.
. "$(dirname "$0")/lib.sh"

FAKE=$TOP/regress/ctl/fakedaemon

# fake_start ROLE: listen on $T/control.sock
fake_start() {
	[ -x "$FAKE" ] || fail "not built: $FAKE (make regress)"
	"$FAKE" "$T/control.sock" "$1" >"$LOG" 2>&1 </dev/null &
	FAKE_PID=$!
	background "$FAKE_PID"
	wait_until test -S "$T/control.sock" || fail "no fake daemon: $1"
}

fake_stop() {
	kill "$FAKE_PID"
	wait_until gone "$FAKE_PID" || fail 'the fake daemon does not end'
	JOBS=${JOBS% "$FAKE_PID"}
	rm "$T/control.sock"
}

# gives STATUS COMMAND ...: keylessctl must exit so; $T/out, $T/err
gives() {
	want=$1
	shift
	status=0
	ctl "$@" >"$T/out" 2>"$T/err" || status=$?
	[ "$status" -eq "$want" ] ||
	    fail "keylessctl $*: exit status $status, not $want:" \
	    "$(cat "$T/out" "$T/err")"
}

# on_terminal REGEX COMMAND ...: run keylessctl on a terminal and type ^C once
# its output, which goes to $T/out, matches (empty: never); its exit status
on_terminal() {
	python3 "$TOP/regress/ctl/terminal.py" "$T/out" "$1" \
	    "$KEYLESSCTL" -s "$T/control.sock" "$2" ${3+"$3"} ${4+"$4"}
}
