# A key is deleted from the token under way and the processes are replaced:
# that key fails, the others of the token are served.
# run-as: both
. "$(dirname "$0")/lib.sh"

token_init
config <<END
private_key_stores:
$(token_store "$(token_uri object=p256)")
$(token_store "$(token_uri object=p384)")
END
daemon_start
client sign ecdsa "$T/hsm/p256.pub" , sign ecdsa "$T/hsm/p384.pub"
full() {
	[ "$(ctl show signers | grep -c ' ready ')" -eq 2 ]
}
wait_until full || fail 'two signers never came up'

SOFTHSM2_CONF=$T/hsm/softhsm2.conf pkcs11-tool --module "$(softhsm_module)" \
    --token-label "$TOKEN" --login --pin "$PIN" --delete-object \
    --type privkey --label p384 >"$T/out" 2>&1
if is_root; then
	token_owner "$T/hsm"
fi
for victim in $(signers); do
	kill -KILL "$victim"
	wait_until gone "$victim" || fail "signer $victim does not die"
done
WAIT_TRIES=400 wait_until full || fail 'no replacements'
wait_log 'key missing set='
client sign ecdsa "$T/hsm/p256.pub" 20
client -e 1 sign ecdsa-sha256 "$T/hsm/p384.pub"
daemon_stop
