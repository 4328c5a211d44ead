# A pid_file that names something else by mistake: it is not overwritten,
# neither at the start nor by a reload; what an earlier daemon left is.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
cp "$CONF" "$T/good"

refused() {
	status=0
	"$KEYLESSD" -d -f "$CONF" -s "$SIGNER" >"$T/out" 2>&1 </dev/null ||
	    status=$?
	[ "$status" -eq 1 ] || fail "exit status $status"
	contains "$T/out" "cannot write pid_file file=$1 reason=\"it holds some"
}
for text in 'listen: []' "$(printf '%040d' 1)"; do
	echo "$text" >"$T/keylessd.pid"
	refused "$T/keylessd.pid"
	[ "$(cat "$T/keylessd.pid")" = "$text" ] || fail 'overwritten'
done
rm "$T/keylessd.pid"
mkfifo "$T/keylessd.pid"
refused "$T/keylessd.pid"
rm "$T/keylessd.pid"

echo 4711 >"$T/keylessd.pid"
daemon_start
[ "$(cat "$T/keylessd.pid")" = "$DAEMON" ] || fail 'an old one is kept'

echo mine >"$T/mine.pid"
sed "s|/keylessd.pid|/mine.pid|" "$T/good" >"$CONF"
ctl reload >"$T/out"
contains "$LOG" "cannot write pid_file file=$T/mine.pid reason="
[ "$(cat "$T/mine.pid")" = mine ] || fail 'overwritten by a reload'
[ "$(cat "$T/keylessd.pid")" = "$DAEMON" ] || fail 'the pid file is gone'
echo 4711 >"$T/mine.pid"
ctl reload >"$T/out"
[ "$(cat "$T/mine.pid")" = "$DAEMON" ] || fail 'the pid file did not move'
cp "$T/good" "$CONF"
ctl reload >"$T/out"
daemon_stop
