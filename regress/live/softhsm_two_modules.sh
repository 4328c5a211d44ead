# Two PKCS#11 modules at once: a copy of the library under another name,
# with other tokens.  A module of its own means processes of its own.
# run-as: root
. "$(dirname "$0")/lib.sh"

token_init
hsm=$T/second
mkdir -p "$hsm/tokens"
hsm_conf "$hsm"
SOFTHSM2_CONF=$hsm/softhsm2.conf softhsm2-util --init-token --free \
    --label "$TOKEN" --so-pin "$SO_PIN" --pin "$PIN" >"$T/util.log"
p11_key "$hsm" 07 other EC:prime256v1
token_owner "$hsm"
cp "$MODULE" "$T/libsecond.so"
config <<END
private_key_stores:
$(token_store "$(token_uri object=p256)")
  signers: 2
$(token_store "$(token_uri id=%07 "$PIN" "$T/libsecond.so")" second)
  paths: ["$T/second:rw"]
  signers: 2
END
daemon_start
contains "$LOG" 'ready keys=2 failed=0'
client -d 20 sign ecdsa "$T/hsm/p256.pub" 10 , sign ecdsa "$hsm/other.pub" 10

first=0
second=0
for pid in $(signers); do
	maps=$(cat "/proc/$pid/maps")
	case $maps in
	*"$MODULE"*libsecond.so*|*libsecond.so*"$MODULE"*)
		fail "signer $pid has both modules" ;;
	*libsecond.so*)	second=$((second + 1)) ;;
	*libsofthsm2.so*) first=$((first + 1)) ;;
	esac
done
[ "$first" -eq 2 ] && [ "$second" -eq 2 ] ||
    fail "signers of the modules: $first and $second, expected 2 and 2"

# One module's processes die: the other's keys go on.
for pid in $(signers); do
	if grep -q libsecond.so "/proc/$pid/maps"; then
		kill -STOP "$pid"
	fi
done
client sign ecdsa "$T/hsm/p256.pub" 10
for pid in $(signers); do
	kill -CONT "$pid"
done
daemon_stop
