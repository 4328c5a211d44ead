# A reload takes over keys that were added, removed, replaced; connections and
# sockets stay.
# run-as: both
. "$(dirname "$0")/lib.sh"

mkdir "$T/keys"
put_key p256 pkcs8-pem "$T/keys/kept.key"
put_key p384 pkcs8-pem "$T/keys/old.key"
config <<END
private_key_stores:
- dir: $T/keys
END
daemon_start
client_start hold 60
held=$STARTED
client sign ecdsa "$K/p256.pub" , sign ecdsa "$K/p384.pub"

rm "$T/keys/old.key"
put_key ed25519 pkcs8-pem "$T/keys/new.key"
echo rubbish >"$T/keys/bad.key"
chmod 600 "$T/keys/bad.key"
ctl reload >"$T/out"
contains "$T/out" '^reloaded: 1 keys added, 1 removed, 1 kept, 1 failed$'
client sign ecdsa "$K/p256.pub" , sign ed25519 "$K/ed25519.pub"
client -e 2 sign ecdsa "$K/p384.pub"
alive "$held" || fail 'a connection was lost by the reload'

# The same file with another key in it.
rm "$T/keys/bad.key"
put_key p384 pkcs8-pem "$T/keys/new.key"
kill -HUP "$DAEMON"
wait_log 'reloaded: 1 keys added, 1 removed, 1 kept, 0 failed'
client sign ecdsa "$K/p384.pub"
client -e 2 sign ed25519 "$K/ed25519.pub"

old_are_gone() {
	[ "$(ctl show signers | grep -c ' ready ')" -eq \
	    "$(signers | wc -l)" ]
}
wait_until old_are_gone || fail "old signers stay: $(ctl show signers)"
daemon_stop
