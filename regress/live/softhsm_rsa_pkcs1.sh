# A token signs PKCS#1 v1.5.
# run-as: both
. "$(dirname "$0")/lib.sh"

token_init
config <<END
private_key_stores:
$(token_store "$(token_uri object=rsa)")
END
daemon_start
client -d 10 sign pkcs1 "$T/hsm/rsa.pub" 5
daemon_stop
