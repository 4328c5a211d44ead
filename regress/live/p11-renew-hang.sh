# A token loses its sessions, and the module hangs when it is asked for new
# ones: requests get their error in time, and are answered when that is over.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' <<END
sign_timeout: 1s
start_timeout: 2s
END
daemon_start
wait_ctl "$SET +1 +ready" signers
neighbour_start

n=0
for fault in C_OpenSession=hang C_Login=hang C_Login=deaf; do
	n=$((n + 1))
	forget_calls
	quirk "lose-sessions=$n" "$fault"
	client -t 3 -d 4 -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub" 8 ||
	    fail "$fault: no error in time"
	wait_call "${fault%=*} ${fault#*=}"
	quirk
	recovers p256
	signs p256 20 || fail "$fault: not as before"
	wait_ctl "$SET +0 +ready" signers
	wait_ctl "$SET +1 +ready" signers
done
neighbour_stop
daemon_stop
