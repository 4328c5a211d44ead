# A SIGHUP that comes while the daemon still waits for its first certificate is
# no reason to end.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enroll.lib.sh"

api_start
with_token | enroll_config
api_answers '9 status 500'
need_programs
"$KEYLESSD" -d -f "$CONF" -s "$SIGNER" >"$LOG" 2>&1 </dev/null &
DAEMON=$!
wait_log 'enrolment failed seconds_to_next='
kill -HUP "$DAEMON"
api_answers
WAIT_TRIES=600 wait_until daemon_decided || fail 'neither serves nor ends'
alive "$DAEMON" || fail 'it ended by SIGHUP'
pair_good
daemon_stop
