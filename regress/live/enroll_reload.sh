# A certificate that is renewed while a reload is under way, which has read the
# old one already, is served all the same.  A renewal that a reload switches off
# while it is under way is not tried again.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enroll.lib.sh"

# The first one is renewed after three seconds at most, the second one is not.
api_start
with_token | enroll_config
api_answers '1 times -600 40' '* wait come'
daemon_start
asked_twice() {
	[ "$(api_asked)" -eq 2 ]
}
wait_until asked_twice || fail 'no renewal'

# A frontend that says nothing keeps a reload from its end.
held=$(frontend)
kill -STOP "$held"
kill -HUP "$DAEMON"
under_way() {
	kill -HUP "$DAEMON"
	log_has 'reload refused reason="another reload is under way"'
}
wait_until under_way || fail 'no reload is under way'
: >"$A/come"
wait_log "auth_cert renewed file=$E/server.pem ends="
kill -CONT "$held"
wait_log 'reloaded: 0 keys added'

is_served() {
	openssl s_client -connect "127.0.0.1:$PORT" \
	    -cert "$FIX/pki/client.pem" -key "$FIX/pki/client.key" \
	    </dev/null 2>/dev/null | openssl x509 -outform DER >"$T/served" &&
	    openssl x509 -in "$E/server.pem" -outform DER >"$T/file" &&
	    cmp -s "$T/served" "$T/file"
}
wait_until is_served || fail 'the new certificate is not served'
planned() {
	ctl show config | grep -Eq '^# renewals: 2, last 20.*Z$'
}
wait_until planned || fail "$(ctl show config)"
daemon_stop

rm "$E/server.pem" "$A/come"
: >"$A/requests"
api_answers '1 times -600 40' '* wait come'
daemon_start
wait_until asked_twice || fail 'no renewal'
echo 'renew: 0' >>"$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
echo -10 >"$A/days"
: >"$A/come"
wait_log 'auth_cert not renewed ends=unknown again=never .* has expired'
daemon_stop
