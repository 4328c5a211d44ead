# While a reload waits for a token, another one is refused, and what is served
# goes on; then the first one is done.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/fault.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" </dev/null
daemon_start
load_start ecdsa-sha256 "$T/hsm/p256.pub" 2 -d 4

settled() {
	n=$(signers | wc -l)
	[ "$n" -ge 4 ] && full "$n"
}
for fault in C_Initialize=hang C_Login=deaf; do
	# A signer that is still being started would take the fault.
	wait_until settled || fail "signers: $(ctl show signers)"
	forget_calls
	quirk "$fault once"
	ctl reload >"$T/first" 2>&1 &
	first=$!
	background "$first"
	wait_call "${fault%=*} ${fault#*=}"
	status=0
	ctl reload >"$T/out" 2>&1 || status=$?
	[ "$status" -eq 1 ] || fail "second reload: exit status $status"
	contains "$T/out" 'another reload is under way'
	kill -HUP "$DAEMON"
	refused() {
		[ "$(grep -c 'reload refused reason=' "$LOG")" -ge "$1" ]
	}
	wait_until refused 2 || fail 'SIGHUP is not refused'
	: >"$LOG"
	alive "$first" || fail "the first reload is over: $(cat "$T/first")"
	client sign ecdsa "$T/hsm/p256.pub" , sign ecdsa "$K/p256.pub"
	# Its process is killed, another one does it.
	kill -KILL "$(sed -n "s/ ${fault%=*} ${fault#*=}\$//p" "$CALLS")"
	wait "$first" || fail "first reload: $(cat "$T/first")"
	contains "$T/first" \
	    '^reloaded: 0 keys added, 0 removed, 2 kept, 0 failed$'
done
loads_stop
reload_ok '^reloaded: '
daemon_stop
