# Keys of a token by id, by label, and by both.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
config <<END
private_key_stores:
$(token_store "$(token_uri id=%01)")
$(token_store "$(token_uri object=p256)")
$(token_store "$(token_uri 'id=%03;object=p384;type=private')")
$(token_store "$(token_uri 'id=%02;object=p384')")
END
daemon_start
client sign pss "$T/hsm/rsa.pub"
client sign ecdsa "$T/hsm/p256.pub"
client sign ecdsa "$T/hsm/p384.pub"
# Right id, wrong label: no such key.
contains "$LOG" 'ready keys=3 failed=1'
ctl show keys >"$T/out"
contains "$T/out" 'failed.*object=p384'
daemon_stop
