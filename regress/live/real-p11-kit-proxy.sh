# A token behind p11-kit-proxy, which a configuration directory of our own
# leads to SoftHSM, and to it alone.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/real.lib.sh"

PROXY=$(module_file p11-kit-proxy.so)
need p11-kit-modules "$PROXY"
if is_root; then
	in_own_names
fi
token_init
# Without the modules that are configured for everyone here.  What the proxy
# leads to is for the store to name.
mkdir -p "$REAL/config/pkcs11/modules"
echo 'user-config: only' >"$REAL/config/pkcs11/pkcs11.conf"
echo "module: $MODULE" >"$REAL/config/pkcs11/modules/regress.module"
if is_root; then
	mount --bind "$REAL/config/pkcs11/modules" /usr/share/p11-kit/modules
	[ ! -d /etc/pkcs11 ] || mount -t tmpfs tmpfs /etc/pkcs11
fi
{
	echo private_key_stores:
	for kind in rsa p256 p384 ed25519; do
		cat <<-END
			- uri: '$(token_uri "object=$kind" "$PIN" "$PROXY")'
			  signers: 2
			  environment:
			    XDG_CONFIG_HOME: $REAL/config
			    SOFTHSM2_CONF: $T/hsm/softhsm2.conf
			  paths: ["$T/hsm:rw"]
		END
	done
} | config
daemon_start
contains "$LOG" 'ready keys=4 failed=0'
wait_ctl "$SET +1 +ready" signers
for pid in $(signers); do
	if grep -Eq 'opensc-pkcs11|libtpm2_pkcs11' "/proc/$pid/maps"; then
		fail "signer $pid has modules that it was not told of"
	fi
done
for kind in rsa p256 p384 ed25519; do
	client -t 20 -d 20 all "$T/hsm/$kind.pub"
done
daemon_stop
