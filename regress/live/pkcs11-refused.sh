# Key servers that do not accept this edge, are not who they should be, or do
# not have the key.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

edge_start
cp "$EDGE" "$T/good"

# down REGEX: nothing is signed, and the log says why; soon
down() {
	sed -i 's/^  servers:/  timeout: 2s\n  servers:/' "$EDGE"
	: >"$EDGE_LOG"
	"$P11EDGE" "$SO" load 1 100 >"$T/p11edge.log" 2>&1 &&
	    fail 'it signs'
	contains "$T/p11edge.log" 'signed=0 failed=1 last=0x30 '
	contains "$EDGE_LOG" "$1"
	contains "$EDGE_LOG" 'request timed out key=[0-9a-f]{40} server=none'
	# It was tried now and then, and not all the time: each 32nd failure is
	# logged.
	tries=$(grep -c 'key server down' "$EDGE_LOG")
	[ "$tries" -le 2 ] || fail "no back-off: $(cat "$EDGE_LOG")"
	cp "$T/good" "$EDGE"
}

# With TLS 1.3 the handshake itself succeeds.
sed -i 's/client\.\(pem\|key\)/stranger.\1/' "$EDGE"
down 'down server=.*reason=".*alert'
sed -i 's/client\.\(pem\|key\)/expired.\1/' "$EDGE"
down 'down server=.*reason=".*alert'
sed -i 's/server-ca/client-ca/' "$EDGE"
down 'down server=.*reason=".*certificate verification failed'
sed -i 's/^  servers:/  server_name: other.example.com\n  servers:/' "$EDGE"
down "down server=.*reason=\"name .other.example.com. not present in"

# A server without the key, and one that has it.
second_start
daemon_kill
sed -i '/object=\(p256\|p384\|ed25519\)/,/signers/d' "$CONF"
daemon_replace
edge_conf "127.0.0.1:$PORT" "127.0.0.1:$SECOND_PORT"
p11edge load 2 1000
contains "$T/p11edge.log" 'load signed=[1-9][0-9]* failed=0 '
contains "$EDGE_LOG" 'refused key=.* error=2 reason="key not found"'
second_stop
daemon_stop
