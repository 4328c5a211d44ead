# A signer of key files leaves no memory behind when the daemon stops, and does
# nothing wrong with any before: every opcode with every kind of key, good
# files and bad ones.
# run-as: user
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/valgrind.lib.sh"

mkdir "$T/keys"
for kind in rsa2048 p256 p384 p521 ed25519; do
	put_key "$kind" pkcs8-pem "$T/keys/$kind.key"
done
put_key p256 traditional-der "$T/keys/again.key"
put_key k256 pkcs8-pem "$T/keys/curve.key"
(umask 077 && head -c 600 "$K/rsa2048.pem" >"$T/keys/cut.key")
config <<END
start_timeout: 5m
sign_timeout: 1m
private_key_stores:
- dir: $T/keys
  signers: 2
END
valgrind_signers
daemon_start
for kind in rsa2048 p256 p384 p521 ed25519; do
	client -d 8 all "$K/$kind.pub"
done
daemon_stop
valgrind_clean 2
