# The only key server is killed and replaced: what is asked meanwhile waits.
# Without any server an operation fails when its time is over, and not later.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

edge_start
sed -i 's/^  servers:/  timeout: 30s\n  servers:/' "$EDGE"
p11edge_start load 4 60000
load=$STARTED
wait_edge 'key server up'
daemon_kill
wait_edge 'key server down'
: >"$EDGE_LOG"
daemon_replace
wait_edge "up server.*"
kill -TERM "$load"
p11edge_end "$load"
contains "$T/p11edge.log" 'load signed=[1-9][0-9]* failed=0 '

# By a name with two addresses, of which one has no server; and by no name.
edge_conf "localhost:$PORT" "nosuch.invalid:$PORT"
p11edge load 4 1000
p11edge nothreads
contains "$T/p11edge.log" 'nothreads rv=0x9$'

edge_conf "127.0.0.1:$PORT"
sed -i 's/^  servers:/  timeout: 500ms\n  servers:/' "$EDGE"
daemon_stop
: >"$T/p11edge.log"
"$P11EDGE" "$SO" load 2 1000 >"$T/p11edge.log" 2>&1 &&
    fail 'signed without a key server'
contains "$T/p11edge.log" 'load signed=0 failed=[1-9].* last=0x30 '
slowest=$(sed -n 's/.*slowest=\([0-9]*\)ms.*/\1/p' "$T/p11edge.log")
[ "$slowest" -ge 450 ] && [ "$slowest" -lt 3000 ] ||
    fail "the time of 500ms became $slowest ms"
