# A login that the token refuses is not tried again, by no process, and its
# requests do not either: a token counts wrong PINs.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

# refused REASON LOGINS: the daemon starts without the token's key
refused() {
	forget_calls
	daemon_start
	log_has "store not usable set=\"$SET\" reason=\".*$1" ||
	    fail "not logged: $1"
	wait_ctl "^failed .*$1" keys
	wait_ctl "$SET +2 +failed" signers
	client -t 1 sign ecdsa-sha256 "$K/p256.pub" 10 ||
	    fail "$1: the key in the file is not served"
	client -t 1 -e 2 sign ecdsa-sha256 "$T/hsm/p256.pub" 10 || fail "$1"
	daemon_stop
	called 'C_Login ' "$2"
}

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 3' </dev/null
sed "s/pin-value=$PIN/pin-value=wrong/" "$CONF" >"$T/wrong"
cat "$CONF" >"$T/right"

cat "$T/wrong" >"$CONF"
refused CKR_PIN_INCORRECT 1

cat "$T/right" >"$CONF"
quirk pin=locked
refused CKR_PIN_LOCKED 1
quirk pin=expired
refused CKR_PIN_EXPIRED 1
quirk pin=not-initialised
refused CKR_USER_PIN_NOT_INITIALIZED 1
quirk pin=final-try
refused CKF_USER_PIN_FINAL_TRY 0
quirk user-type=0x80000001
refused CKR_USER_TYPE_INVALID 1
