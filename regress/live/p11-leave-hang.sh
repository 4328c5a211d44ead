# A signer that gives its token up hangs as it leaves, deaf even to SIGALRM: it
# is killed after 10 s, and another one takes its place.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 1' </dev/null
daemon_start
wait_ctl "$SET +0 +ready" signers
old=$(token_signers)

forget_calls
quirk lose-module=1 'C_Finalize=deaf count=1'
client -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub"
wait_call 'C_Finalize deaf'
client sign ecdsa "$K/p256.pub"
WAIT_TRIES=400 wait_log "signer does not leave set=\"$SET\" slot=0 pid=$old"
WAIT_TRIES=200 wait_ctl "$SET +0 +ready" signers
client sign ecdsa-sha256 "$T/hsm/p256.pub"
gone "$old" || fail 'the old process is still there'
daemon_stop
