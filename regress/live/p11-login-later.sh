# A token that loses its login and then refuses the PIN is asked once by each
# process that was logged in, and never again.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02 max-sessions=1)" </dev/null
daemon_start
neighbour_start

forget_calls
quirk lose-login=1 C_Login=CKR_PIN_INCORRECT
client -t 10 -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub" || fail 'not error 1'
wait_ctl "$SET +0 +failed" signers
client -t 10 -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub" 5 || fail 'not error 1'
neighbour_stop
daemon_stop
called 'C_Login ' 1
