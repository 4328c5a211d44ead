# A token signs with Ed25519.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
config <<END
private_key_stores:
$(token_store "$(token_uri object=ed25519)")
END
daemon_start
client -d 10 sign ed25519 "$T/hsm/ed25519.pub" 20
daemon_stop
