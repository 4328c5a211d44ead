# shellcheck shell=sh
# What the tests that break things share: load that goes on until it is told to
# end and must not have noticed anything, and what keylessd holds on to.

LOADS=		# process ids; the output of the Nth is $T/load.N
NLOADS=0

# load_start OP PUBKEY CONNECTIONS [OPTION ...]
load_start() {
	load_what="$1 $2 $3 1000s"
	shift 3
	NLOADS=$((NLOADS + 1))
	# shellcheck disable=SC2086
	"$CLIENT" -a "127.0.0.1:$PORT" -C "$FIX/pki/server-ca.pem" \
	    -c "$FIX/pki/client.pem" -k "$FIX/pki/client.key" -s 4 \
	    "$@" load $load_what >"$T/load.$NLOADS" 2>&1 &
	LOADS="$LOADS $!"
	background "$!"
}

# loads_go_on: none of them has ended
loads_go_on() {
	load_n=0
	for pid in $LOADS; do
		load_n=$((load_n + 1))
		alive "$pid" ||
		    fail "a load ended early: $(cat "$T/load.$load_n")"
	done
}

# loads_stop: all that they asked was answered, with what was asked for
loads_stop() {
	loads_go_on
	load_n=0
	for pid in $LOADS; do
		load_n=$((load_n + 1))
		kill -TERM "$pid"
		wait "$pid" ||
		    fail "requests lost or failed: $(cat "$T/load.$load_n")"
		contains "$T/load.$load_n" \
		    '^load .* answers=[1-9].* errors=0 bad=0 lost=0 '
	done
	LOADS=
	NLOADS=0
}

# number NAME: what keylessctl show stats says of it
number() {
	ctl show stats | sed -n "s/^$1  *\([0-9][0-9]*\)\$/\1/p"
}

# number_is NAME TEST VALUE: number_is requests -ge 100
number_is() {
	test "$(number "$1")" "$2" "$3"
}

# wait_number NAME TEST VALUE
wait_number() {
	wait_until number_is "$@" ||
	    fail "no $1 $2 $3: $(ctl show stats 2>&1)"
}

# ours: process ids of all that is keylessd
ours() {
	echo "$DAEMON"
	children "$DAEMON"
}

# fds: how many descriptors they have open
fds() {
	for pid in $(ours); do
		ls "/proc/$pid/fd"
	done | wc -l
}

# anon PID: memory of its own, in kB
anon() {
	sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\) kB$/\1/p' "/proc/$1/status"
}

# keeps_freed: ASan does not give freed memory back at once
keeps_freed() {
	grep -aq __asan_init "$KEYLESSD"
}

# zombies: children that have ended and were not waited for
zombies() {
	for status in $(grep -ls "^PPid:[[:space:]]*$DAEMON\$" \
	    /proc/[0-9]*/status); do
		grep -s '^State:[[:space:]]*Z' "$status" || :
	done
}

# full NUMBER: so many signers, all of them ready
full() {
	[ "$(signers | wc -l)" -eq "$1" ] &&
	    [ "$(ctl show signers | grep -c ' ready ')" -eq "$1" ]
}

# ms: what time it is
ms() {
	echo $(($(date +%s%N) / 1000000))
}

# own_address: a loopback address that no other test listens on
own_address() {
	echo "127.7.$(($$ / 250 % 250 + 1)).$(($$ % 250 + 1))"
}

# last_port ADDRESS: the port that keylessd logged last for it
last_port() {
	sed -n "s/.* listening address=$1:\([0-9]*\)\$/\1/p" "$LOG" | tail -n 1
}

# reload_ok REGEX: it is done, and says so
reload_ok() {
	ctl reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
	contains "$T/out" "$1"
}

# reload_fails REGEX: it is not done, and says why
reload_fails() {
	reload_status=0
	ctl reload >"$T/out" 2>&1 || reload_status=$?
	[ "$reload_status" -eq 1 ] ||
	    fail "reload: exit status $reload_status, not 1: $(cat "$T/out")"
	contains "$T/out" "nothing changed: .*$1"
}

# client_waits COMMAND ...: in the background, with commands "wait" that each
# end when go is called; its output is $T/waits
client_waits() {
	mkfifo "$T/go"
	"$CLIENT" -a "127.0.0.1:$PORT" -C "$FIX/pki/server-ca.pem" \
	    -c "$FIX/pki/${CLIENT_NAME:-client}.pem" \
	    -k "$FIX/pki/${CLIENT_NAME:-client}.key" \
	    "$@" <"$T/go" >"$T/waits" 2>&1 &
	WAITER=$!
	background "$WAITER"
	exec 9>"$T/go"
	wait_until grep -qs waiting "$T/waits" ||
	    fail "the client that waits is stuck: $(cat "$T/waits")"
}

go() {
	echo go >&9
}

# client_went_on: it has done all its commands
client_went_on() {
	wait "$WAITER" || fail "a connection suffered: $(cat "$T/waits")"
}
