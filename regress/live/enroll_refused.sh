# Without a certificate, and without what is needed to get one, the daemon says
# which ways there are, and does not start.  What a crash has left half done is
# finished first.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enroll.lib.sh"

api_start
enroll_config </dev/null
daemon_refuses 'no authentication certificate .*No such file'
contains "$LOG" 'cannot get a certificate missing=api_token_file'
contains "$LOG" '1\. set hostname, zone_id and api_token_file'
contains "$LOG" '2\. keylessctl enroll, at a terminal'
contains "$LOG" '3\. keylessctl enroll -m'
old_pair -600 -60
daemon_refuses 'no authentication certificate .*it has expired at 20'
contains "$LOG" 'keylessctl enroll -m'

# A check gets nothing either.
with_token >>"$CONF"
daemon_refuses 'keylessd gets one when it starts' -n
[ "$(api_asked)" -eq 0 ] || fail 'a check has asked the API'
cmp "$E/server.pem" "$T/old.pem"

# Who ends it while it asks is rid of all of it.  Meanwhile systemd waits.
api_answers '1 wait never'
python3 - "$T/notify" "$T/told" <<'END' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
told = s.recv(4096).decode()
open(sys.argv[2], "w").write(told + "\n")
END
background $!
wait_until test -S "$T/notify" || fail 'no listener'
NOTIFY_SOCKET=$T/notify "$KEYLESSD" -d -f "$CONF" -s "$SIGNER" >"$LOG" \
    2>&1 </dev/null &
DAEMON=$!
has_asked() {
	[ "$(api_asked)" -gt 0 ]
}
wait_until has_asked || fail 'it does not ask'
wait_until test -s "$T/told" || fail 'systemd is not told'
contains "$T/told" '^EXTEND_TIMEOUT_USEC=[0-9]{8,}$'
contains "$T/told" '^STATUS=Enrolling$'
left=$(children "$DAEMON")
# The launcher, and the two that an enrolment needs.
[ "$(echo "$left" | wc -w)" -eq 3 ] || fail "children: $left"
kill "$DAEMON"
for pid in $DAEMON $left; do
	wait_until gone "$pid" || fail "process $pid is left behind"
done
DAEMON=
cmp "$E/server.pem" "$T/old.pem"
api_answers

# While the API fails, one that is brought by hand is served.
api_answers '* status 503 3600'
"$KEYLESSD" -d -f "$CONF" -s "$SIGNER" >"$LOG" 2>&1 </dev/null &
DAEMON=$!
wait_log 'enrolment failed seconds_to_next=1'
by_hand() {
	"$A/mkcert" "$A/ca.pem" "$A/ca.key" "$HOST" -60 600 <"$E/server.csr" \
	    >"$T/cert" && enroll -i "$T/cert"
}
wait_until by_hand || fail "$(cat "$T/out")"
WAIT_TRIES=600 wait_log "somebody else has enrolled auth_cert=$E/server.pem"
wait_log 'ready keys=1'
daemon_stop
cp "$T/old.pem" "$E/server.pem"
cp "$T/old-key.pem" "$E/server-key.pem"
api_answers

# The moment between two renames, as a crash leaves it.
enroll_ok
cp "$E/server.pem" "$T/new.pem"
mv "$E/server.pem" "$E/server.pem.new"
cp "$T/old.pem" "$E/server.pem"
: >"$A/requests"
daemon_start
contains "$LOG" "interrupted enrolment finished auth_cert=$E/server.pem"
cmp "$E/server.pem" "$T/new.pem"
[ "$(api_asked)" -eq 0 ] || fail 'a new one was asked for'
client ping 100
ctl show config >"$T/config"
contains "$T/config" '^# renewals: 0, last never$'

# Never, if that is wanted.
echo 'renew: 0' >>"$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
ctl show config >"$T/config"
contains "$T/config" '^renew: 0d$'
lacks "$T/config" '^# auth_cert renewal'
daemon_stop
