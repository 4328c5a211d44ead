# A token does raw RSA and leaves the padding alone.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
config <<END
private_key_stores:
$(token_store "$(token_uri object=rsa)")
END
daemon_start
client -d 10 decrypt "$T/hsm/rsa.pub" 5
daemon_stop
