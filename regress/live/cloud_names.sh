# The cloud's names are resolved inside the sandbox: by /etc/hosts, and, with
# a root directory of the test's own, by a name server.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

cloud_start p256

# store HOST [LINE]
store() {
	azure_store p256 | sed "s|https://127.0.0.1:$HTTPS|https://$1:$HTTPS|"
	[ -z "${2:-}" ] || echo "  $2"
	azure_secret
}
store localhost | config_stores
daemon_start
sign_one 3
daemon_stop
cloud_quiet

is_root || exit 0

# Nobody else has this address.
address=127.$(($$ / 250 % 250 + 1)).$(($$ % 250 + 1)).53
mkdir -p "$T/root/etc"
echo "nameserver $address" >"$T/root/etc/resolv.conf"
: >"$T/dns.log"
python3 "$TOP/regress/cloud/dns.py" "$address" "$T/dns.log" 2>"$T/dns.err" &
background $!
wait_until grep -q ready "$T/dns.log" ||
    fail "no name server: $(cat "$T/dns.err")"
store tests.vault.azure.net "chroot: $T/root" | config_stores
daemon_start
sign_one 3
contains "$T/dns.log" '^asked tests.vault.azure.net$'
ctl show sandbox >"$T/out"
contains "$T/out" "Azure .* $T/root "
daemon_stop
cloud_quiet
