# A token signs ECDSA; r and s come as DER, the hash is truncated.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
config <<END
private_key_stores:
$(token_store "$(token_uri object=p256)")
$(token_store "$(token_uri object=p384)")
END
daemon_start
# Often, because a short r or s is rare.
client -d 20 sign ecdsa "$T/hsm/p256.pub" 50
client -d 20 sign ecdsa "$T/hsm/p384.pub" 50
daemon_stop
