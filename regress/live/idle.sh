# Connections that do nothing: one without a handshake, or with half of one, is
# closed after handshake_timeout, one without requests after idle_timeout, and
# not before.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
handshake_timeout: 500ms
idle_timeout: 2s
sign_timeout: 1m
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start
client sign ecdsa "$K/p256.pub" , hold 1 , ping 1 , hold 1 , ping 1 , closed 8
# Nothing; half a ClientHello; a byte now and then, which is no progress.
python3 - "$PORT" <<'END' || fail 'a connection without a handshake stays open'
import socket, ssl, sys, time

def hello():
    out = ssl.MemoryBIO()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(
        ssl.MemoryBIO(), out, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return out.read()

def closed(s):
    try:
        return s.recv(1000) == b""
    except ConnectionResetError:
        return True

def connect():
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.settimeout(8)
    return s

nothing, half, trickle = connect(), connect(), connect()
bytes_ = hello()
half.sendall(bytes_[:len(bytes_) // 2])
begin = time.monotonic()
if not closed(nothing) or not closed(half):
    sys.exit("silence")
if time.monotonic() - begin < 0.4:
    sys.exit("too early")
trickle.settimeout(0.1)
for i in range(80):
    try:
        trickle.sendall(bytes_[i:i + 1])
        if trickle.recv(1000) == b"":
            sys.exit(0)
    except socket.timeout:
        continue
    except OSError:
        sys.exit(0)
sys.exit("a byte now and then")
END

# A request that took longer than idle_timeout is answered, even if the answer
# comes in the moment in which such connections are looked for.  The other
# client is there so that the frontend is not asleep when it is stopped.
sed -i 's/^idle_timeout: .*/idle_timeout: 500ms/' "$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
client_start -d 16 load ping - 2 60s
two() {
	[ "$(signers | wc -l)" -eq 2 ]
}
wait_until two || fail 'the old signers stay'
front=$(frontend)
stopped=$(signers)
pending() {
	ctl show stats | grep -Eq '^pending +1$'
}
for _ in 1 2 3; do
	for pid in $stopped; do
		kill -STOP "$pid"
	done
	client_start -t 30 sign ecdsa "$K/p256.pub"
	wait_until pending || fail 'the request is not pending'
	kill -STOP "$front"
	for pid in $stopped; do
		kill -CONT "$pid"
	done
	sleep 1.2
	kill -CONT "$front"
	wait "$STARTED" || fail 'the answer was lost'
done
daemon_stop
