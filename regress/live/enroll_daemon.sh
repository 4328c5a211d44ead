# The daemon gets its first certificate by itself, and a new one in time, which
# no open connection notices.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"
. "$(dirname "$0")/enroll.lib.sh"
. "$(dirname "$0")/metrics.lib.sh"

# Certificates that last for forty seconds: renewed after three at most.
api_start 40
{
	with_token
	echo "metrics_listen: [\"$T/http.sock\"]"
} | enroll_config
api_answers '1 status 503 3600'
daemon_start
contains "$LOG" 'no authentication certificate .*server.pem: No such file'
contains "$LOG" "enrolling hostname=\"$HOST\""
contains "$LOG" 'enrolment failed seconds_to_next=1 reason="the API has failed'
contains "$LOG" "info: enrolled auth_cert=$E/server.pem"
pair_good

# serial: of what a new connection is shown
serial() {
	openssl s_client -connect "127.0.0.1:$PORT" \
	    -cert "$FIX/pki/client.pem" -key "$FIX/pki/client.key" \
	    </dev/null 2>/dev/null | openssl x509 -noout -enddate -pubkey
}
serial >"$T/first"
client_waits sign ecdsa "$K/p256.pub" , wait , sign ecdsa "$K/p256.pub" 50
wait_log 'auth_cert will be renewed at='

# The API fails, loudly; then it does not.
api_answers '6 status 500'
wait_log 'auth_cert not renewed ends=.* again=.* reason="the API has failed'
ctl show config >"$T/config"
contains "$T/config" '^# failed renewals: [2-9], last 20.*: the API has failed'
wait_log "auth_cert renewed file=$E/server.pem ends="
wait_log 'reloaded: 0 keys added, 0 removed, 1 kept, 0 failed'
newer() {
	serial >"$T/second"
	! cmp -s "$T/first" "$T/second"
}
wait_until newer || fail 'still the old certificate'
pair_good

# What is renewed but cannot be loaded is said, too, and loaded when it can be.
echo 'nonsense: 1' >>"$CONF"
wait_log 'auth_cert not loaded .* reason="reload failed, nothing changed: '
serial >"$T/first"
sed -i '/^nonsense/d' "$CONF"
wait_until newer || fail 'not loaded when it could be'
[ -f "$E/server-key.pem.old" ] || fail 'the old key is lost'
go
client_went_on
ctl show config >"$T/config"
contains "$T/config" '^renew: 30d$'
contains "$T/config" "^api_token_file: \"$A/token\"\$"
# Just after a reload the new one has to be looked at.
planned() {
	ctl show config | grep -Eq '^# auth_cert renewal 20.*Z$'
}
wait_until planned || fail "$(ctl show config)"
contains "$T/config" '^# renewals: [2-9], last 20.*Z$'
contains "$T/config" '^# failed renewals: [3-9], last 20.*: reload failed'
scrape
for metric in 'renewals_total{result="done"}' \
    'renewals_total{result="failed"}' last_renewal_timestamp_seconds \
    next_renewal_timestamp_seconds; do
	n=$(sample "keylessd_certificate_$metric")
	[ "${n:-0}" != 0 ] || fail "not in the metrics: $metric"
done
no_token "$LOG" "$T/config" "$T/metrics"
daemon_stop
