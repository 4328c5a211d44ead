# The daemon starts while a token is away or its module fails, serves the key
# in the file, and the token's when it is back.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" </dev/null

for quirk in token-absent C_Initialize=CKR_GENERAL_ERROR \
    C_GetSlotList=CKR_DEVICE_ERROR C_OpenSession=CKR_DEVICE_REMOVED \
    C_Login=CKR_DEVICE_ERROR; do
	quirk "$quirk"
	daemon_start
	wait_ctl '^(failed|lost) .*(CKR_|token)' keys
	client -t 1 sign ecdsa-sha256 "$K/p256.pub" 10 ||
	    fail "$quirk: the key in the file is not served"
	quirk
	recovers p256
	wait_ctl '^ready .*p256' keys
	daemon_stop
done
