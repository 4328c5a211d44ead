# The first of two key servers answers pings, but its signers hang: what is
# asked is asked of the second one, too.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

edge_start
daemon_kill
# What hangs is not replaced, and no error ends what it was asked.
sed -i '1i sign_timeout: 30s' "$CONF"
daemon_replace
second_start
edge_conf "127.0.0.1:$PORT" "127.0.0.1:$SECOND_PORT"
sed -i 's/^  servers:/  timeout: 3s\n  servers:/' "$EDGE"
for pid in $(signers); do
	kill -STOP "$pid"
done
p11edge load 4 1
contains "$T/p11edge.log" 'load signed=4 failed=0 '
contains "$EDGE_LOG" "up server=127.0.0.1:$PORT "
lacks "$EDGE_LOG" 'key server down'
for pid in $(signers); do
	kill -CONT "$pid"
done
second_stop
daemon_stop
