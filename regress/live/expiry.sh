# Certificates that end soon are said at the start and at a reload, in time;
# a revocation list that is out of date is refused before it refuses everyone.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
make_pki
cert ends1 server-ca 1 'subjectAltName=DNS:localhost,IP:127.0.0.1'
cert ends10 server-ca 10 'subjectAltName=DNS:localhost,IP:127.0.0.1'
cert ends25 server-ca 25 'subjectAltName=DNS:localhost,IP:127.0.0.1'
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
lacks "$LOG" 'expires soon'

# renew NAME: with another certificate
renew() {
	sed -i -e "s|^auth_cert: .*|auth_cert: $FIX/pki/$1.pem|" \
	    -e "s|^auth_key: .*|auth_key: $FIX/pki/$1.key|" "$CONF"
	ctl reload >"$T/out" || fail "$(cat "$T/out")"
}
renew ends25
wait_log 'info: expires soon auth_cert="/CN=keylessd regress ends25" .* days=2'
renew ends10
wait_log 'warning: expires soon auth_cert="/CN=keylessd regress ends10" .* d'
renew ends1
wait_log \
    'error: expires soon auth_cert="/CN=keylessd regress ends1" .*days=[01]'

# A list that is out of date, and one that is not.
cat >"$T/ca.conf" <<END
[ca]
default_ca = regress
[regress]
database = $T/index
crlnumber = $T/crlnumber
default_md = sha256
END
: >"$T/index"
echo 01 >"$T/crlnumber"
# crl OPTION ...
crl() {
	openssl ca -config "$T/ca.conf" -cert "$FIX/pki/client-ca.pem" \
	    -keyfile "$FIX/pki/client-ca.key" -gencrl "$@" \
	    2>"$T/openssl.log" || fail "openssl: $(cat "$T/openssl.log")"
}
crl -crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z \
    -out "$T/old.crl"
crl -crldays 5 -out "$T/new.crl"
echo "crl: $T/old.crl" >>"$CONF"
refuse ctl reload >"$T/out" 2>&1
contains "$T/out" 'crl: out of date since 2020-02-01T00:00:00Z, every client'
client sign ecdsa "$K/p256.pub" || fail 'refused by a list that is not used'
sed -i "s|old.crl|new.crl|" "$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
wait_log 'warning: expires soon crl="/CN=.*client-ca.*days=[45]'
client sign ecdsa "$K/p256.pub"
daemon_stop
sed -i "s|new.crl|old.crl|" "$CONF"
daemon_refuses 'configuration not usable reason="crl: out of date since'
