# Modules that leave things out, pad what they should not, or give numbers that
# mean nothing.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init

for quirk in C_GetMechanismList C_GetMechanismInfo; do
	works $quirk=CKR_FUNCTION_NOT_SUPPORTED id rsa p256 p384 ed25519
done
works 'C_Initialize=CKR_CANT_LOCK once' id rsa
works rsa=strip id rsa
for quirk in ecdsa=zero-r ecdsa=zero-s; do
	works "$quirk" id p256 p384
done
for quirks in 'max-sessions=0;sessions=none' 'max-sessions=none;sessions=0' \
    key-sizes=0 key-sizes=none; do
	works "$quirks" id rsa
done
