# Tokens with keys that ask for the PIN at each use, and with other ideas of
# what a login is.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init

for quirk in always-authenticate hide=CKA_ALWAYS_AUTHENTICATE; do
	works "$quirk" id rsa p256 p384 ed25519
done
for quirk in already-logged-in pin=change pin=count-low; do
	works "$quirk" id rsa
done
