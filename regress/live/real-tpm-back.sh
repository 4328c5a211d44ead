# What shares a TPM among processes ends under load and starts again: a key
# in a file is served all the time, requests for the TPM get error 1
# meanwhile, and its signatures flow again soon, without anybody's help.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/real.lib.sh"

tpm_init
put_key p256 pkcs8-pem "$T/file.key"
{
	cat <<-END
		sign_timeout: 2s
		private_key_stores:
		- file: $T/file.key
	END
	tpm_stores p256
} | config
daemon_start
wait_ctl 'token tpm +1 +ready' signers
neighbour_start
load_start ecdsa-sha256 "$REAL/p256.pub"
client sign ecdsa-sha256 "$REAL/p256.pub" 20

server_stop "$ABRMD"
away 'token tpm' "$REAL/p256.pub"
tpm_share
back 'token tpm' "$REAL/p256.pub"

load_stop
neighbour_stop
daemon_stop
