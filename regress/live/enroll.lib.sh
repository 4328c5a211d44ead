# shellcheck shell=sh
# What the tests of enrolment share: an API of our own, which answers as it is
# told, and a configuration that asks it.

A=$T/api		# the API's directory
E=$T/auth		# where key and certificate are
ENROLL=$(dirname "$SIGNER")/keyless-enroll
HOST=keyless.example.com
API_TOKEN=sesame-Q7vX2k9PzR4mNw8LtB3cYd6Hf1Js5Ga0
API=			# process id
API_PORT=
PROXY_PORT=
TLS_PROXY_PORT=

# api_start [SECONDS]: an API whose certificates last as long (90 days)
api_start() {
	make_pki
	mkdir -p "$A" "$E"
	ca api-ca
	cert api api-ca 2 'subjectAltName=IP:127.0.0.1,DNS:localhost' \
	    'extendedKeyUsage=serverAuth'
	cp "$FIX/pki/api.pem" "$FIX/pki/api.key" "$A"
	cp "$FIX/pki/server-ca.pem" "$A/ca.pem"
	cp "$FIX/pki/server-ca.key" "$A/ca.key"
	cp "$TOP/regress/enroll/mkcert" "$A/mkcert"
	echo "${1:-7776000}" >"$A/days"
	: >"$A/requests"
	(umask 077 && echo "$API_TOKEN" >"$A/token")
	python3 "$TOP/regress/enroll/api.py" "$A" >"$A/log" 2>&1 &
	API=$!
	background "$API"
	wait_until test -f "$A/ports" || fail "no API: $(cat "$A/log")"
	# shellcheck disable=SC2034
	read -r API_PORT PROXY_PORT TLS_PROXY_PORT <"$A/ports"
}

# api_answers LINE ...: from now on; see api.py
api_answers() {
	: >"$A/mode"
	[ $# -eq 0 ] || printf '%s\n' "$@" >"$A/mode"
}

# api_asked: how often
api_asked() {
	grep -c '^POST' "$A/requests" || :
}

# enroll_config: a configuration that asks the API; more on standard input
enroll_config() {
	put_key p256 pkcs8-pem "$T/a.key"
	{
		cat <<-END
			hostname: $HOST
			zone_id: 0123456789abcdef
			init_endpoint: https://127.0.0.1:$API_PORT/certificates
			init_ca: $FIX/pki/api-ca.pem
			auth_csr: $E/server.csr
			enroll_timeout: 20s
			private_key_stores:
			- file: $T/a.key
		END
		cat
	} | config
	sed -i -e "s|^auth_cert: .*|auth_cert: $E/server.pem|" \
	    -e "s|^auth_key: .*|auth_key: $E/server-key.pem|" "$CONF"
}

with_token() {
	echo "api_token_file: $A/token"
}

# old_pair FROM TO: a pair that is there already, valid for these seconds
old_pair() {
	(umask 077 && openssl genpkey -algorithm EC \
	    -pkeyopt ec_paramgen_curve:P-256 -out "$E/server-key.pem" \
	    2>/dev/null)
	"$A/mkcert" "$A/ca.pem" "$A/ca.key" "$HOST" "$1" "$2" \
	    <"$E/server-key.pem" >"$E/server.pem"
	cp "$E/server.pem" "$T/old.pem"
	cp "$E/server-key.pem" "$T/old-key.pem"
}

# enroll [OPTION ...]: keylessctl, its words in $T/out
enroll() {
	"$KEYLESSCTL" -f "$CONF" -e "$ENROLL" enroll "$@" >"$T/out" 2>&1 \
	    </dev/null
}

enroll_ok() {
	enroll "$@" || fail "$(cat "$T/out")"
}

# enroll_fails REGEX [OPTION ...]: it says why, and nothing is changed
enroll_fails() {
	pattern=$1
	shift
	refuse enroll "$@"
	contains "$T/out" "$pattern"
	if [ -f "$T/old.pem" ]; then
		cmp "$E/server.pem" "$T/old.pem" || fail 'auth_cert changed'
		cmp "$E/server-key.pem" "$T/old-key.pem" ||
		    fail 'auth_key changed'
	fi
	[ ! -e "$E/server.pem.new" ] || fail 'a certificate is left behind'
}

pair_matches() {
	openssl x509 -in "$E/server.pem" -pubkey -noout >"$T/pub.cert"
	openssl pkey -in "$E/server-key.pem" -pubout >"$T/pub.key"
	cmp -s "$T/pub.cert" "$T/pub.key"
}

# pair_good: certificate and key are for each other and for the name; a daemon
# may be replacing them just now
pair_good() {
	wait_until pair_matches || fail 'not a pair'
	[ "$(stat -c %a "$E/server-key.pem")" = 600 ] || fail 'mode of the key'
	openssl x509 -in "$E/server.pem" -checkhost "$HOST" -noout >"$T/host"
	contains "$T/host" 'does match'
}

# no_token FILE ...: it is in none of them
no_token() {
	for file in "$@"; do
		! grep -q "$API_TOKEN" "$file" || fail "the token is in $file"
	done
}
