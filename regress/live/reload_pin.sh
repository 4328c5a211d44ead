# The PIN of a token was changed: the processes that are logged in go on, and a
# reload reads the PIN file again.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
(umask 077; printf '%s\n' "$PIN" >"$T/pin")
uri=$(quirk_uri id=%02)
quirk_config "${uri%&pin-value=*}" "pin_file: $T/pin" </dev/null
daemon_start
signs p256 5 || fail 'no signature at first'

# The new PIN is in the file, but the token still wants the old one.
(umask 077; printf 'wrong-1\n' >"$T/pin")
forget_calls
ctl reload >"$T/out"
contains "$T/out" '^reloaded: 0 keys added, 1 removed, 1 kept, 1 failed$'
called 'C_Login CKR_PIN_INCORRECT' 1
client -e 2 sign ecdsa-sha256 "$T/hsm/p256.pub"
client sign ecdsa "$K/p256.pub"

(umask 077; printf '%s\n' "$PIN" >"$T/pin")
forget_calls
ctl reload >"$T/out"
contains "$T/out" '^reloaded: 1 keys added, 0 removed, 1 kept, 0 failed$'
signs p256 5 || fail 'no signature with the right PIN again'
ctl show tokens >"$T/out"
contains "$T/out" "^TOKEN .*SERIAL .*SESSIONS .*LOGINS"
contains "$T/out" "^$TOKEN +[0-9a-f]+ +SoftHSM project .* $QUIRK_SO"
ctl -j show tokens >"$T/out"
python3 -m json.tool "$T/out" >"$T/json"
contains "$T/json" '"mechanisms": "CKM_ECDSA"'
contains "$T/json" '"logins": [12]'
daemon_stop
