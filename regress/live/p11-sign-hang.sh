# A module hangs over one request: that one gets its error in time, its process
# is replaced, and nobody else notices.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' <<END
sign_timeout: 1s
END
daemon_start
ask_poison
neighbour_start
before=$(token_signers)

quirk "C_Sign=hang data=$POISON"
client -t 2 -e 1 raw "$(request 15 "$T/hsm/p256.pub" "$POISON")" ||
    fail 'no error within the deadline'
signs p256 20 || fail 'other requests suffer'
called 'C_Sign hang' 1
stuck=$(sed -n 's/ C_Sign hang$//p' "$CALLS")
echo "$before" | grep -qx "$stuck" || fail "it was not a signer: $stuck"
wait_until gone "$stuck" || fail 'the process that hangs is still there'
wait_ctl "^ *[0-9]+ +[0-9]+ +$SET +0 +ready" signers
wait_ctl "^ *[0-9]+ +[0-9]+ +$SET +1 +ready" signers

quirk
ask_poison
neighbour_stop
daemon_stop
