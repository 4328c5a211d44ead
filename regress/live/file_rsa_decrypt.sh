# Raw RSA: the block comes back as it is, whether padded, random or small;
# no padding is removed, and leading zeros stay.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key rsa2048-pkcs8-pem pkcs8-pem "$T/a.key"
put_key rsa2048-traditional-pem traditional-pem "$T/b.key"
config <<END
private_key_stores:
- file: $T/a.key
- file: $T/b.key
END
daemon_start
client -d 10 decrypt "$K/rsa2048-pkcs8-pem.pub" 5
client -d 10 decrypt "$K/rsa2048-traditional-pem.pub" 5
daemon_stop
