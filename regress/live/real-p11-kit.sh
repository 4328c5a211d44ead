# A token that p11-kit lends over a socket, with all that its keys can do.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/real.lib.sh"

KIT=$(module_file p11-kit-client.so)
need p11-kit p11-kit
need p11-kit-modules "$KIT"
token_init
kit_start
{
	echo private_key_stores:
	kit_stores rsa p256 p384 ed25519
} | config
daemon_start
# p11-kit passes no CKM_EDDSA on.
contains "$LOG" 'ready keys=3 failed=1'
contains "$LOG" 'key not usable.*object=ed25519.*has no mechanism for it'
for kind in rsa p256 p384; do
	client -t 20 -d 20 all "$T/hsm/$kind.pub"
done
daemon_stop
