# A TPM (simulated) by tpm2-pkcs11, with all that its keys can do.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/real.lib.sh"

tpm_init
{
	echo private_key_stores:
	tpm_stores rsa p256
} | config
daemon_start
contains "$LOG" 'ready keys=2 failed=0'
wait_ctl 'token tpm +1 +ready' signers
client -t 20 -d 20 all "$REAL/rsa.pub"
client -t 20 all "$REAL/p256.pub"
daemon_stop
