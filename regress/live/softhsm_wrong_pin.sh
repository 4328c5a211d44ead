# A wrong PIN is sent to the token once, not again by the next process nor
# later, and what else there is works.
# run-as: any
. "$(dirname "$0")/lib.sh"

spy=$(ls /usr/lib/*/pkcs11-spy.so /usr/lib/pkcs11-spy.so 2>/dev/null |
    head -n 1)
[ -n "$spy" ] || skip 'pkcs11-spy.so is not installed (package opensc-pkcs11)'
token_init
put_key p256 pkcs8-pem "$T/a.key"
: >"$T/spy.log"
if is_root; then
	chown "$SIGNER_USER" "$T/spy.log"
fi
uri=$(token_uri object=rsa "not-$PIN")
config <<END
private_key_stores:
- file: $T/a.key
- uri: $(echo "$uri" | sed "s|$MODULE|$spy|")
  signers: 3
  paths: ["$T/spy.log:rw", "$T/hsm:rw"]
  environment:
    SOFTHSM2_CONF: $T/hsm/softhsm2.conf
    PKCS11SPY: $MODULE
    PKCS11SPY_OUTPUT: $T/spy.log
END
daemon_start
contains "$LOG" 'ready keys=1 failed=1'
client sign ecdsa "$K/p256.pub"
ctl show keys >"$T/out"
contains "$T/out" 'failed.*object=rsa.*CKR_PIN_INCORRECT'

# The spy, which wrote down every call, saw one.
contains "$T/spy.log" 'C_Login'
logins=$(grep -c ': C_Login' "$T/spy.log")
[ "$logins" -eq 1 ] || fail "the token saw $logins logins, expected 1"
lines=$(grep -c CKR_PIN_INCORRECT "$LOG")
[ "$lines" -le 2 ] || fail "$lines lines of the log are about one wrong PIN"
contains "$LOG" "CKR_PIN_INCORRECT"
contains "$LOG" "$TOKEN"
lacks "$LOG" "$PIN"
daemon_stop

# The right PIN still opens the token.
config <<END
private_key_stores:
$(token_store "$(token_uri object=rsa)")
END
daemon_start
client sign pss "$T/hsm/rsa.pub"
daemon_stop
