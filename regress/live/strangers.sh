# Strangers at the door: floods of connections that say nothing, say it slowly,
# say nonsense, have no certificate; clients that do not read or send the
# largest messages.  Meanwhile a client that is known loses nothing, is refused
# nothing, and waits at most three times as long as when all is quiet.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key rsa2048 pkcs8-pem "$T/a.key"
config <<END
max_connections_per_source: 20
max_handshakes: 32
handshake_rate: 20
private_key_stores:
- file: $T/a.key
END
daemon_start

# A client of its own address for each sort of stranger.  It sleeps now and
# then: the processor belongs to those who work.
cat >"$T/strangers.py" <<'END'
import os, random, select, socket, ssl, sys, threading, time
port, pki = int(sys.argv[1]), sys.argv[2]
stop = threading.Event()

def connect(source):
    s = socket.socket()
    s.bind((source, 0))
    s.settimeout(5)
    s.connect(("127.0.0.1", port))
    return s

def forever(pause):
    def deco(f):
        def run():
            while not stop.is_set():
                try:
                    f()
                except (OSError, ssl.SSLError, ValueError):
                    pass
                time.sleep(pause)
        return run
    return deco

held = []
@forever(0.01)
def half_open():
    held.append(connect("127.0.1.1"))
    if len(held) > 50:
        held.pop(0).close()

slow = []
@forever(0.01)
def slow_hello():
    s = connect("127.0.1.2")
    s.send(bytes.fromhex("16030100c8010000c40303"))
    slow.append(s)
    if len(slow) > 50:
        slow.pop(0).close()
    for s in list(slow):
        s.send(b"\x00")

@forever(0.01)
def garbage():
    s = connect("127.0.1.3")
    s.send(os.urandom(2000))
    s.recv(100)

anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
anyone.check_hostname = False
anyone.verify_mode = ssl.CERT_NONE
@forever(0.01)
def no_certificate():
    with anyone.wrap_socket(connect("127.0.1.4")) as s:
        s.send(b"hello")
        s.recv(100)

known = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
known.check_hostname = False
known.verify_mode = ssl.CERT_NONE
known.load_cert_chain(pki + "/client.pem", pki + "/client.key")
def ping(size):
    item = bytes([0x11, 0, 1, 0xf1, 0x12, size >> 8, size & 255])
    body = item + b"\0" * size
    return bytes([1, 0, len(body) >> 8, len(body) & 255, 0, 0, 0, 1]) + body

@forever(0.05)
def oversized():
    with known.wrap_socket(connect("127.0.1.5")) as s:
        for _ in range(4):
            s.send(ping(65000))
            s.recv(65536)

deaf = []
@forever(0.2)
def never_reads():
    s = known.wrap_socket(connect("127.0.1.6"))
    s.settimeout(0.2)
    deaf.append(s)
    if len(deaf) > 10:
        deaf.pop(0).close()
    while True:
        s.send(ping(4000))

for f in half_open, slow_hello, garbage, no_certificate, oversized, never_reads:
    threading.Thread(target=f, daemon=True).start()
print("begun", flush=True)
sys.stdin.read()
END

# measure WHAT: $p99, in us, of a client that asks as it always does
measure() {
	"$CLIENT" -a "127.0.0.1:$PORT" -C "$FIX/pki/server-ca.pem" \
	    -c "$FIX/pki/client.pem" -k "$FIX/pki/client.key" -d 2 \
	    load rsa-sha256 "$K/rsa2048.pub" 2 2s >"$T/load" 2>&1 ||
	    fail "$1: $(cat "$T/load")"
	contains "$T/load" ' errors=0 bad=0 lost=0 '
	p99=$(sed -n 's/.* p99_us=\([0-9]*\).*/\1/p' "$T/load")
}

strangers_come() {
	mkfifo "$T/leave"
	python3 "$T/strangers.py" "$PORT" "$FIX/pki" <"$T/leave" \
	    >"$T/strangers" 2>&1 &
	strangers=$!
	background "$strangers"
	exec 9>"$T/leave"
	wait_until grep -q begun "$T/strangers" || fail 'no strangers'
	# All sorts of them are there.
	wait_until strangers_known ||
	    fail "where are the strangers? $(ctl show stats)"
}

count() {
	ctl show stats | sed -n "s/^$1  *\([0-9][0-9]*\)\$/\1/p"
}

strangers_known() {
	[ "$(count refused)" -gt 20 ] &&
	    [ "$(count 'handshakes failed')" -gt 5 ] &&
	    [ "$(count 'handshakes evicted')" -gt 0 ]
}

strangers_leave() {
	exec 9>&-
	wait "$strangers"
	rm "$T/leave"
}

# The machine may be busy with something else: five attempts.
for _ in 1 2 3 4 5; do
	measure quiet
	quiet=$p99
	strangers_come
	measure 'with strangers'
	noisy=$p99
	# New connections are accepted, too.
	for round in 1 2 3 4 5; do
		client ping 1 , sign rsa-sha256 "$K/rsa2048.pub" ||
		    fail "round $round: refused"
	done
	strangers_leave
	echo "p99: quiet $quiet us, with strangers $noisy us"
	[ "$noisy" -gt $((3 * quiet)) ] || break
done
[ "$noisy" -le $((3 * quiet)) ] ||
    fail "p99: quiet $quiet us, with strangers $noisy us"
alive "$(frontend)" || fail 'the frontend died'
lacks "$LOG" 'frontend died'
daemon_stop
