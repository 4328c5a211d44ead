# A module refuses one request: that one gets error 1, and that is all.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' </dev/null
daemon_start
wait_ctl "$SET +1 +ready" signers
before=$(token_signers)
forget_calls

for error in CKR_DATA_INVALID CKR_DATA_LEN_RANGE CKR_MECHANISM_INVALID \
    CKR_KEY_FUNCTION_NOT_PERMITTED CKR_FUNCTION_REJECTED 0x80000042; do
	quirk "C_Sign=$error data=$POISON"
	ask_poison -e 1 || fail "$error: not error 1"
	signs p256 10 || fail "$error: other requests suffer"
done
called 'C_Sign ' 6
called 'C_Login' 0
[ "$before" = "$(token_signers)" ] || fail 'processes were replaced'
quirk
ask_poison

# What may be a broken device is tried with a new session first.
for error in CKR_DEVICE_ERROR CKR_GENERAL_ERROR CKR_FUNCTION_FAILED; do
	quirk "C_Sign=$error data=$POISON"
	ask_poison -t 10 -e 1 || fail "$error: not error 1"
	WAIT_TRIES=40 recovers p256
	signs p256 10 || fail "$error: other requests suffer"
done
quirk
ask_poison
daemon_stop
