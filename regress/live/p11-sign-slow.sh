# A slow module is waited for as long as sign_timeout, and nobody else is.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' <<END
sign_timeout: 1s
END
daemon_start
wait_ctl "$SET +1 +ready" signers
neighbour_start
before=$(token_signers)

quirk 'C_Sign=slow ms=200'
client -t 3 -d 2 sign ecdsa-sha256 "$T/hsm/p256.pub" 6 || fail 'not in time'
[ "$before" = "$(token_signers)" ] || fail 'processes were replaced'

quirk 'C_Sign=slow ms=10000'
client -t 3 -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub" || fail 'waits too long'
quirk
recovers p256
neighbour_stop
daemon_stop
