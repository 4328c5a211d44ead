# The module that misbehaves for the other tests does so.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
if is_root; then
	chown -R 0 "$T/hsm/tokens"
fi
SOFTHSM2_CONF=$T/hsm/softhsm2.conf
QUIRK_MODULE=$MODULE
QUIRK_CONTROL=$QUIRKS
QUIRK_LOG=$CALLS
export SOFTHSM2_CONF QUIRK_MODULE QUIRK_CONTROL QUIRK_LOG
hash=5500112233445566778899aabbccddee5500112233445566778899aabbccddee
sign=sign=CKM_ECDSA:$hash
login=login=$PIN
one=$(printf '%0510d01' 0)	# an RSA block

drive() {
	timeout -s KILL 20 "$TOP/regress/module/drive" "$QUIRK_SO" "$@"
}

# check QUIRKS WORDS REGEX ...: the driver's output has these lines; QUIRKS are
# separated by semicolons
check() {
	checked="$1: $2"
	quirk "$(echo "$1" | tr ';' '\n')"
	forget_calls
	status=0
	# shellcheck disable=SC2086
	drive $2 >"$T/out" 2>&1 || status=$?
	echo "status=$status" >>"$T/out"
	sed 's/^[0-9]* /called /' "$CALLS" >>"$T/out"
	shift 2
	for regex; do
		contains "$T/out" "$regex" || fail "$checked"
	done
}

# hangs FUNCTION FAULT SIGNAL: it hangs in there until the signal ends it
hangs() {
	quirk "$1=$2"
	forget_calls
	# shellcheck disable=SC2086
	"$TOP/regress/module/drive" "$QUIRK_SO" $p256 "$sign" finalize \
	    >"$T/out" &
	background $!
	wait_call " $1 $2\$"
	kill "-$3" $!
	wait_until gone $! || fail "$2: not ended by $3"
}

start='init slots open'
p256="$start $login id=02"
rsa="$start $login id=01"
again="$login id=02 $sign"

# no quirks
check '' "$p256 $sign" '^sign init=CKR_OK len=64 .. CKR_OK' \
    '^called C_Initialize CKR_OK' '^called C_OpenSession CKR_OK' \
    '^called C_Login CKR_OK user=0x1$' '^status=0'

# faults
for f in C_Initialize C_GetSlotList C_OpenSession C_Login C_FindObjectsInit \
    C_SignInit C_Sign C_Finalize; do
	hangs "$f" hang TERM
done
hangs C_Sign deaf KILL
for f in C_Initialize:init C_GetSlotList:slots C_OpenSession:open \
    C_Login:login C_FindObjectsInit:id C_SignInit:sign C_Sign:sign; do
	check "${f%:*}=CKR_DEVICE_ERROR" "$p256 $sign" \
	    "^${f#*:}.* CKR_DEVICE_ERROR" "called ${f%:*} CKR_DEVICE_ERROR"
done
check 'C_Sign=crash' "$p256 $sign" 'status=139'
check 'C_Sign=abort' "$p256 $sign" 'status=134'
check 'C_Sign=exit' "$p256 $sign finalize" 'sign init=CKR_OKstatus=0$'
check 'C_Sign=exit status=3' "$p256 $sign" 'status=3'
check 'C_Sign=crash data=ddee55' "$p256 $sign" 'status=139'
check 'C_Sign=crash data=ddee56' "$p256 $sign" 'status=0' 'len=64'
check 'C_Sign=crash pid=1' "$p256 $sign" 'status=0' 'len=64'
check 'C_Sign=slow ms=100;C_Sign=0x30' "$p256 $sign" 'C_Sign slow' \
    'sign.* CKR_DEVICE_ERROR'
check 'C_Sign=pass once;C_Sign=0x30' "$p256 $sign $sign" 'len=64' \
    'sign.* CKR_DEVICE_ERROR'
check 'C_Sign=thread' "$p256 $sign $sign" 'len=64' 'C_Sign thread' 'status=0'
check 'C_Sign=CKR_DEVICE_ERROR once' "$p256 $sign $sign" 'len=64'
contains "$QUIRKS" 'used'
check 'C_Sign=CKR_DEVICE_ERROR count=10' "$p256 $sign $sign"
contains "$QUIRKS" 'count=08'
check 'C_Sign=CKR_BOGUS' "$p256 $sign" 'status=134' 'unknown name'
check 'C_Sign=hang sometimes' init 'status=134' 'unknown option'

# losses
check '' "$p256 control=lose-sessions=1 $sign control= open $again" \
    'sign init=CKR_SESSION_HANDLE_INVALID' 'len=64'
check '' "$p256 control=lose-login=1 $sign $login $sign id=02 $sign" \
    'sign init=CKR_USER_NOT_LOGGED_IN' 'CKR_OBJECT_HANDLE_INVALID' 'len=64'
check '' "$p256 control=lose-objects=1 $sign attr=CKA_ID id=02 $sign" \
    'sign init=CKR_KEY_HANDLE_INVALID' 'attr CKR_OBJECT_HANDLE_INVALID' \
    'len=64'
check '' "$p256 control=lose-module=1 $sign control= slots finalize
    $start $again" 'sign init=CKR_CRYPTOKI_NOT_INITIALIZED' \
    'slots CKR_CRYPTOKI_NOT_INITIALIZED' 'len=64'
