# As many processes and sessions as the configuration and the token allow.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

# has N: N processes sign, with a session and a login each, and no more
has() {
	[ "$(token_signers | wc -l)" -eq "$1" ] ||
	    fail "not $1 processes but: $(token_signers | xargs)"
	[ "$(calls 'C_OpenSession CKR_OK')" -eq \
	    $(($1 + $(calls 'C_CloseSession CKR_OK'))) ] ||
	    fail "not $1 sessions: $(cat "$CALLS")"
	called 'C_Login CKR_OK' "$1"
	[ "$1" -eq 1 ] || wait_ctl "$SET +$(($1 - 1)) +ready" signers
	client -t 10 -d 8 sign ecdsa-sha256 "$T/hsm/p256.pub" 50
}

quirk_init

# the URI
quirk_config "$(quirk_uri id=%02 max-sessions=1)" </dev/null
quirk max-sessions=1	# and the token holds us to it
daemon_start
has 1
lacks "$CALLS" 'CKR_SESSION_COUNT'
daemon_stop

# the configuration
quirk_config "$(quirk_uri id=%02)" 'signers: 3' </dev/null
quirk
forget_calls
daemon_start
wait_ctl "$SET +2 +ready" signers
has 3
daemon_stop

# the token: it says how many sessions it has
for n in 1 2; do
	quirk "max-sessions=$n"
	forget_calls
	daemon_start
	wait_log "fewer processes than wanted set=\"$SET\""
	wait_ctl "$SET +$((n - 1)) +ready" signers
	has "$n"
	lacks "$CALLS" 'CKR_SESSION_COUNT'
	daemon_stop
done
