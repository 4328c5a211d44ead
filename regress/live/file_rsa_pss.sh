# RSA keys in files sign PSS with a salt as long as the hash.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key rsa2048-pkcs8-pem pkcs8-pem "$T/a.key"
put_key rsa2048-traditional-der traditional-der "$T/b.key"
config <<END
private_key_stores:
- file: $T/a.key
- file: $T/b.key
END
daemon_start
client -d 10 sign pss "$K/rsa2048-pkcs8-pem.pub" 5
client -d 10 sign pss "$K/rsa2048-traditional-der.pub" 5
daemon_stop
