# Key servers are killed and replaced, drained, or fall silent, while threads
# sign: nothing fails, and they are used again when they are back.  Without any
# an operation fails when its time is over, and not later.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

# with LINE: $EDGE has that in each slot
with() {
	sed -i "s/^  servers:/  $1\n  servers:/" "$EDGE"
}

# loads THREADS ...: as many p11edge load
loads() {
	LOADS=
	: >"$EDGE_LOG"
	for threads; do
		p11edge_start load "$threads" 100000
		LOADS="$LOADS $STARTED"
	done
}

# loads_end: none of them failed
loads_end() {
	for load in $LOADS; do
		kill -TERM "$load"
		p11edge_end "$load"
	done
	lacks "$T/p11edge.log" 'failed=[1-9]'
}

# The only one is killed and replaced: what is asked meanwhile waits.
edge_start
with 'timeout: 30s'
loads 4
wait_edge 'key server up'
daemon_kill
wait_edge 'key server down'
: >"$EDGE_LOG"
daemon_replace
wait_edge "up server.*"
loads_end

# By a name with two addresses, of which one has no server; and by no name.
getent hosts localhost >"$T/localhost" || fail 'this system has no localhost'
edge_conf "localhost:$PORT" "nosuch.invalid:$PORT"
p11edge load 4 500
p11edge nothreads
contains "$T/p11edge.log" 'nothreads rv=0x9$'

# Of two, in order: only the first one, until it is killed.
second_start
edge_conf "127.0.0.1:$PORT" "127.0.0.1:$SECOND_PORT"
loads 4
wait_edge "up server=127.0.0.1:$PORT "
refuse edge_log_has "up server=127.0.0.1:$SECOND_PORT "
daemon_kill
wait_edge "up server=127.0.0.1:$SECOND_PORT "
wait_edge "down server=127.0.0.1:$PORT "
: >"$EDGE_LOG"
daemon_replace
wait_edge "up server=127.0.0.1:$PORT "
loads_end

# Silent, but connected: what was asked is asked elsewhere, also for a program
# with one thread, whom no other wakes.
loads 4 1
for load in $LOADS; do
	wait_edge "\[$load\] .* up server=127.0.0.1:$PORT "
done
frontend=$(frontend)
kill -STOP "$frontend"
for load in $LOADS; do
	wait_edge "\[$load\] .* down server=127.0.0.1:$PORT .*no answer"
	wait_edge "\[$load\] .* up server=127.0.0.1:$SECOND_PORT "
done
: >"$EDGE_LOG"
kill -CONT "$frontend"
wait_edge "up server=127.0.0.1:$PORT "
loads_end

# What listens for a dead server takes connections that nobody answers.
loads 4
wait_edge "up server=127.0.0.1:$PORT "
kill -STOP "$DAEMON"
kill -KILL "$(frontend)"
wait_edge "up server=127.0.0.1:$SECOND_PORT "
: >"$EDGE_LOG"
kill -CONT "$DAEMON"
wait_edge "up server=127.0.0.1:$PORT "
loads_end

# In turn: both; one drains.
with 'balance: round-robin'
loads 4
wait_edge "up server=127.0.0.1:$PORT "
wait_edge "up server=127.0.0.1:$SECOND_PORT "
second_stop
wait_edge "server=127.0.0.1:$SECOND_PORT .*reason"
loads_end
daemon_stop

edge_conf "127.0.0.1:$PORT"
with 'timeout: 500ms'
: >"$EDGE_LOG"
"$P11EDGE" "$SO" load 6 1 >"$T/p11edge.log" 2>&1 &&
    fail 'signed without a key server'
contains "$T/p11edge.log" 'load signed=0 failed=6 last=0x30 '
[ "$(grep -c 'request timed out' "$EDGE_LOG")" -eq 6 ] ||
    fail "not each of 6 failures is logged: $(cat "$EDGE_LOG")"
slowest=$(sed -n 's/.*slowest=\([0-9]*\)ms.*/\1/p' "$T/p11edge.log")
[ "$slowest" -ge 450 ] && [ "$slowest" -lt 3000 ] ||
    fail "the time of 500ms became $slowest ms"
