# A signer says that the PIN is wrong and ends, while the parent is busy and
# then hears of the end of another one first: nobody tries that PIN again.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
(umask 077; printf '%s\n' "$PIN" >"$T/pin")
uri=$(quirk_uri id=%02)
quirk_config "${uri%&pin-value=*}" 'signers: 2' "pin_file: $T/pin" </dev/null
daemon_start
wait_ctl "$SET +1 +ready" signers

# The process that replaces this one has the wrong PIN, and takes its time.
printf 'wrong-1\n' >"$T/pin"
quirk 'C_Login=slow ms=1500 once'
forget_calls
victim=$(token_signers | head -n 1)
kill -KILL "$victim"
wait_call 'C_Login slow'
loser=$(sed -n 's/ C_Login slow.*//p' "$CALLS")

# Meanwhile a reload, which in the end comes to nothing, waits for the launcher;
# and another signer has died at the same moment.
config <<END
private_key_stores:
- file: $T/file.key
- file: $T/none.key
  required: yes
END
launcher=$(launcher)
for pid in $(signers); do
	token_signers | grep -qx "$pid" || other=$pid
done
kill -STOP "$launcher" "$DAEMON"
kill -KILL "$other"
wait_until gone "$other" || fail "process $other stays"
kill -HUP "$DAEMON"
kill -CONT "$DAEMON"
wait_call 'C_Login CKR_PIN_INCORRECT'
wait_until gone "$loser" || fail "process $loser stays"
kill -CONT "$launcher"

wait_log 'reload failed, nothing changed: '
wait_log "store gets no new processes set=\"$SET\".*CKR_PIN_INCORRECT"
called 'C_Login CKR_PIN_INCORRECT' 1
signs p256 5
daemon_stop
