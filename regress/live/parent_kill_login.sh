# The parent is killed while a signer logs in: a token may be writing, so the
# signer ends when that is through, and not in the midst of it.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 1' </dev/null
daemon_start
wait_ctl "$SET +0 +ready" signers

forget_calls
quirk 'C_Login=slow ms=400'
old=$(signers)
kill -KILL "$(token_signers | head -n 1)"
wait_call 'C_Login slow'
left="$old $(children "$DAEMON")"
kill -KILL "$DAEMON"
for pid in $left; do
	wait_until gone "$pid" || fail "left behind: $(
	    tr '\0' ' ' <"/proc/$pid/cmdline")"
done
wait "$DAEMON" || :
DAEMON=
contains "$CALLS" 'C_Login CKR_OK'

# And the token is as good as before.
quirk
daemon_start
client sign ecdsa-sha256 "$T/hsm/p256.pub"
daemon_stop
