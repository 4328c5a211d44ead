# A signer of a token leaves no memory behind when the daemon stops, and does
# nothing wrong with any before.  What SoftHSM itself leaves is named below.
# run-as: user
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/valgrind.lib.sh"

token_init
config <<END
start_timeout: 5m
sign_timeout: 1m
private_key_stores:
$(token_store "$(token_uri object=rsa)")
  signers: 2
$(token_store "$(token_uri object=p256)")
$(token_store "$(token_uri object=ed25519)")
$(token_store "$(token_uri object=nothing)")
END
valgrind_signers "$TOP/regress/live/softhsm.supp"
daemon_start
for kind in rsa p256 ed25519; do
	client -d 8 all "$T/hsm/$kind.pub"
done
daemon_stop
valgrind_clean 2
