# A module needs C_Finalize before it works again, or says that its device is
# gone: requests get error 1 meanwhile, and it works again within 2 s.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' </dev/null
daemon_start
wait_ctl "$SET +1 +ready" signers
neighbour_start

for quirk in lose-module=1 'lose-module=2 error=CKR_GENERAL_ERROR' \
    'C_SignInit=CKR_DEVICE_REMOVED count=2' \
    'C_Sign=CKR_TOKEN_NOT_PRESENT count=2'; do
	before=$(token_signers)
	forget_calls
	quirk "$quirk"
	# One answer more than needed until both processes have seen it.
	signs p256 3 || :
	WAIT_TRIES=40 recovers p256	# 2 s
	signs p256 20 || fail "$quirk: not as before"
	called 'C_Login CKR_PIN' 0
	case $quirk in
	lose-module*)	wait_call 'C_Finalize CKR_OK' ;;
	esac
	wait_ctl "$SET +0 +ready" signers
	wait_ctl "$SET +1 +ready" signers
	[ "$before" != "$(token_signers)" ] || fail "$quirk: no new process"
done
neighbour_stop
daemon_stop