check '' "$p256 control=token-absent slots token open $sign control= $sign
    slots open $again" 'slots n=0 ' 'token CKR_TOKEN_NOT_PRESENT' \
    'open CKR_TOKEN_NOT_PRESENT' 'sign init=CKR_DEVICE_REMOVED' \
    'sign init=CKR_SESSION_HANDLE_INVALID' 'len=64'

# the token
check 'max-sessions=1' "$start token open close open" 'sessions=1 max=1' \
    '^open CKR_SESSION_COUNT' '^close CKR_OK'
check 'max-sessions=none;sessions=none' "$start token" 'sessions=-1 max=-1'
check 'max-sessions=0;sessions=7' "$start token open" 'sessions=7 max=0'
check 'key-sizes=none' "$start mechanism=CKM_ECDSA" 'max=-1 CKR_OK'
check 'no-mechanism=CKM_RSA_PKCS_PSS;no-mechanism=CKM_RSA_X_509' \
    "$rsa mechanism=CKM_RSA_PKCS_PSS mechanism=CKM_RSA_PKCS
    decrypt=CKM_RSA_X_509:$one" 'listed=0 same=1 CKR_MECHANISM_INVALID' \
    'listed=1 same=1 .*CKR_OK' 'decrypt init=CKR_MECHANISM_INVALID'
check 'rw-only=CKR_TOKEN_WRITE_PROTECTED' "$start open=rw" \
    '^open CKR_TOKEN_WRITE_PROTECTED' '^open CKR_OK'
check 'user-type=0x80000001' "$start $login $login@0x80000001" \
    'login CKR_USER_TYPE_INVALID' 'login CKR_OK'
check 'already-logged-in' "$p256 $sign" 'CKR_USER_ALREADY_LOGGED_IN' 'len=64'
check 'pin=count-low' "$start token $login" 'pin=1 ' 'login CKR_OK'
check 'pin=final-try' "$start token $login" 'pin=2 ' 'login CKR_OK'
check 'pin=locked' "$start token $login" 'pin=4 ' 'login CKR_PIN_LOCKED'
check 'pin=expired' "$start token $login" 'pin=8 ' 'login CKR_PIN_EXPIRED'
check 'pin=change' "$start token $login" 'pin=8 ' 'login CKR_OK'
check 'pin=not-initialised' "$start token $login" \
    'login CKR_USER_PIN_NOT_INITIALIZED'
check 'nul-texts' "$start token" 'pad=0 '

# objects
public="$start $login public=02 attr=CKA_EC_POINT attr=CKA_EC_PARAMS"
check 'ec-point=raw' "$public" 'attr 04[0-9a-f]{128} '
check 'ec-point=bit-string' "$public" 'attr 03420004[0-9a-f]{128} '
check 'ec-params=P-256' "$public" 'attr 1305502d323536 '
check 'ed-params=hex:06032b6570' "$start $login public=04 attr=CKA_EC_PARAMS" \
    'attr 06032b6570 '
check 'no-public' "$start $login public=02 id=02" 'public n=0' 'id n=1'
check 'hide=CKA_ID' "$start $login id=02 label=p256 attr=CKA_ID" 'id n=0' \
    'label n=1' 'attr CKR_ATTRIBUTE_TYPE_INVALID'
check 'pad-label=blank' "$start $login label=p256 id=02 attr=CKA_LABEL" \
    'label n=0' 'attr 70323536(20){28} '
check 'pad-label=nul' "$p256 attr=CKA_LABEL" 'attr 70323536(00){28} '
check 'duplicate-id' "$start $login label=p256 id=02 attr=CKA_LABEL $sign" \
    'label n=1' 'id n=2' 'attr 70323536 703235362d636f7079 ' 'len=64'

# operations
check 'always-authenticate' "$p256 attr=CKA_ALWAYS_AUTHENTICATE
    pin-$(echo "$sign" | sed "s/=/=$PIN:/") $sign
    pin-$(echo "$sign" | sed 's/=/=wrong:/')" 'attr 01 ' \
    'pin-sign .* login=CKR_OK len=64' '^sign .*CKR_USER_NOT_LOGGED_IN' \
    'login=CKR_PIN_INCORRECT CKR_USER_NOT_LOGGED_IN'
check 'ecdsa=zero-r' "$p256 $sign" 'len=64 00 CKR_OK'
check 'ecdsa=zero-s' "$p256 $sign" 'len=64 .. CKR_OK'
check 'ecdsa=strip-r' "$p256 $sign" 'len=63 .. CKR_OK'
check 'ecdsa=strip-s' "$p256 $sign" 'len=63 .. CKR_OK'
check '' "$rsa decrypt=CKM_RSA_X_509:$one" 'len=256 00 CKR_OK'
check 'rsa=strip' "$rsa decrypt=CKM_RSA_X_509:$one" 'len=1 01 CKR_OK'

# sessions of several processes count together
quirk 'max-sessions=1'
mkfifo "$T/fifo"
drive init slots open wait <"$T/fifo" >"$T/first" &
first=$!
exec 9>"$T/fifo"
wait_until grep -q '^open CKR_OK' "$T/first" || fail 'no first session'
drive init slots token open 9>&- >"$T/out"
contains "$T/out" 'sessions=1 max=1'
contains "$T/out" '^open CKR_SESSION_COUNT'
exec 9>&-
wait "$first"
drive init slots open >"$T/out"
contains "$T/out" '^open CKR_OK'
