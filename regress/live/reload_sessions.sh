# A reload while the old processes of a token are busy, and the token has
# sessions for some of the new ones only: the others start when the old ones
# have left.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

all_ready() {
	ctl show signers >"$T/ctl.out" &&
	    [ "$(grep -Ec "$SET +[0-9]+ +ready" "$T/ctl.out")" -eq 3 ]
}

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 3' </dev/null
quirk max-sessions=4
daemon_start
wait_until all_ready || fail "at first: $(cat "$T/ctl.out")"

quirk max-sessions=4 'C_Sign=slow ms=2500 once'
client_start sign ecdsa-sha256 "$T/hsm/p256.pub"
wait_call 'C_Sign slow'
ctl reload >"$T/out"
contains "$T/out" '^reloaded: 0 keys added, 0 removed, 2 kept, 0 failed$'
wait_log "wanted set=\"$SET\".*CKR_SESSION_COUNT"
wait "$STARTED" || fail 'the slow signature'
wait_until all_ready || fail "after the reload: $(cat "$T/ctl.out")"
daemon_stop
