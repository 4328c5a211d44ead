# Two key servers: one is killed, drained, or falls silent, while threads sign.
# Nothing fails, and the others are used again when they are back.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

edge_start
second_start
edge_conf "127.0.0.1:$PORT" "127.0.0.1:$SECOND_PORT"

# In order: only the first one, until it is killed.
p11edge_start load 4 100000
load=$STARTED
wait_edge "up server=127.0.0.1:$PORT "
refuse edge_log_has "up server=127.0.0.1:$SECOND_PORT "
daemon_kill
wait_edge "up server=127.0.0.1:$SECOND_PORT "
wait_edge "down server=127.0.0.1:$PORT "
: >"$EDGE_LOG"
daemon_replace
wait_edge "up server=127.0.0.1:$PORT "
# Silent, but connected: what was asked is asked elsewhere.
frontend=$(frontend)
kill -STOP "$frontend"
wait_edge "down server=127.0.0.1:$PORT .*no answer"
: >"$EDGE_LOG"
kill -CONT "$frontend"
wait_edge "up server=127.0.0.1:$PORT "
kill -TERM "$load"
p11edge_end "$load"
contains "$T/p11edge.log" 'load signed=[1-9][0-9]* failed=0 '

# The same for a program with one thread, whom no other wakes.
: >"$EDGE_LOG"
p11edge_start load 1 100000
load=$STARTED
wait_edge "up server=127.0.0.1:$PORT "
kill -STOP "$frontend"
wait_edge "down server=127.0.0.1:$PORT .*no answer"
wait_edge "up server=127.0.0.1:$SECOND_PORT "
kill -CONT "$frontend"
kill -TERM "$load"
p11edge_end "$load"

# In turn: both; one drains.
sed -i 's/^  servers:/  balance: round-robin\n  servers:/' "$EDGE"
: >"$EDGE_LOG"
p11edge_start load 4 100000
load=$STARTED
wait_edge "up server=127.0.0.1:$PORT "
wait_edge "up server=127.0.0.1:$SECOND_PORT "
second_stop
wait_edge "server=127.0.0.1:$SECOND_PORT .*reason"
kill -TERM "$load"
p11edge_end "$load"
lacks "$T/p11edge.log" 'failed=[1-9]'
daemon_stop
