# Where the configuration named no socket and no pid file at the start, a reload
# can make none: the socket is refused, the pid file stays where it is.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
mkdir "$T/run" "$T/other"
ln -s run/control.sock "$T/control.sock"
config <<END
private_key_stores:
- file: $T/a.key
END
sed -i -e "s|$T/control.sock|$T/run/control.sock|" \
    -e "s|$T/keylessd.pid|$T/run/keylessd.pid|" "$CONF"
cp "$CONF" "$T/good.conf"
daemon_start
ctl -j show sandbox >"$T/json"
grep -q '"process":"parent"[^}]*"landlock":[1-9]' "$T/json" ||
    skip 'no Landlock in this kernel'

sed -i "s|$T/run/keylessd.pid|$T/other/keylessd.pid|" "$CONF"
reload_ok '^reloaded: .*need a restart: pid_file$'
[ "$(cat "$T/run/keylessd.pid")" = "$DAEMON" ] || fail 'no pid file any more'
[ ! -e "$T/other/keylessd.pid" ] || fail 'a pid file that nobody removes'

sed -i "s|$T/run/control.sock|$T/other/control.sock|" "$CONF"
refuse ctl reload >"$T/out" 2>&1
contains "$T/out" "nothing changed: .*cannot open socket .*Permission denied"
[ ! -e "$T/other/control.sock" ] || fail 'a socket that nobody serves'
ctl show keys >"$T/out"

cp "$T/good.conf" "$CONF"
reload_ok '^reloaded: .* 0 failed$'
client sign ecdsa "$K/p256.pub"
daemon_stop
[ ! -e "$T/run/keylessd.pid" ] || fail 'the pid file is left behind'
