# A module that hangs while the daemon stops is left behind in time: that is
# 10 s for one that does not even hear SIGALRM.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' </dev/null

# In its last call, and while it is still being started.
for quirk in C_Finalize=hang C_Finalize=deaf; do
	quirk
	daemon_start
	wait_ctl "$SET +1 +ready" signers
	quirk "$quirk"
	WAIT_TRIES=400 daemon_stop	# 20 s
done

quirk C_Login=deaf
forget_calls
echo 'start_timeout: 300ms' >>"$CONF"
daemon_start
wait_call 'C_Login deaf'
WAIT_TRIES=400 daemon_stop
