# dist/openbsd/keylessd.rc, with an rc.subr of our own in place of OpenBSD's:
# it can be parsed, checks a configuration, and a reload asks the daemon whose
# configuration its flags name, and fails if that one does.
# run-as: any
. "$(dirname "$0")/lib.sh"

sh -n "$TOP/dist/openbsd/keylessd.rc" || fail 'sh cannot parse it'
need_programs
mkdir "$T/sbin"
ln -s "$KEYLESSD" "$T/sbin/keylessd"
ln -s "$KEYLESSCTL" "$T/sbin/keylessctl"
cat >"$T/rc.subr" <<'END'
[ -n "${daemon}" ] && [ -z "${daemon_user-}" ] || exit 3
daemon_flags=$FLAGS
rc_cmd() {
	"rc_$1"
}
END
sed -e "s|/etc/rc.d/rc.subr|$T/rc.subr|" -e "s|/usr/local/sbin|$T/sbin|" \
    "$TOP/dist/openbsd/keylessd.rc" >"$T/rc"
contains "$T/rc" "^daemon=\"$T/sbin/keylessd\"\$"
contains "$T/rc" "^\. $T/rc.subr\$"
FLAGS="-v -f $CONF -s $SIGNER"
export FLAGS

put_key p256 pkcs8-pem "$T/a.key"
printf 'private_key_stores:\n- file: %s\n' "$T/a.key" | config
sh "$T/rc" configtest >"$T/out" 2>&1 || fail "configtest: $(cat "$T/out")"
contains "$T/out" 'good=1 bad=0'
daemon_start
put_key p384 pkcs8-pem "$T/b.key"
printf -- '- file: %s\n' "$T/b.key" >>"$CONF"
sh "$T/rc" reload >"$T/out" 2>&1 || fail "reload: $(cat "$T/out")"
contains "$T/out" '^reloaded: 1 keys added'
echo 'prot: 1' >>"$CONF"
refuse sh "$T/rc" reload >"$T/out" 2>&1
refuse sh "$T/rc" configtest >"$T/out" 2>&1
contains "$T/out" 'unknown key prot'
daemon_stop
