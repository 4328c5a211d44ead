# More key files than descriptors that may be open in a signer at once, and
# twice in the parent: they load, a reload shares the files that stay, and one
# that cannot open all changes nothing.
# run-as: both
. "$(dirname "$0")/lib.sh"

mkdir "$T/keys" "$T/more"
put_key p256 pkcs8-pem "$T/keys/a.key"
put_key ed25519 pkcs8-pem "$T/keys/z.key"
for i in $(seq 100 239); do
	cp -p "$T/keys/a.key" "$T/keys/b$i.key"
	cp -p "$T/keys/a.key" "$T/more/b$i.key"
done
config <<END
private_key_stores:
- dir: $T/keys
END
prlimit --nofile=256 --pid $$
daemon_start
contains "$LOG" 'ready keys=142 failed=0'
client sign ecdsa "$K/p256.pub" , sign ed25519 "$K/ed25519.pub"
for pid in $(signers); do
	[ "$(find "/proc/$pid/fd" -type l 2>/dev/null | wc -l)" -lt 20 ] ||
	    fail 'a signer keeps key files open'
done
# All are open, nothing of it is needed twice.
ctl reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
contains "$T/out" '0 keys added, 0 removed, 142 kept, 0 failed'
client sign ecdsa "$K/p256.pub"
# One more directory is more than may be open.
echo "- dir: $T/more" >>"$CONF"
refuse ctl reload >"$T/out" 2>&1
contains "$T/out" 'too many key files'
client sign ecdsa "$K/p256.pub" , sign ed25519 "$K/ed25519.pub"
# A signer that is replaced gets the files that were there at the reload.
rm "$T/keys/z.key"
for pid in $(signers); do
	kill -KILL "$pid"
done
wait_until client sign ed25519 "$K/ed25519.pub" ||
    fail 'no signature by the new signers'
daemon_stop
