# A request that kills its signers comes through one frontend; requests that
# other frontends have with the same signers are not blamed for it.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/fault.lib.sh"

unset KEYLESS_FRONTENDS
quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' <<END
frontends: 4
END
daemon_start
wait_ctl "$SET +1 +ready" signers
load_start ecdsa-sha256 "$T/hsm/p256.pub" 12 -d 8
wait_number connections -eq 12
for _ in 1 2 3; do
	wait_ctl "$SET +1 +ready" signers
	quirk "C_Sign=crash data=$POISON"
	forget_calls
	ask_poison -t 10 -e 1 || fail 'not error 1'
	called 'C_Sign crash' 2
	quirk
	ask_poison
done
loads_stop
wait_ctl "$SET +1 +ready" signers
[ "$(grep -c 'request given up' "$LOG")" -eq 3 ] || fail 'others were given up'
daemon_stop
