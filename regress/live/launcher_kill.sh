# The launcher is killed: nobody could be replaced any more, so the daemon ends
# as when it is stopped, but with status 1; whatever starts it again can.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
launcher=$(launcher)
# It leaves with its parent, not by signals that are for all.
kill -TERM "$launcher"
kill -INT "$launcher"
kill -HUP "$launcher"
client sign ecdsa "$K/p256.pub" 5
alive "$launcher" || fail 'the launcher ended by a signal'
kill -KILL "$(signers | head -n 1)"
wait_until client sign ecdsa "$K/p256.pub" || fail 'no signer'

left=$(children "$DAEMON")
client_start -d 4 load ping - 2 30s
loaded=$STARTED
wait_number requests -ge 500
kill -KILL "$launcher"
wait_until gone "$DAEMON" || fail 'keylessd goes on without launcher'
status=0
wait "$DAEMON" || status=$?
DAEMON=
[ "$status" -eq 1 ] || fail "exit status $status, expected 1"
wait_log "launcher died, stopping pid=$launcher signal=9"
contains "$LOG" 'stopped status=1'
lacks "$LOG" ' fatal: '
daemon_gone "$left"
# Its connections were closed as at any stop: what was answered is right; what
# crossed their end is the client's to ask again.
wait "$loaded" || :
grep '^load ' "$T/client.log" >"$T/out"
contains "$T/out" ' errors=0 bad=0 lost=[0-8] '
daemon_start
client sign ecdsa "$K/p256.pub"
daemon_stop
