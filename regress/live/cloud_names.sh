# The cloud's names are resolved inside the sandbox, by a name server: with
# the system's resolv.conf in the signer's own root, and with a root directory
# that the store names.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

unshare -m true 2>/dev/null || skip 'no mount name spaces'
[ -f /etc/resolv.conf ] || skip 'no /etc/resolv.conf'
cloud_start p256

# Nobody else has this address.
address=127.$(($$ / 250 % 250 + 1)).$(($$ % 250 + 1)).53
mkdir -p "$T/root/etc"
echo "nameserver $address" >"$T/root/etc/resolv.conf"
chmod -R a+rX "$T/root"
: >"$T/dns.log"
python3 "$TOP/regress/cloud/dns.py" "$address" "$T/dns.log" 2>"$T/dns.err" &
background $!
wait_until grep -q ready "$T/dns.log" ||
    fail "no name server: $(cat "$T/dns.err")"

# named HOST [LINE]: a key is there under that name, and signs
named() {
	{
		azure_store p256 |
		    sed "s|https://127.0.0.1:$HTTPS|https://$1:$HTTPS|"
		[ -z "${2:-}" ] || echo "  $2"
		azure_secret
	} | config_stores
	daemon_start
	sign_one 3
	contains "$T/dns.log" "^asked $1\$"
	ctl show sandbox >"$T/out"
	daemon_stop
	cloud_quiet
}

named one.vault.azure.net "chroot: $T/root"
contains "$T/out" "Azure .* $T/root "

# The same file in the place of the system's, for this keylessd alone.
cat >"$T/keylessd" <<-WRAPPER
	#!/bin/sh
	exec unshare -m --propagation private sh -c \\
	    'mount --bind "\$0" /etc/resolv.conf && exec "\$@"' \\
	    "$T/root/etc/resolv.conf" "$KEYLESSD" "\$@"
WRAPPER
chmod 755 "$T/keylessd"
# shellcheck disable=SC2034
KEYLESSD=$T/keylessd
named two.vault.azure.net
contains "$T/out" 'Azure .* private '
