# Signers killed under load: no request is lost or failed, and each signer is
# replaced.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start
full() {
	[ "$(signers | wc -l)" -eq 2 ] &&
	    [ "$(ctl show signers | grep -c ' ready ')" -eq 2 ]
}
wait_until full || fail 'two signers never came up'
client_start -d 16 -s 4 load ecdsa-sha256 "$K/p256.pub" 4 6s
load=$STARTED
for round in 1 2 3 4; do
	victim=$(signers | sed -n "$((round % 2 + 1))p")
	kill -KILL "$victim"
	wait_until gone "$victim" || fail "signer $victim does not die"
	WAIT_TRIES=400 wait_until full || fail 'no replacement'
done
alive "$load" || fail 'the load was over too early'
wait "$load" || fail 'requests were lost or failed'
contains "$T/client.log" '^load .* errors=0 bad=0 lost=0 '
contains "$LOG" 'signer died .*signal=9'
ctl show stats >"$T/out"
contains "$T/out" '^signer restarts +4$'
client sign ecdsa "$K/p256.pub" 20
daemon_stop
