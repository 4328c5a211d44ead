# Key servers that do not accept this edge, are not who they should be, or do
# not have the key.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

edge_start

# down NAME SED-SCRIPT: with $EDGE changed so, operations that last a second
# and a half are begun, as process $STARTED
down() {
	mkdir "$T/$1"
	sed -e "$2" -e "s|^log: .*|log: $T/$1/edge.log|" \
	    -e 's/^  servers:/  timeout: 1500ms\n  servers:/' "$EDGE" \
	    >"$T/$1/conf"
	KEYLESS_PKCS11_CONF=$T/$1/conf "$P11EDGE" "$SO" load 2 100 \
	    >"$T/$1/out" 2>&1 &
	STARTED=$!
	background "$STARTED"
}

# was_down PID NAME REGEX: nothing was signed, and the log says why
was_down() {
	wait "$1" && fail "$2: it signs"
	contains "$T/$2/out" 'signed=0 failed=2 last=0x30 '
	contains "$T/$2/edge.log" "$3"
	contains "$T/$2/edge.log" \
	    'request timed out key=[0-9a-f]{40} server=none'
	# It was tried 50 ms later, 100 ms after that, and so on.
	tries=$(grep -c 'key server down' "$T/$2/edge.log")
	[ "$tries" -ge 2 ] && [ "$tries" -le 10 ] ||
	    fail "$2: tried $tries times: $(cat "$T/$2/edge.log")"
}

# With TLS 1.3 the handshake itself succeeds.
down stranger 's/client\.\(pem\|key\)/stranger.\1/'
stranger=$STARTED
down expired 's/client\.\(pem\|key\)/expired.\1/'
expired=$STARTED
down ca 's/server-ca/client-ca/'
ca=$STARTED
down name 's/^  servers:/  server_name: other.example.com\n  servers:/'
name=$STARTED
was_down "$stranger" stranger 'down server=.*reason=".*alert'
was_down "$expired" expired 'down server=.*reason=".*alert'
was_down "$ca" ca 'down server=.*reason=".*certificate verification failed'
was_down "$name" name \
    "down server=.*reason=\"name .other.example.com. not present in"

# A server without the key, and one that has it.
second_start
daemon_kill
cp -p "$CONF" "$T/whole.conf"
sed -i '/object=\(p256\|p384\|ed25519\)/,/signers/d' "$CONF"
daemon_replace
edge_conf "127.0.0.1:$PORT" "127.0.0.1:$SECOND_PORT"
p11edge load 2 300
contains "$T/p11edge.log" 'load signed=[1-9][0-9]* failed=0 '
contains "$EDGE_LOG" 'refused key=.* error=2 reason="key not found"'

# The one that has it is away for some time: it is found when it is back.
second_stop
: >"$EDGE_LOG"
p11edge_start load 2 100000 fail-ok
load=$STARTED
wait_edge "down server=127.0.0.1:$SECOND_PORT "
wait_edge 'refused key='
cp -p "$T/whole.conf" "$CONF"
second_start "$SECOND_PORT"
wait_edge "up server=127.0.0.1:$SECOND_PORT "
kill -TERM "$load"
p11edge_end "$load"
second_stop
daemon_stop
