# keylessctl enroll, as it should go: by itself, and by hand.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enroll.lib.sh"

api_start
with_token | enroll_config

# The first pair, in an empty directory.
enroll_ok
pair_good
contains "$T/out" "^Installed $E/server.pem, for $HOST until 20"
[ "$(api_asked)" -eq 1 ] || fail "asked $(api_asked) times"
openssl req -in "$E/server.csr" -noout -text >"$T/csr"
contains "$T/csr" 'Subject: CN = Keyless Server Authentication Certificate$'
contains "$T/csr" "^ *DNS:$HOST\$"
contains "$T/csr" 'ASN1 OID: secp384r1'
[ ! -e "$E/server.pem.old" ] || fail 'kept what was not there'

# The second keeps the first.  The API by its name, which is looked up.
sed -i "s|127.0.0.1:$API_PORT/|localhost:$API_PORT/|" "$CONF"
cp "$E/server.pem" "$T/first.pem"
cp "$E/server-key.pem" "$T/first.key"
enroll_ok
pair_good
cmp "$E/server.pem.old" "$T/first.pem"
cmp "$E/server-key.pem.old" "$T/first.key"
refuse cmp -s "$E/server-key.pem" "$T/first.key"

# By hand: the request waits with its key, also for one who asks again.
cp "$E/server.pem" "$T/old.pem"
cp "$E/server-key.pem" "$T/old-key.pem"
enroll_ok -m
contains "$T/out" "^Made a key, $E/server-key.pem.new, and a request"
contains "$T/out" 'keylessctl enroll -i FILE'
cp "$E/server.csr" "$T/csr"
enroll_ok -m
contains "$T/out" '^There are a key'
cmp "$E/server.csr" "$T/csr"
certify() {
	"$A/mkcert" "$A/ca.pem" "$A/ca.key" "$1" "$2" "$3"
}
certify other.example.com -60 600 <"$E/server.csr" >"$T/cert"
enroll_fails "does not carry the hostname .* names are: other" -i "$T/cert"
certify "$(printf 'a\033[31mb')" -60 600 <"$E/server.csr" >"$T/cert"
enroll_fails 'its names are: a\?\[31mb' -i "$T/cert"
certify "$HOST" -60 600 <"$FIX/pki/api.key" >"$T/cert"
enroll_fails 'is for another key' -i "$T/cert"
certify "$HOST" -600 -60 <"$E/server.csr" >"$T/cert"
enroll_fails 'it has expired at 20' -i "$T/cert"
enroll_fails 'it is the request' -i "$E/server.csr"
enroll_fails "$T/none: No such file" -i "$T/none"
certify "$HOST" -60 600 <"$E/server.csr" >"$T/cert"
cat "$A/ca.pem" >>"$T/cert"
enroll_ok -i "$T/cert"
pair_good
[ "$(grep -c BEGIN "$E/server.pem")" -eq 2 ] || fail 'the chain is lost'
# Again for the same key: the certificate alone changes.
certify "$HOST" -60 1200 <"$E/server.csr" >"$T/cert"
enroll_ok -i "$T/cert"
pair_good
refuse grep -q "BEGIN.*BEGIN" "$E/server.pem"
[ ! -e "$E/server-key.pem.new" ] || fail 'a key waits for nothing'

# Cut off between the two renames: what is there is finished first.
cp "$E/server.pem" "$T/halfway.pem"
enroll_ok
mv "$E/server.pem" "$E/server.pem.new"
cp "$T/halfway.pem" "$E/server.pem"
enroll_ok -m
contains "$T/out" '^An earlier enrolment was interrupted; it is finished now'
pair_good

# An old key works, with a word about it; a proxy does, too.
sed -i "s|^api_token_file: .*|origin_ca_api_key: $API_TOKEN|" "$CONF"
https_proxy=http://127.0.0.1:$PROXY_PORT enroll_ok
contains "$T/out" 'retired these keys on 30 September 2026'
contains "$A/requests" "^proxy CONNECT localhost:$API_PORT "
: >"$A/requests"
https_proxy=https://127.0.0.1:$TLS_PROXY_PORT enroll_ok
contains "$A/requests" "^proxy CONNECT localhost:$API_PORT "
no_token "$T/out"

# A proxy that wants TLS is told nothing if no authority vouches for it.
cp "$E/server.pem" "$T/old.pem"
cp "$E/server-key.pem" "$T/old-key.pem"
sed -i "s|^init_ca: .*|init_ca: $FIX/pki/client-ca.pem|" "$CONF"
: >"$A/requests"
https_proxy=https://127.0.0.1:$TLS_PROXY_PORT enroll_fails 'certificate'
lacks "$A/requests" '^proxy CONNECT'
