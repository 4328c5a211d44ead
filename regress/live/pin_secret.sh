# The PIN is nowhere to be seen: neither in the log at its most verbose, nor
# in arguments and environments, nor in what keylessctl shows.
# run-as: both
. "$(dirname "$0")/lib.sh"

token_init
config <<END
private_key_stores:
$(token_store "$(token_uri object=rsa)")
$(token_store "$(token_uri object=nothing)")
END
daemon_start -vv
contains "$LOG" 'ready keys=1 failed=1'
client sign pss "$T/hsm/rsa.pub"
ctl -v show keys >"$T/out"
ctl -vj show keys >>"$T/out"
ctl -v show signers >>"$T/out"
contains "$T/out" 'object=rsa'
for pid in "$DAEMON" $(children "$DAEMON"); do
	tr '\0' '\n' <"/proc/$pid/cmdline" >>"$T/out"
	# As an ordinary user not even our own: they are not dumpable.
	cat "/proc/$pid/environ" >>"$T/out" 2>/dev/null || :
done
contains "$LOG" ' debug: '
lacks "$LOG" "$PIN"
lacks "$T/out" "$PIN"
daemon_stop
lacks "$LOG" "$PIN"
