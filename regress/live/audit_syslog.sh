# Audit lines in syslog: facility authpriv, one datagram a line; requests do
# not wait for a syslog that has stopped reading.
# run-as: root
. "$(dirname "$0")/lib.sh"

# In a mount name space of its own, where /dev/log is the test's.
if [ "${1:-}" != inside ]; then
	unshare -m true 2>"$T/err" || skip "no name space: $(cat "$T/err")"
	rm -rf "$T"
	trap - EXIT
	exec unshare -m --propagation private sh "$0" inside
fi
mkdir "$T/dev"
mount -t tmpfs tmpfs "$T/dev"
cp -a /dev/null /dev/zero /dev/full /dev/urandom /dev/random "$T/dev"
mount --move "$T/dev" /dev

python3 - "$T/syslog" <<'END' &
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
f = open(sys.argv[1], "wb", 0)
while True:
    f.write(s.recv(65536) + b"\n")
END
syslogd=$!
background "$syslogd"
wait_until test -S /dev/log || fail 'no syslog of our own'

put_key p256 pkcs8-pem "$T/a.key"
config <<END
audit: all
private_key_stores:
- file: $T/a.key
END
need_programs
"$KEYLESSD" -f "$CONF" -s "$SIGNER" >"$T/out" 2>&1 </dev/null ||
    fail "$(cat "$T/out")"
DAEMON=$(cat "$T/keylessd.pid")
wait_until grep -q 'listening address=' "$T/syslog" || fail 'nothing is logged'
# shellcheck disable=SC2034
PORT=$(sed -n 's/.*listening address=127\.0\.0\.1:\([0-9]*\).*/\1/p' \
    "$T/syslog")
client -x sign ecdsa-sha256 "$K/p256.pub" 3
line='^<86>[A-Z][a-z]{2} .* keylessd\[[0-9]+\]: audit: operation time=.*'
lines() {
	[ "$(grep -Ec "$line result=ok .* request_id=regress" \
	    "$T/syslog")" -eq 3 ]
}
wait_until lines || fail "not three lines: $(cat "$T/syslog")"

# It stops reading: what it has no room for waits here, then is left out.
kill -STOP "$syslogd"
client sign ecdsa-sha256 "$K/p256.pub" 3000 || fail 'requests wait for syslog'
lost() {
	[ "$(ctl show stats | sed -n 's/^audit lost  *//p')" -gt 0 ]
}
wait_until lost || fail 'nothing was left out'
kill -CONT "$syslogd"
wait_until grep -q 'audit: lines left out count=' "$T/syslog" ||
    client sign ecdsa-sha256 "$K/p256.pub"
wait_until grep -q 'audit: lines left out count=' "$T/syslog" ||
    fail 'what was left out is not said'
ctl stop
wait_until gone "$DAEMON" || fail 'it does not stop'
DAEMON=
