# A byte at a time: in TLS records of one byte, and in TCP segments of one
# byte that cut the records apart.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
for version in 1.2 1.3; do
	client -T "$version" -b sign ecdsa "$K/p256.pub" 3
	client -T "$version" -B sign ecdsa "$K/p256.pub" 3
	client -T "$version" -b -B -d 20 sign ecdsa-sha256 "$K/p256.pub" 20
	client -T "$version" -B ping 3000
done
daemon_stop
