# keylessctl drain and undrain; show version says whether the daemon drains.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
put_key rsa4096 pkcs8-pem "$T/b.key"
config <<END
drain_timeout: 100s
private_key_stores:
- file: $T/a.key
- file: $T/b.key
END
daemon_start
# A fixed port, to come back to.
sed -i "s|^listen: .*|listen: [\"127.0.0.1:$PORT\"]|" "$CONF"
daemon_stop
daemon_start
ctl show version >"$T/out"
contains "$T/out" "^pid +$DAEMON\$"
contains "$T/out" '^draining +no$'
contains "$T/out" '^started +20[0-9-]+ [0-9:]+ \([0-9ms]+ ago\)$'
version=$("$KEYLESSD" -V 2>&1)
contains "$T/out" "^keylessd +${version##* }\$"

refuse ctl undrain 2>"$T/err"
contains "$T/err" 'not drained'
ctl drain >"$T/out"
contains "$T/out" '^drained: 0 connections closed$'
ctl -j show version >"$T/out"
contains "$T/out" "\"pid\":$DAEMON,\"started\":[0-9]+,\"draining\":true"
refuse client ping 1 1
refuse ctl check >"$T/out"
[ "$(tail -n 1 "$T/out")" = 'not ready: draining' ] || fail "$(cat "$T/out")"
ctl undrain >"$T/out"
[ ! -s "$T/out" ] || fail "undrain: $(cat "$T/out")"
client ping 1 1
ctl check >"$T/out"

# A client that is connected, and a second drain while drained.
client_start ping 1 1 , closed 30
connected() {
	ctl show connections >"$T/out"
	grep -q ' open ' "$T/out"
}
wait_until connected || fail 'no client'
ctl -j drain >"$T/out"
contains "$T/out" '^\{"status":"done","text":"drained: 1 connections closed"\}$'
ctl drain >"$T/out"
contains "$T/out" '^drained: 0 connections closed$'
wait "$STARTED" || fail 'the client saw no clean end'
ctl undrain

# A client that is never idle, so the drain waits, until it is taken back.
client_start -d 8 load rsa-sha256 "$K/rsa4096.pub" 1 60s
busy() {
	ctl show stats >"$T/out" && grep -Eq '^pending +[1-9]' "$T/out"
}
wait_until busy || fail 'no client at work'
ctl drain >"$T/out" 2>"$T/err" &
drain=$!
background "$drain"
draining() {
	ctl show version | grep -Eq '^draining +yes$'
}
wait_until draining || fail 'drain does not drain'
ctl undrain
status=0
wait "$drain" || status=$?
[ "$status" -eq 1 ] || fail "drain, taken back: exit status $status"
contains "$T/err" '^keylessctl: undrained$'
kill "$STARTED"
daemon_stop
