# dist/keylessd.conf.example: it has every keyword of keylessd.conf(5), and
# keylessd -n accepts it as it is, and with every setting that is commented out
# put in force.
# run-as: root
. "$(dirname "$0")/lib.sh"

EXAMPLE=$TOP/dist/keylessd.conf.example
CONFCHECK=${CONFCHECK:-$TOP/regress/conf/confcheck}
need_programs

# uncommented: the example with all settings in force.  Text has one blank
# after the "#", keys of stores have two.
uncommented() {
	sed -E 's/^#(- |  +[A-Za-z0-9_]+:|[a-z_]+:)/\1/' "$EXAMPLE"
}

# Every keyword, at the depth where the page has it: 0, or inside a list.
awk '/^\.Bl /{ depth++ } /^\.El/{ depth-- }
    /^\.Sh/{ section = $2 }
    section == "DESCRIPTION" && /^\.It Ic .* : Ar/ {
	print (depth > 1 ? "inner" : "outer"), $3 }' \
    "$TOP/man/keylessd.conf.5" | sort -u >"$T/keywords"
[ "$(wc -l <"$T/keywords")" -gt 50 ] ||
    fail "keywords not found in the page: $(cat "$T/keywords")"
uncommented >"$T/whole"
while read -r depth word; do
	case $depth in
	outer)	grep -Eq "^(# )?$word:" "$T/whole" ;;
	inner)	grep -Eq "^(- |  )$word:" "$T/whole" ;;
	esac || fail "the example lacks $word of keylessd.conf(5)"
done <"$T/keywords"

# Everything that it names is here, under other names.
make_pki
token_init
mkdir "$T/keys" "$T/jail" "$T/jail/tokens" "$T/empty"
put_key p256 pkcs8-pem "$T/keys/a.key"
put_key p384 pkcs8-pem "$T/www.example.com.key"
cp -R "$T/hsm/tokens/." "$T/jail/tokens"
chown -R "$SIGNER_USER" "$T/jail/tokens"
sed 's|^directories.tokendir.*|directories.tokendir = /tokens|' \
    "$T/hsm/softhsm2.conf" >"$T/jail/softhsm2.conf"
(umask 077 && printf '%s\n' "$PIN" >"$T/hsm.pin" &&
    echo t0ken >"$T/api-token")
cp "$T/hsm/rsa.pub" "$T/www.example.com.pem"
cp "$FIX/pki/server.pem" "$T/server.pem"
cp "$FIX/pki/server.key" "$T/server-key.pem"
cp "$FIX/pki/client-ca.pem" "$T/keyless_cacert.pem"
cp "$FIX/pki/client-ca.pem" "$T/kms-ca.pem"
cp "$FIX/pki/client-ca.pem" "$T/api-ca.pem"
: >"$T/index"
printf '%s\n' '[ca]' 'default_ca=a' '[a]' "database=$T/index" \
    'default_md=sha256' >"$T/ca.conf"
openssl ca -config "$T/ca.conf" -gencrl -crldays 30 \
    -cert "$FIX/pki/client-ca.pem" -keyfile "$FIX/pki/client-ca.key" \
    -out "$T/clients.crl" 2>"$T/openssl.log" || fail 'no revocation list'

# The other token of the example is the same one, by its serial number.
serial=$(SOFTHSM2_CONF=$T/hsm/softhsm2.conf softhsm2-util --show-slots |
    awk '$1 == "Serial" && $2 == "number:" && $3 != "" { print $3; exit }')
[ -n "$serial" ] || fail 'no serial number'

# here FILE: standard input with the places of this test
here() {
	sed -e "s|/etc/keyless/|$T/|g" \
	    -e "s| /etc/softhsm2.conf| $T/hsm/softhsm2.conf|; \
		s|\\[/etc/softhsm2.conf|[$T/hsm/softhsm2.conf|" \
	    -e "s|/var/lib/softhsm/|$T/hsm/|" \
	    -e "s|/var/lib/keyless-hsm|$T/jail|" \
	    -e "s|/usr/lib/softhsm/libsofthsm2.so|$MODULE|" \
	    -e 's|^hostname: .*|hostname: localhost|' \
	    -e "s|/var/log/|$T/|; s|/var/run/|$T/|" \
	    -e "s|/var/empty|$T/empty|" \
	    -e "s|token=hsm|token=$(echo "$TOKEN" | sed 's/ /%20/g')|" \
	    -e 's|object=www|object=rsa|; s|object=shop|object=p384|' \
	    -e "s|serial=[^;]*|serial=$serial|" >"$1"
	chmod 600 "$1"
	! grep -n '^[^#]*/\(etc\|var\)/' "$1" || fail 'places of the system'
}

# accepts FILE KEYS: keylessd -n does, and finds so many keys
accepts() {
	"$KEYLESSD" -n -f "$1" -s "$SIGNER" >"$LOG" 2>&1 </dev/null ||
	    fail "keylessd -n refuses $1"
	contains "$LOG" "good=$2 bad=0"
	lacks "$LOG" " (warning|error): "
}

printf 'chroot: %s\n' "$T/empty" >"$T/chroot"
here "$CONF" <"$EXAMPLE"
cat "$T/chroot" >>"$CONF"
accepts "$CONF" 1

# Nobody answers for a cloud here: its store is only parsed.
here "$CONF" <"$T/whole"
"$CONFCHECK" "$CONF" >"$T/out" 2>"$T/err" || fail "refused: $(cat "$T/err")"
contains "$T/out" 'endpoint: "?https://kms.example.com'
sed '/^- uri: projects/,/^[^ #]/{/^- uri/d;/^  [a-z]*:/d;}' "$CONF" >"$CONF.new"
chmod 600 "$CONF.new"
mv "$CONF.new" "$CONF"
lacks "$CONF" '^[^#]*kms'
accepts "$CONF" 4
