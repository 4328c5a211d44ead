# Other programs have all sessions but one, which the token does not tell: the
# set has one process, and that is said.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 3' </dev/null
quirk 'C_OpenSession=pass once' 'C_OpenSession=CKR_SESSION_COUNT'
daemon_start
wait_log "fewer processes than wanted set=\"$SET\".*CKR_SESSION_COUNT"
signs p256 50
[ "$(token_signers | wc -l)" -eq 1 ] || fail 'more than one process'
daemon_stop
