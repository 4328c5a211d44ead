# A token is taken out and put back: its requests get error 1 meanwhile, at
# once, everybody can see that it is away, and it is found when it is back.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

# refused: error 1, soon; the deadline of a request is 5 s
refused() {
	client -t 1 -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub" 5
}

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' </dev/null
daemon_start
wait_ctl "$SET +1 +ready" signers
neighbour_start

for quirk in token-absent token-absent=CKR_TOKEN_NOT_PRESENT; do
	quirk "$quirk"
	wait_until refused || fail "$quirk: not error 1 at once"
	wait_ctl "$SET +0 +lost" signers
	wait_ctl "$SET +1 +lost" signers
	wait_ctl '^lost .*p256' keys
	wait_log "token lost set=\"$SET\""
	refused || fail "$quirk: not error 1 at once, later"

	quirk
	WAIT_TRIES=40 recovers p256	# 2 s
	wait_ctl "$SET +0 +ready" signers
	wait_ctl "$SET +1 +ready" signers
	wait_ctl '^ready .*p256' keys
	wait_log "token back set=\"$SET\""
done
neighbour_stop
daemon_stop
