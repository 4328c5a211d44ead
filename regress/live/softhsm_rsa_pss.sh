# A token signs PSS with a salt as long as the hash.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
config <<END
private_key_stores:
$(token_store "$(token_uri object=rsa)")
END
daemon_start
client -d 10 sign pss "$T/hsm/rsa.pub" 5
daemon_stop
