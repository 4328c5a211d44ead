# A token that is not there: its keys fail, and the message names those that
# are there; the others work.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
$(token_store "$(token_uri object=rsa | sed 's/token=[^;]*/token=nowhere/')")
END
daemon_start
contains "$LOG" 'ready keys=1 failed=1'
contains "$LOG" "token=nowhere"
contains "$LOG" "no token .*$TOKEN"
lacks "$LOG" "$PIN"
ctl show keys >"$T/out"
contains "$T/out" 'failed.*token=nowhere'
client sign ecdsa "$K/p256.pub"
daemon_stop
