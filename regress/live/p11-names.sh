# Keys are found by id and by label on tokens that pad labels, show no ids,
# no labels, or a second key with the same id.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init

works '' both rsa p256 p384 ed25519
works hide=CKA_LABEL id rsa p256 p384 ed25519
for quirks in hide=CKA_ID pad-label=blank pad-label=nul \
    'pad-label=nul;hide=CKA_ID' duplicate-id; do
	works "$quirks" object rsa p256 p384 ed25519
done
works duplicate-id both rsa p256
works nul-texts id rsa
