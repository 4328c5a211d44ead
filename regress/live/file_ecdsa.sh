# EC keys in files of every form, on each curve, sign all hashes.
# run-as: any
. "$(dirname "$0")/lib.sh"

forms='pkcs8-pem pkcs8-der traditional-pem traditional-der params-pem'
mkdir "$T/keys"
for curve in p256 p384 p521; do
	for form in $forms; do
		put_key "$curve-$form" "$form" "$T/keys/$curve-$form.key"
	done
done
config <<END
private_key_stores:
- dir: $T/keys
END
daemon_start
for curve in p256 p384 p521; do
	for form in $forms; do
		client -d 10 sign ecdsa "$K/$curve-$form.pub" 2
	done
done
daemon_stop
