# Mistakes in keyless-pkcs11.conf are logged with their place, and C_Initialize
# fails; the example of the manual page is right.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

[ -f "$SO" ] || fail "not built: $SO (make)"
make_pki
key p256-conf
site www "$K/p256-conf.pub"
site shop "$K/p256-conf.pub"
: >"$EDGE_LOG"
KEYLESS_PKCS11_CONF=$EDGE
KEYLESS_PKCS11_LOG=$EDGE_LOG
export KEYLESS_PKCS11_CONF KEYLESS_PKCS11_LOG

# wrong REGEX: standard input is refused, for that reason
wrong() {
	cat >"$EDGE"
	: >"$EDGE_LOG"
	"$P11EDGE" "$SO" args >"$T/p11edge.log" 2>&1 &&
	    fail "accepted: $(cat "$EDGE")"
	contains "$T/p11edge.log" 'C_Initialize: 0x6$'
	contains "$EDGE_LOG" "$1"
}

good=$(slot keyless 'servers: [127.0.0.1:1]' "certificates: [$SITE/www.pem]")
wrong ':1:1: slots is required' <<END
log: none
END
wrong ':1:1: unknown key slot; is slots meant' <<END
slot: []
END
wrong ':1:8: slots: the list is empty' <<END
slots: []
END
wrong ':1:6: log: expected syslog' <<END
log: nowhere
slots:
$good
END
for required in servers auth_cert auth_key keyserver_ca_cert certificates; do
	wrong ":2:3: $required is required" <<-END
		slots:
		$(echo "$good" | grep -v "^  $required:")
	END
done
wrong ':2:3: label is required' <<END
slots:
$(echo "$good" | sed 's/label: keyless/balance: order/')
END
for server in '":1"' host:0 host:65536 host:x '"1:2:3"' '"[::1"'; do
	wrong 'servers: expected host:port' <<-END
		slots:
		$(echo "$good" | sed "s/127.0.0.1:1/$server/")
	END
done
wrong 'servers: the list is empty' <<END
slots:
$(echo "$good" | sed 's/127.0.0.1:1//')
END
wrong 'balance: expected order or round-robin' <<END
slots:
$good
  balance: random
END
wrong 'timeout: expected a time from 100ms to 10m' <<END
slots:
$good
  timeout: 5
END
wrong 'auth_key: cannot read .*No such file' <<END
slots:
$(echo "$good" | sed 's/client.key/none.key/')
END
wrong 'certificates: cannot read .*No such file' <<END
slots:
$(echo "$good" | sed 's/www.pem/none.pem/')
END
wrong 'two slots have the same label' <<END
slots:
$good
$good
END
wrong ':3:14: auth_cert, auth_key: cannot use .*client.pem and .*server.key' \
    <<END
slots:
$(echo "$good" | sed 's/client.key/server.key/')
END
wrong ':5:22: keyserver_ca_cert: cannot use .*/client.key: ' <<END
slots:
$(echo "$good" | sed 's/server-ca.pem/client.key/')
END
rm "$EDGE"
: >"$EDGE_LOG"
"$P11EDGE" "$SO" args >"$T/p11edge.log" 2>&1 && fail 'no file is accepted'
contains "$EDGE_LOG" 'cannot read config file='

# A certificate that cannot be used costs only itself.
openssl genpkey -algorithm ed448 -out "$T/ed448.pem"
openssl req -x509 -new -key "$T/ed448.pem" -subj /CN=x -out "$SITE/ed448.pem"
echo nothing >"$SITE/nothing.crt"
printf 'slots:\n%s\n' "$(echo "$good" | sed 's|/www.pem||')" >"$EDGE"
edge_tool --list-objects
contains "$EDGE_LOG" 'refused file=.*/ed448.pem reason="key algorithm is none'
contains "$EDGE_LOG" 'refused file=.*/nothing.crt reason="there is no cert'
# Two certificates of one key share it.
[ "$(grep -c '^Certificate Object' "$T/tool.log")" -eq 2 ] ||
    fail "not 2 certificates: $(cat "$T/tool.log")"
[ "$(grep -c '^Private Key Object' "$T/tool.log")" -eq 1 ] ||
    fail "not 1 key: $(cat "$T/tool.log")"

# Without any the token is empty, and that is said.
mkdir "$T/none"
printf 'slots:\n%s\n' "$(echo "$good" | sed "s|$SITE/www.pem|$T/none|")" \
    >"$EDGE"
edge_tool --list-token-slots
contains "$EDGE_LOG" \
    'warning: .*conf:7:17: certificates: none can be used: the token is empty'

# A common name is a label in UTF-8, whatever the certificate has it in.
cat >"$T/name.cnf" <<END
string_mask = MASK:0x800
[req]
distinguished_name = dn
prompt = no
utf8 = yes
[dn]
CN = münchen.example
END
openssl req -x509 -newkey ed25519 -noenc -keyout "$T/name.key" \
    -config "$T/name.cnf" -out "$T/name.pem" 2>"$T/openssl.log" ||
    fail "openssl: $(cat "$T/openssl.log")"
openssl asn1parse -in "$T/name.pem" >"$T/asn1"
contains "$T/asn1" 'BMPSTRING'
printf 'slots:\n%s\n' "$(echo "$good" | sed "s|$SITE/www.pem|$T/name.pem|")" \
    >"$EDGE"
edge_tool --list-objects --type cert
contains "$T/tool.log" '^ *label: *münchen.example$'

# The example, with files that are here.
awk '$2 == "example:" { found = 1 } /^\.Ed/ { found = 0 }
    found && !/^\./' man/keyless-pkcs11.conf.5 |
    sed "s|edge-key.pem|$FIX/pki/client.key|; s|edge.pem|$FIX/pki/client.pem|
	s|: [a-z]*-ca.pem|: $FIX/pki/server-ca.pem|
	s|/etc/keyless/certs|$SITE|; s|/etc/keyless/shop.pem|$SITE/shop.pem|
	s|/etc/keyless/partner.crt|$SITE/www.pem|" >"$EDGE"
edge_tool --list-token-slots
contains "$T/tool.log" 'token label *: partner$'
edge_tool --token-label keyless --list-objects
