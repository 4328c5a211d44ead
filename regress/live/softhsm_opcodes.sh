# Every opcode with every kind of key of a token.  What the token would
# choke on is refused before it.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
config <<END
private_key_stores:
$(token_store "$(token_uri object=rsa)")
$(token_store "$(token_uri object=p256)")
$(token_store "$(token_uri object=p384)")
$(token_store "$(token_uri object=ed25519)")
END
daemon_start
for kind in rsa p256 p384 ed25519; do
	client -d 20 all "$T/hsm/$kind.pub"
done
daemon_stop
