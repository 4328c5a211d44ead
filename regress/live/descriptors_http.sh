# Out of descriptors because of those who ask over HTTP: who comes then, over
# HTTP or the control socket, waits, and costs neither processor time nor more
# than a line in the log a second.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
metrics_listen: ["$T/http.sock"]
private_key_stores:
- file: $T/a.key
END
cat >"$T/limited" <<END
#!/bin/sh
ulimit -n 64
exec $KEYLESSD "\$@"
END
chmod 755 "$T/limited"
KEYLESSD=$T/limited
daemon_start
front=$(frontend)
# A byte a second, so that it does not take them for dead.
python3 - "$T/http.sock" <<'END' &
import socket
import sys
import time

held = []
while True:
    while len(held) < 80:
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(False)
        try:
            s.connect(sys.argv[1])
        except BlockingIOError:
            break
        held.append(s)
    for s in held:
        s.send(b"G")
    time.sleep(1)
END
holder=$!
background "$holder"
wait_log 'metrics socket: accept: Too many open files'
ctl show version >"$T/out" 2>&1 &
asker=$!
background "$asker"
wait_log 'control socket: accept: Too many open files'

# ticks: processor time that the frontend has had, in hundredths of a second
ticks() {
	cut -d ' ' -f 14 "/proc/$front/stat"
}
before=$(ticks)
count=0
while [ "$(grep -c 'metrics socket: accept' "$LOG")" -lt 3 ]; do
	count=$((count + 1))
	[ "$count" -lt 400 ] || fail 'it does not try again'
	sleep 0.05
done
[ "$(grep -c 'socket: accept' "$LOG")" -lt 12 ] ||
    fail "$(grep -c 'socket: accept' "$LOG") lines in two seconds"
[ "$(($(ticks) - before))" -lt 50 ] || fail 'it is busy while it waits'
kill "$holder"
wait "$asker" || fail "not answered: $(cat "$T/out")"
contains "$T/out" "^pid +$DAEMON$"
[ "$(frontend)" = "$front" ] || fail 'another frontend'
daemon_stop
