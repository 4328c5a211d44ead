# What a reload cannot change is named, and the rest is taken over; control
# socket and pid file move.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
put_key p384 pkcs8-pem "$T/b.key"
mkdir "$T/other"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
front=$(frontend)
sed -i -e '/^chroot: /d' -e "s|$T/a.key|$T/b.key|" "$CONF"
echo "chroot: $T/other" >>"$CONF"
reload_ok '^reloaded: 1 keys added, 1 removed, .*need a restart: chroot$'
client sign ecdsa "$K/p384.pub"
sed -i '/^user: /d' "$CONF"
echo 'user: nobody' >>"$CONF"
reload_ok '^reloaded: .*need a restart:.* user'
if is_root; then
	[ "$(stat -c %U "/proc/$front/root/")" = root ] || fail 'no root'
	# The link shows the root of its mount name space.
	[ "$(stat -Lc %d:%i "/proc/$front/root")" = \
	    "$(stat -Lc %d:%i "$T/empty")" ] ||
	    fail 'the root directory has changed'
fi
[ "$(frontend)" = "$front" ] || fail 'another frontend'

sed -i -e "s|/control.sock|/moved.sock|" -e "s|/keylessd.pid|/moved.pid|" \
    "$CONF"
reload_ok '^reloaded: '
[ ! -e "$T/control.sock" ] || fail 'the old control socket is left behind'
[ ! -e "$T/keylessd.pid" ] || fail 'the old pid file is left behind'
[ "$(cat "$T/moved.pid")" = "$DAEMON" ] || fail 'the new pid file is wrong'
"$KEYLESSCTL" -s "$T/moved.sock" show keys >"$T/out"
contains "$T/out" '^ready '

# Where nothing can be: the old ones stay.
sed -i "s|/moved.sock|/none/a.sock|" "$CONF"
status=0
"$KEYLESSCTL" -s "$T/moved.sock" reload >"$T/out" 2>&1 || status=$?
[ "$status" -eq 1 ] || fail "exit status $status"
contains "$T/out" 'nothing changed: .*cannot open socket'
"$KEYLESSCTL" -s "$T/moved.sock" show keys >"$T/out"
client sign ecdsa "$K/p384.pub"
daemon_stop
[ ! -e "$T/moved.sock" ] || fail 'the control socket is left behind'
[ ! -e "$T/moved.pid" ] || fail 'the pid file is left behind'
