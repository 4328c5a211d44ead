# Hundreds of requests in flight on one connection: each is answered once,
# under its own id, in whatever order.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
put_key rsa2048 pkcs8-pem "$T/b.key"
config <<END
private_key_stores:
- file: $T/a.key
- file: $T/b.key
END
daemon_start
client -d 500 sign ecdsa "$K/p256.pub" 200
client -d 500 sign pkcs1 "$K/rsa2048.pub" 50 , ping 1 500
# More than keylessd keeps: it stops reading, and nothing is lost.
client -d 3000 sign ecdsa-sha256 "$K/p256.pub" 5000
client -d 50 load ecdsa-sha256 "$K/p256.pub" 20 20000
daemon_stop
