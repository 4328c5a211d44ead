# Keys of two modules, a TPM's and SoftHSM, and one in a file are served at
# the same time.  The server of one module ends: the others do not notice.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/real.lib.sh"

tpm_init
token_init
put_key p256 pkcs8-pem "$T/file.key"
{
	cat <<-END
		private_key_stores:
		- file: $T/file.key
	END
	tpm_stores rsa p256
	token_store "$(token_uri object=rsa)"
	token_store "$(token_uri object=p256)"
} | config
daemon_start
contains "$LOG" 'ready keys=5 failed=0'

# all_at_once PUBKEY ...
all_at_once() {
	loads=
	for public; do
		case $public in
		*rsa*)	op=rsa-pss-sha256 ;;
		*)	op=ecdsa-sha256 ;;
		esac
		client -t 10 -d 4 load "$op" "$public" 1 1s &
		loads="$loads $!"
	done
	for pid in $loads; do
		wait "$pid" || fail 'errors'
	done
}

all_at_once "$REAL/rsa.pub" "$REAL/p256.pub" "$T/hsm/rsa.pub" \
    "$T/hsm/p256.pub" "$K/p256.pub"
server_stop "$ABRMD"
wait_until client -t 2 -e 1 sign ecdsa-sha256 "$REAL/p256.pub" ||
    fail 'the TPM signs without its server'
all_at_once "$T/hsm/rsa.pub" "$T/hsm/p256.pub" "$K/p256.pub"
daemon_stop
