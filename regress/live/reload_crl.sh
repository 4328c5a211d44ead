# A client's certificate is revoked: after a reload it gets no new connection,
# others do; and it gets one again when the list is removed.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
cert revoked client-ca 2 'extendedKeyUsage=clientAuth'
cat >"$T/ca.conf" <<END
[ca]
default_ca = regress
[regress]
database = $T/index
crlnumber = $T/crlnumber
default_md = sha256
default_crl_days = 2
END
: >"$T/index"
echo 01 >"$T/crlnumber"
openssl_ca() {
	openssl ca -config "$T/ca.conf" -cert "$FIX/pki/client-ca.pem" \
	    -keyfile "$FIX/pki/client-ca.key" "$@" 2>"$T/openssl.log" ||
	    fail "openssl ca: $(cat "$T/openssl.log")"
}
openssl_ca -gencrl -out "$T/none.crl"
openssl_ca -revoke "$FIX/pki/revoked.pem"
openssl_ca -gencrl -out "$T/one.crl"

daemon_start
client_as revoked sign ecdsa "$K/p256.pub"
cp "$CONF" "$T/plain.conf"
cp "$T/none.crl" "$T/crl.pem"
echo "crl: $T/crl.pem" >>"$CONF"
reload_ok '^reloaded: '
client_as revoked sign ecdsa "$K/p256.pub"
# shellcheck disable=SC2034
CLIENT_NAME=revoked
client_waits wait , sign ecdsa "$K/p256.pub"

cp "$T/one.crl" "$T/crl.pem"
reload_ok '^reloaded: '
for version in 1.2 1.3; do
	client_as revoked -T "$version" -H
	client -T "$version" sign ecdsa "$K/p256.pub"
done
wait_log 'handshake failed peer=.* reason=".*revoked'
# What is connected stays.
go
client_went_on

# A list that is none, and authorities that are none.
cp "$FIX/pki/client.pem" "$T/crl.pem"
reload_fails 'crl: no BEGIN X509 CRL in the file'
cp "$T/one.crl" "$T/crl.pem"
sed -i "s|^cloudflare_ca_cert: .*|cloudflare_ca_cert: $T/one.crl|" "$CONF"
reload_fails 'cloudflare_ca_cert: no BEGIN CERTIFICATE in the file'
client_as revoked -H
client sign ecdsa "$K/p256.pub"

cp "$T/plain.conf" "$CONF"
reload_ok '^reloaded: '
client_as revoked sign ecdsa "$K/p256.pub"
daemon_stop
