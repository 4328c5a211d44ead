# Out of descriptors: who is connected is served, who comes waits instead of
# being refused, and is served when others have gone.  Some are left for what
# the parent sends: a reload, or a new signer, costs nobody his connection.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
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
client sign ecdsa "$K/p256.pub"
front=$(frontend)
count=0
while [ "$count" -lt 64 ]; do
	count=$((count + 1))
	client_start hold 60
	last=$STARTED
	holding="${holding:-} $STARTED"
done
wait_log 'accepting paused'
alive "$front" || fail 'the frontend died'
client_start sign ecdsa "$K/p256.pub"
waiting=$STARTED
alive "$last" || fail 'refused instead of waiting'
ctl reload || fail 'no reload'
signer=$(signers | head -n 1)
kill -KILL "$signer"
another() {
	[ "$(signers | grep -vcx "$signer")" -ge 2 ]
}
wait_until another || fail 'no signer in the place of the one killed'
alive "$last" || fail 'it lost its connection'
# shellcheck disable=SC2086
kill $holding
wait "$waiting" || fail 'not served when there was room again'
client sign ecdsa "$K/p256.pub"
[ "$(frontend)" = "$front" ] || fail 'another frontend'
daemon_stop
