# The usual mistake is said: a site's certificate where that of the key server
# should be; one that is not for servers; one of another name.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/site.key"
config <<END
hostname: keyless.example.com
private_key_stores:
- file: $T/site.key
END
sed -i "s|^auth_cert.*|auth_cert: $T/cert.pem|; s|^auth_key.*|auth_key: \
$T/cert.key|" "$CONF"

# certificate KEY EXTENSION ...: a new auth_cert of that key
certificate() {
	cp "$1" "$T/cert.key"
	if is_root; then
		chgrp "$FRONTEND_USER" "$T/cert.key"
	fi
	shift
	args=
	for extension; do
		args="$args -addext $extension"
	done
	# shellcheck disable=SC2086
	openssl req -x509 -key "$T/cert.key" -out "$T/cert.pem" -days 60 \
	    -subj /CN=anything $args 2>"$T/openssl.log" ||
	    fail "openssl: $(cat "$T/openssl.log")"
}
key p256-auth

# All is as it should be: not a word.
certificate "$K/p256-auth.pem" subjectAltName=DNS:keyless.example.com \
    extendedKeyUsage=serverAuth
daemon_start
lacks "$LOG" auth_cert

# It is not for servers, and of another name, which is an address once.
reload() {
	ctl reload >"$T/out" || fail "$(cat "$T/out")"
}
certificate "$K/p256-auth.pem" subjectAltName=DNS:www.example.com \
    extendedKeyUsage=clientAuth
reload
wait_log 'warning: auth_cert is not for servers subject="/CN=anything" reason='
wait_log 'warning: auth_cert has another name .* hostname=keyless.example.com '
sed -i 's/^hostname: .*/hostname: 192.0.2.1/' "$CONF"
certificate "$K/p256-auth.pem" subjectAltName=IP:192.0.2.1
reload
lacks "$LOG" 'hostname=192.0.2.1'

# It is that of the site.
certificate "$K/p256.pem" subjectAltName=IP:192.0.2.1
reload
wait_log "warning: auth_cert is of a key that is served key=\"$T/site.key\" "

# Without its key: refused, and explained.
cp "$K/p256-auth.pem" "$T/cert.key"
refuse ctl reload >"$T/out" 2>&1
contains "$T/out" 'auth_key is not the key of auth_cert, .* not that of a site'
daemon_stop
status=0
"$KEYLESSD" -n -f "$CONF" -s "$SIGNER" >"$T/out" 2>&1 || status=$?
[ "$status" -eq 1 ] || fail "keylessd -n: status $status"
contains "$T/out" 'auth_key is not the key of auth_cert'
