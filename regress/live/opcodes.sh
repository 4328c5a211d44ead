# Every opcode with every kind of key: what fits is done, what does not is
# error 1, and so is a hash of a wrong length.
# run-as: any
. "$(dirname "$0")/lib.sh"

mkdir "$T/keys"
for kind in rsa2048 p256 p384 p521 ed25519; do
	put_key "$kind" pkcs8-pem "$T/keys/$kind.key"
done
config <<END
private_key_stores:
- dir: $T/keys
END
daemon_start
for kind in rsa2048 p256 p384 p521 ed25519; do
	client -d 20 all "$K/$kind.pub"
done
# All on one connection, each request waiting for the answer before it.
client all "$K/rsa2048.pub" , all "$K/p256.pub" , all "$K/ed25519.pub"
daemon_stop
