# A key by SKI, by digest, by both; the SKI is looked at first.  Every other
# item of the protocol may come along.
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
for how in ski digest both; do
	client -i "$how" sign pkcs1 "$K/rsa2048.pub" , \
	    sign ecdsa "$K/p256.pub" , sign ecdsa "$K/p384.pub" , \
	    sign ecdsa "$K/p521.pub" , decrypt "$K/rsa2048.pub"
done
client -i ski sign ed25519 "$K/ed25519.pub"
client -x -i both sign pss "$K/rsa2048.pub" , ping 10 , \
    sign ecdsa "$K/p256.pub"
client -i unknown -e 2 sign pss "$K/rsa2048.pub" , sign ecdsa "$K/p256.pub"
daemon_stop
