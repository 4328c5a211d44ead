# RSA keys of every size up to 8,192 bits do all that there is to do.
# run-as: any
. "$(dirname "$0")/lib.sh"

for bits in 2048 3072 4096 8192; do
	# regress/run makes the large one in the background: that takes long.
	if [ "$bits" -eq 8192 ] && [ -f "$K/rsa8192.started" ]; then
		WAIT_TRIES=4000 wait_until test -f "$K/rsa8192.pub" ||
		    fail 'no RSA key of 8,192 bits after 200 seconds'
	fi
	put_key "rsa$bits" pkcs8-pem "$T/$bits.key"
done
config <<END
private_key_stores:
- dir: $T
END
daemon_start
for bits in 2048 3072 4096 8192; do
	client -d 100 all "$K/rsa$bits.pub"
done
daemon_stop
