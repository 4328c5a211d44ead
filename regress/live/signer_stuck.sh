# Signers that hang: the client is told so after sign_timeout, the signers are
# replaced, and the next requests are done.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
sign_timeout: 500ms
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start
stuck=$(signers)
for pid in $stuck; do
	kill -STOP "$pid"
done
client -e 1 -d 50 sign ecdsa-sha256 "$K/p256.pub" 50
for pid in $stuck; do
	wait_until gone "$pid" || fail "signer $pid hangs on"
done
works() {
	client sign ecdsa "$K/p256.pub"
}
wait_until works || fail 'no signer took over'
ctl show stats >"$T/out"
contains "$T/out" '^timeouts +[1-9]'
contains "$LOG" 'stuck'
daemon_stop
