# keyless(7): its commands, one after another, do what the page says.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/man.lib.sh"

[ -f /usr/lib/softhsm/libsofthsm2.so ] || skip 'softhsm2 is missing (make deps)'
command -v ip >"$T/which" || skip 'iproute2 is missing (make deps)'
own_machine
# Nothing is there yet, users included; this /etc is the test's own.
mountpoint -q /etc || fail 'not in a machine of its own'
sed -i '/^_key/d' /etc/passwd /etc/group /etc/shadow /etc/gshadow
rm -f /etc/keylessd.conf
rm -rf /etc/keyless
examples "$TOP/man/keyless.7"

# All of it is one script, since one shell runs all the page's commands.
cat >"$T/walk" <<'END'
set -u
example_failed() {
	echo "FAILED: $2"
	cat "$OUT/$1"
	exit 1
}
END
sites() {
	cat <<-'END'
		{ openssl req -x509 -new -key keys/www.example.com.key \
		    -subj /CN=www.example.com -out site.pem
		} >"$OUT/site" 2>&1 || example_failed site 'site.pem'
	END
}
n=1
for kind in "$T/examples"/*.kind; do
	text=${kind%.kind}
	read -r what file <"$kind"
	case $what in
	session)
		[ "$file" != site ] || sites >>"$T/walk"
		awk -v n="$n" -f "$EXAMPLES/session.awk" "$text" >"$T/part"
		n=$(sed -n 's/^EXAMPLE=//p' "$T/part")
		cat "$T/part" >>"$T/walk"
		;;
	config)
		printf 'cp %s %s\n' "$text" "$file" >>"$T/walk"
		;;
	append)
		printf 'cat %s >>%s\n' "$text" "$file" >>"$T/walk"
		;;
	store)
		{
			echo 'private_key_stores:'
			cat "$text"
		} >"$T/store.conf"
		"$TOP/regress/conf/confcheck" "$T/store.conf" \
		    >"$T/confcheck" 2>&1 ||
		    fail "$(cat "$T/store.conf" "$T/confcheck")"
		;;
	hardware) ;;
	*)	fail "example that no test runs: $what $file" ;;
	esac
done
[ "$n" -gt 20 ] || fail "only $n commands found"
mkdir "$T/out"
OUT=$T/out bash "$T/walk" >"$T/walk.log" 2>&1 || {
	cat "$T/walk.log"
	fail "keyless(7) does not work"
}
pages=0
for page in "$T/out"/*.page; do
	awk -v strict=1 -f "$EXAMPLES/shape.awk" "$page" "${page%.page}" \
	    >"$T/shape" || {
		cat "$T/shape" "${page%.page}"
		fail 'keyless(7) shows another output'
	}
	pages=$((pages + 1))
done
[ "$pages" -ge 4 ] || fail "only $pages outputs compared"
# The hash that the page tells people to compare is the SKI.
ski=$(awk '$1 == "ready" && /www/ { print $4; exit }' "$T/out"/*)
[ -n "$ski" ] || fail 'no SKI'
cat "$T/out"/* | grep -qi "public key o.*: $ski" ||
    fail "SKI $ski is not what openssl prints"
