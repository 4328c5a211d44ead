# RSA keys in files of every form sign PKCS#1 v1.5, MD5+SHA-1 too.
# run-as: both
. "$(dirname "$0")/lib.sh"

mkdir "$T/keys"
for form in pkcs8-pem pkcs8-der traditional-pem traditional-der; do
	put_key "rsa2048-$form" "$form" "$T/keys/$form.key"
done
config <<END
private_key_stores:
- dir: $T/keys
END
daemon_start
for form in pkcs8-pem pkcs8-der traditional-pem traditional-der; do
	client -d 10 sign pkcs1 "$K/rsa2048-$form.pub" 3
done
daemon_stop
