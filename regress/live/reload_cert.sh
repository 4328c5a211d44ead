# The server's certificate was renewed: after a reload new connections get the
# new one, and those that are open stay, with the old one.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
cert renewed server-ca 2 'subjectAltName=DNS:localhost,IP:127.0.0.1'
cp -p "$FIX/pki/server.pem" "$FIX/pki/server.key" "$T"
sed -i "s|$FIX/pki/server|$T/server|" "$CONF"
daemon_start

# shows NAME: a new connection is shown the certificate of that name
shows() {
	for version in -tls1_2 -tls1_3; do
		openssl s_client $version -connect "127.0.0.1:$PORT" \
		    -cert "$FIX/pki/client.pem" -key "$FIX/pki/client.key" \
		    </dev/null 2>"$T/openssl.log" |
		    openssl x509 -noout -subject >"$T/out"
		contains "$T/out" "CN *= *keylessd regress $1\$"
	done
}
shows server
client_waits sign ecdsa "$K/p256.pub" , wait , sign ecdsa "$K/p256.pub" 50

# Only half of it is there yet: nothing changes.
cp "$FIX/pki/renewed.pem" "$T/server.pem"
reload_fails 'auth_cert'
shows server
cp "$FIX/pki/renewed.key" "$T/server.key"
reload_ok '^reloaded: 0 keys added, 0 removed, 1 kept, 0 failed$'
shows renewed
client sign ecdsa "$K/p256.pub"
go
client_went_on
daemon_stop
