# shellcheck shell=sh
# What the tests of captured processes share; see regress/captured/README.
# Each attack is first made outside of any sandbox, where it must succeed.

# The daemon is started from a directory of the test's own.
# shellcheck disable=SC2034
captured_init() {
	mkdir "$T/bin" "$T/outside"
	cp "$TOP/regress/captured/keylessd" \
	    "$TOP/regress/captured/keyless-signer" "$T/bin" ||
	    fail 'not built: regress/captured (make regress)'
	cp "$TOP/regress/captured/attack" "$T/outside"
	KEYLESSD=$T/bin/keylessd
	SIGNER=$T/bin/keyless-signer
	# For the control: a process to look at, and a port that answers.
	sleep 600 &
	VICTIM=$!
	background "$VICTIM"
}

# order FILE NAME [LINE ...]
order() {
	order_file=$1
	shift
	{
		echo "attack $1"
		shift
		printf '%s\n' "$@"
	} >"$order_file.new"
	mv "$order_file.new" "$order_file"
}

# outside NAME [LINE ...]: without a sandbox it goes well
outside() {
	order "$T/outside/order" "$@"
	"$T/outside/attack" "$T/outside/order" >"$T/outside/log" 2>&1 ||
	    fail "attack $1: $(cat "$T/outside/log")"
	contains "$T/outside/log" "^captured $1 SUCCEEDED"
}

# token_processes: ids of signers of a token that serve.  SoftHSM may lose the
# token when one is killed that logs in just now.
token_processes() {
	ctl show signers 2>/dev/null |
	    sed -n 's/^ *[0-9]* *\([0-9]*\) *token .* ready .*/\1/p'
}

# captured PROCESS NAME [LINE ...]: make the attack in the process that
# replaces this one; $T/part is what the log says of it.  PROCESS is a function
# that prints ids, of which the first one's process is killed.
captured() {
	victim=$1
	shift
	captured_name=$1
	captured_seen=$(wc -l <"$LOG")
	wait_until captured_victim || fail "no process: $victim"
	order "$T/bin/attack" "$@"
	kill -KILL "$captured_pid"
	WAIT_TRIES=600 wait_until captured_over ||
	    fail "no attack $captured_name: $(cat "$T/part")"
}

captured_victim() {
	captured_pid=$($victim | head -n 1)
	[ -n "$captured_pid" ]
}

# It said how it went, or died of it.
captured_over() {
	tail -n "+$((captured_seen + 1))" "$LOG" >"$T/part"
	grep -Eq "^captured $captured_name (refused|SUCCEEDED|unknown)" \
	    "$T/part" && return
	grep -q "^captured $captured_name begins" "$T/part" &&
	    grep -Eq 'died .*signal=31' "$T/part"
}

# refused PROCESS NAME [LINE ...]: it fails, or costs the process its life;
# outside of the sandbox it does not
refused() {
	refused_by=$1
	shift
	outside "$@"
	captured "$refused_by" "$@"
	lacks "$T/part" 'SUCCEEDED|unknown'
}

# allowed PROCESS NAME [LINE ...]: it goes well: what is refused is refused
# for a reason
allowed() {
	captured "$@"
	contains "$T/part" "^captured $2 SUCCEEDED"
}
