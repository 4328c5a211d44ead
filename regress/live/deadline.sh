# A request past sign_timeout gets error 1 at that moment: not before, and not
# when its signer wakes up, whose late answer is dropped.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
sign_timeout: 1500ms
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start
wait_until full 2 || fail 'two signers never came up'
stuck=$(signers)
for pid in $stuck; do
	kill -STOP "$pid"
done
# The parent is stopped too: nobody kills the signers, which stay as they are.
kill -STOP "$DAEMON"
begin=$(ms)
client -t 20 -d 3 -e 1 sign ecdsa-sha256 "$K/p256.pub" 3
took=$(($(ms) - begin))
[ "$took" -ge 1500 ] || fail "errors after $took ms, not 1500"
for pid in $stuck; do
	alive "$pid" || fail 'a signer is gone: nothing was shown'
	kill -CONT "$pid"
done
# Now they answer, which is for nobody.
wait_number pending -eq 0
number_is responses -eq 3 || fail 'late answers went to somebody'
number_is 'late replies' -eq 3 || fail 'late answers are not counted'
kill -CONT "$DAEMON"
for pid in $stuck; do
	wait_until gone "$pid" || fail 'a signer that was stuck is not replaced'
done
wait_until full 2 || fail 'no replacement'
client sign ecdsa-sha256 "$K/p256.pub" 20
ctl show stats >"$T/out"
contains "$T/out" '^timeouts +3$'
contains "$T/out" '^errors +3$'
daemon_stop
