# What an RSA key cannot do for want of a mechanism is said when it is loaded
# and refused with error 1; all else works.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%01)" </dev/null
pub=$T/hsm/rsa.pub

quirk no-mechanism=CKM_RSA_PKCS_PSS
daemon_start
client -t 10 all "$pub"
wait_log 'key signs PSS by CKM_RSA_X_509 key=rsa'
daemon_stop

quirk no-mechanism=CKM_RSA_X_509
daemon_start
client -t 10 sign pkcs1 "$pub" 2 , sign pss "$pub" 2
client -t 10 -e 1 send 1 256 "$pub" , send 8 256 "$pub"
wait_log 'key does not decrypt key=rsa .*CKM_RSA_X_509'
daemon_stop

quirk no-mechanism=CKM_RSA_X_509 no-mechanism=CKM_RSA_PKCS_PSS
daemon_start
client -t 10 sign pkcs1 "$pub" 2
client -t 10 -e 1 sign pss "$pub" 2
wait_log 'key does not sign PSS key=rsa'
daemon_stop
