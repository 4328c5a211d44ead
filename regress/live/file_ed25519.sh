# Ed25519 keys in files sign messages, not hashes.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key ed25519-pkcs8-pem pkcs8-pem "$T/a.key"
put_key ed25519-pkcs8-der pkcs8-der "$T/b.key"
config <<END
private_key_stores:
- file: $T/a.key
- file: $T/b.key
END
daemon_start
client -d 10 sign ed25519 "$K/ed25519-pkcs8-pem.pub" 20
client -d 10 sign ed25519 "$K/ed25519-pkcs8-der.pub" 20
daemon_stop
