# Tokens show public keys in many shapes: all keys load, and every operation
# gives a right answer.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init

for point in raw bit-string; do
	works ec-point=$point id rsa p256 p384 ed25519
done
for params in secp256r1 P-256 prime256v1; do
	works ec-params=$params id p256
done
for params in secp384r1 P-384; do
	works ec-params=$params id p384
done
# RFC 8410, and what PKCS#11 3.0 had first
for params in hex:06032b6570 hex:06092b06010401da470f01 Ed25519; do
	works ed-params=$params id ed25519
done
works no-public id rsa
