# A drain: nothing is accepted, what is pending is answered, connections end
# without an error when they wait for nothing, and undrain takes it all back.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key rsa4096 pkcs8-pem "$T/a.key"
config <<END
drain_timeout: 500ms
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start
# A fixed port, to come back to.
sed -i "s|^listen: .*|listen: [\"127.0.0.1:$PORT\"]|" "$CONF"
daemon_stop
daemon_start

# One client waits, one never does: the first is closed at once, the second
# when drain_timeout has passed; neither loses an answer to what was read.
client_start ping 1 , closed 20
idle=$STARTED
client_start -d 8 load rsa-sha256 "$K/rsa4096.pub" 1 60s
busy=$STARTED
two_busy() {
	ctl show stats >"$T/stats" &&
	    grep -Eq '^connections +2$' "$T/stats" &&
	    grep -Eq '^responses +[1-9][0-9]' "$T/stats"
}
wait_until two_busy || fail "not two clients: $(cat "$T/stats")"
ctl drain >"$T/out" || fail "drain: $(cat "$T/out")"
contains "$T/out" '^drained: 2 connections closed$'
wait "$idle" || fail 'the idle client saw no clean end'
wait "$busy" || :
contains "$T/client.log" '^load .* errors=0 bad=0 '
lacks "$T/client.log" 'reset'
refuse client ping 1
ctl show stats >"$T/out"
contains "$T/out" '^connections +0$'
contains "$T/out" '^pending +0$'
contains "$LOG" ' parent info: draining$'

# Drained already: the answer comes at once; a reload is fine and changes
# nothing of it.
ctl drain >"$T/out" || fail "second drain: $(cat "$T/out")"
ctl reload >"$T/out" || fail "reload: $(cat "$T/out")"
refuse client ping 1

ctl undrain >"$T/out" || fail "undrain: $(cat "$T/out")"
client sign rsa-sha256 "$K/rsa4096.pub"
status=0
ctl undrain >"$T/out" 2>&1 || status=$?
[ "$status" -eq 1 ] || fail "undrain, not drained: status $status"
contains "$T/out" 'not drained'

# Another has taken the port meanwhile: nothing is accepted, and why is told.
ctl drain
mkfifo "$T/go"
python3 - "$PORT" "$T/go" >"$T/bound" <<'END' &
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()
print("bound", flush=True)
open(sys.argv[2]).read()
END
thief=$!
background "$thief"
wait_until grep -q bound "$T/bound" || fail 'the port cannot be taken'
refuse ctl undrain >"$T/out" 2>&1
contains "$T/out" "cannot listen address=127.0.0.1 port=$PORT reason=.Address"
: >"$T/go"
wait "$thief"
ctl undrain
client ping 1
daemon_stop
