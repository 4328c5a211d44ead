# A store's `chroot': the module finds its files below it, under the names
# that they have there, and sees nothing else; its library is loaded from
# outside, by the signers' user.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/captured.lib.sh"

captured_init
token_init
mkdir -p "$T/jail/etc" "$T/jail/tokens"
cp -R "$T/hsm/tokens/." "$T/jail/tokens"
chown -R "$SIGNER_USER" "$T/jail/tokens"
sed 's|^directories.tokendir.*|directories.tokendir = /tokens|' \
    "$T/hsm/softhsm2.conf" >"$T/jail/etc/softhsm2.conf"
config <<END
private_key_stores:
- uri: $(token_uri object=p256)
  chroot: $T/jail
  signers: 2
  environment:
    SOFTHSM2_CONF: /etc/softhsm2.conf
END
daemon_start
client sign ecdsa "$T/hsm/p256.pub" 10
for pid in $(signers); do
	[ -e "/proc/$pid/root/etc/softhsm2.conf" ] ||
	    fail "root of $pid: $(ls "/proc/$pid/root")"
	[ ! -e "/proc/$pid/root/usr" ] ||
	    fail "root of $pid: $(ls "/proc/$pid/root")"
done
ctl show sandbox >"$T/out"
contains "$T/out" "^token .* $T/jail +seccomp "
allowed token_processes open-read 'path /etc/softhsm2.conf'
captured token_processes open-read "path $MODULE"
lacks "$T/part" 'SUCCEEDED|unknown'
captured token_processes open-read "path /../../../../..$CONF"
lacks "$T/part" 'SUCCEEDED|unknown'
refused token_processes execute 'path /bin/echo'
wait_until client sign ecdsa "$T/hsm/p256.pub" 10 || fail 'no signatures'
daemon_stop
