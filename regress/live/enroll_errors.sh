# Each way in which the API does not give a certificate has a message of its
# own, and changes nothing.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enroll.lib.sh"

api_start
with_token | enroll_config
old_pair -600 600

# says LINE REGEX: an answer, and what is said about it
says() {
	api_answers "$1"
	enroll_fails "no certificate, nothing is changed: .*$2"
	no_token "$T/out"
}
says '* status 400' 'the API refuses the request \(status 400: 1000 as ord.*zon'
says '* status 401' 'does not know the token .*status 401.*check api_token_file'
says '* status 403' 'does not let the token do this .*SSL and Certificates: Ed'
says '* status 404' 'there is no API at that place .*check init_endpoint'
says '* status 302' 'no answer that an API would give \(status 302'
says '* no' 'the API says no: 1012 Request must include a\? csr; check hostname'
says '* raw <html>' 'is no JSON; check init_endpoint, and the proxy'
says '* raw {}' 'the API says no: without a reason'
says '* raw {"success":true,"result":{}}' 'there is no certificate in its ans'
says '* raw {"success":true,"success":true}' 'is no JSON'
says '* cut' 'no answer from the API: .*(cut off|closed|remaining)'
says '* close' 'no answer from the API: .*(closed|[Ee]mpty reply)'

# What can be better the next time is asked again, no more than a few times.
: >"$A/requests"
says '* status 503' 'the API has failed \(status 503.*try again later'
[ "$(api_asked)" -gt 2 ] && [ "$(api_asked)" -lt 10 ] ||
    fail "asked $(api_asked) times"
: >"$A/requests"
says '* status 429 3600' 'wants fewer requests \(status 429'
[ "$(api_asked)" -eq 1 ] || fail "asked $(api_asked) times before the time"
: >"$A/requests"
says '* status 403' 'SSL and Certificates'
[ "$(api_asked)" -eq 1 ] || fail "asked $(api_asked) times in vain"

# wrong LINE REGEX: a certificate that is not the right one
wrong() {
	api_answers "$1"
	enroll_fails "nothing is installed, the certificate from the API .* $2"
}
wrong '* key' 'it is for another key than the one'
wrong '* host other.example.com' 'does not carry .*: other.example.com'
wrong '* times -600 -60' 'it has expired at 20'
wrong '* times 600 6000' 'it is not valid before 20.*clock'
wrong '* raw {"success":true,"result":{"certificate":"x"}}' 'no certificate'

# Nobody there, nobody who is known, nobody who answers in time.
api_answers '* wait never'
sed -i 's/^enroll_timeout: .*/enroll_timeout: 1s/' "$CONF"
enroll_fails 'no answer from the API: .*timed out.*raise enroll_timeout'
api_answers
sed -i 's/^enroll_timeout: .*/enroll_timeout: 20s/' "$CONF"
: >"$A/requests"
sed -i "s|^init_ca: .*|init_ca: $FIX/pki/client-ca.pem|" "$CONF"
enroll_fails 'no answer from the API: .*certificate.*set init_ca'
[ "$(grep -c failed "$A/requests")" -eq 1 ] || fail 'tried again in vain'
sed -i "s|^init_ca: .*|init_ca: $FIX/pki/api-ca.pem|" "$CONF"
# A label that is too long for any name server to be asked about.
label=$(printf 'x%.0s' 1 2 3 4 5 6 7 8)
label=$label$label$label$label$label$label$label$label
sed -i "s|127.0.0.1:$API_PORT/|$label:$API_PORT/|" "$CONF"
enroll_fails 'not resolve host: x*; check init_endpoint and this system'
sed -i "s|$label:$API_PORT/|127.0.0.1:$API_PORT/|" "$CONF"
kill "$API"
wait_until gone "$API"
enroll_fails 'no answer from the API: .*onnect.*let out of here'

# What is not there to begin with.
chmod 644 "$A/token"
enroll_fails 'cannot open api_token_file .*: mode 0644: accessible to everyone'
chmod 600 "$A/token"
: >"$A/token"
enroll_fails 'the token is empty; check api_token_file'
echo 'two words' >"$A/token"
enroll_fails 'the token is more than one word'
sed -i '/^api_token_file/d' "$CONF"
enroll_fails '^2. keylessctl enroll, at a terminal'
contains "$T/out" 'api_token_file is not set in .* no terminal to ask at'
sed -i '/^zone_id/d' "$CONF"
enroll_fails 'zone_id is not set'
