# What the parent orders while a signer has key files before it that it has not
# loaded: it obeys, and loads them; or leaves at once, without a complaint.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

mkdir "$T/keys"
put_key p256 pkcs8-pem "$T/keys/a.key"
# More than fit in the socket, so that some come after the order.
for i in $(seq 1 400); do
	cp -p "$T/keys/a.key" "$T/keys/b$i.key"
done
config <<END
private_key_stores:
- dir: $T/keys
  signers: 2
END
# A signer that waits before it has read anything: the one that finds $T/hold.
cat >"$T/signer" <<END
#!/bin/sh
if mv "$T/hold" "$T/held" 2>/dev/null; then
	while [ -e "$T/held" ]; do
		sleep 0.05
	done
fi
exec "$SIGNER"
END
chmod 755 "$T/signer"
SIGNER=$T/signer
daemon_start
wait_until full 2 || fail 'two signers never came up'

# replace: kill one; the new one is held
replace() {
	: >"$T/hold"
	kill -KILL "$(signers | head -n 1)"
	wait_until test -e "$T/held" || fail 'no new signer'
}

replace
ctl log verbose
ctl log brief
rm "$T/held"
wait_until full 2 || fail "no second signer: $(ctl show signers)"
client sign ecdsa "$K/p256.pub"
replace
kill -TERM "$DAEMON"
wait_log 'stopping signal='
rm "$T/held"
wait_until gone "$DAEMON" || fail 'keylessd does not stop'
wait "$DAEMON" || fail 'keylessd did not end well'
DAEMON=
lacks "$LOG" 'unexpected message|status=[1-9]|does not leave'
