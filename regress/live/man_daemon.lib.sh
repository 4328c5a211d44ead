# shellcheck shell=sh
# The installation that the manual pages' examples are about: keys in files,
# one of which is not usable, a token "hsm", and a token "spare" that is away.
# In a machine of the test's own (own_machine).
KEYLESS=/etc/keyless
AUDIT=/etc/keyless/audit

# site_key NAME ALGORITHM PARAMETER: a key file
site_key() {
	openssl genpkey -algorithm "$2" -pkeyopt "$3" \
	    -out "$KEYLESS/keys/$1" 2>"$T/openssl.log" ||
	    fail "openssl: $(cat "$T/openssl.log")"
}

make_hsm() {
	softhsm2-util --init-token --free --label hsm --pin "$PIN" \
	    --so-pin "$SO_PIN" >"$T/softhsm2-util.log" 2>&1 ||
	    fail "softhsm2-util: $(cat "$T/softhsm2-util.log")"
	pkcs11-tool --module "$MODULE" --token-label hsm --login --pin "$PIN" \
	    --keypairgen --key-type rsa:3072 --id 01 --label edge \
	    --sensitive >"$T/pkcs11-tool.log" 2>&1 ||
	    fail "pkcs11-tool: $(cat "$T/pkcs11-tool.log")"
	chown -R "$SIGNER_USER" /var/lib/softhsm/tokens
}

# signed NAME SUBJECT CA EXTENSION ...: a certificate in $T/NAME.pem for the key
# $FIX/pki/NAME.key
signed() {
	signed_out=$T/$1
	openssl req -new -key "$FIX/pki/$1.key" -subj "$2" \
	    -out "$signed_out.csr" 2>"$T/openssl.log" ||
	    fail "openssl: $(cat "$T/openssl.log")"
	signed_ca=$FIX/pki/$3
	shift 3
	printf '%s\n' "$@" >"$signed_out.ext"
	openssl x509 -req -in "$signed_out.csr" -CA "$signed_ca.pem" \
	    -CAkey "$signed_ca.key" -CAcreateserial -days 60 \
	    -extfile "$signed_out.ext" -out "$signed_out.pem" \
	    2>"$T/openssl.log" || fail "openssl: $(cat "$T/openssl.log")"
}

# The examples' own /etc/keyless; the edge there is called "edge".
example_files() {
	rm -rf "$KEYLESS" /etc/keylessd.conf
	make_pki
	signed server /CN=keyless.example.com server-ca \
	    "subjectAltName=$(printf 'DNS:%s.example.com,' \
	    keyless keyless1 keyless2)DNS:localhost,IP:127.0.0.1" \
	    'extendedKeyUsage=serverAuth'
	signed client /CN=edge client-ca 'extendedKeyUsage=clientAuth'
	mkdir -p "$KEYLESS/keys"
	chmod 755 "$KEYLESS"
	(
		umask 077
		site_key www.key RSA rsa_keygen_bits:2048
		site_key shop.key EC ec_paramgen_curve:P-256
		site_key old.key EC ec_paramgen_curve:P-256
		echo "$PIN" >"$KEYLESS/hsm.pin"
		cp "$FIX/pki/server.key" "$KEYLESS/server-key.pem"
		cp "$FIX/pki/client.key" "$KEYLESS/edge-key.pem"
	)
	chmod 644 "$KEYLESS/keys/old.key"
	cp "$T/server.pem" "$T/client.pem" "$KEYLESS"
	mv "$KEYLESS/client.pem" "$KEYLESS/edge.pem"
	cp "$FIX/pki/client-ca.pem" "$KEYLESS/keyless_cacert.pem"
	cp "$FIX/pki/server-ca.pem" "$KEYLESS/keyserver-ca.pem"
	openssl req -x509 -key "$KEYLESS/keys/www.key" -days 9 \
	    -subj /CN=www.example.com -out "$KEYLESS/www.pem"
	for site in www shop; do
		openssl pkey -in "$KEYLESS/keys/$site.key" -pubout \
		    -out "$T/$site.pub"
	done
	printf '127.0.0.1 keyless%s.example.com\n' 1 2 >>/etc/hosts
	usermod -a -G softhsm "$SIGNER_USER"
	make_hsm
}

# example_conf: /etc/keylessd.conf; without the token that is away if
# $WITHOUT_SPARE is set
example_conf() {
	cat >/etc/keylessd.conf <<-END
		auth_cert: /etc/keyless/server.pem
		auth_key: /etc/keyless/server-key.pem
		cloudflare_ca_cert: /etc/keyless/keyless_cacert.pem
		audit: all
		audit_file: $AUDIT
		private_key_stores:
		- dir: /etc/keyless/keys
		  signers: 2
		- uri: pkcs11:token=hsm;object=edge?module-path=$MODULE
		  pin_file: /etc/keyless/hsm.pin
		  signers: 2
	END
	[ -n "${WITHOUT_SPARE:-}" ] || cat >>/etc/keylessd.conf <<-END
		- uri: pkcs11:token=spare;object=edge?module-path=$MODULE
		  pin_file: /etc/keyless/hsm.pin
		  signers: 1
	END
}

# example_daemon: start it as its users do
example_daemon() {
	/usr/local/sbin/keylessd >"$T/start.log" 2>&1 ||
	    fail "keylessd: $(cat "$T/start.log")"
}

# example_machine: all of the above, and an edge that has asked for signatures
example_machine() {
	example_files
	example_conf
	example_daemon
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 |
	    openssl pkey -pubout -out "$T/strange.pub"
	# The last two: a key that is not here, and one that cannot do it.
	edge ping 0 , sign rsa-sha256 "$T/www.pub" 3 , \
	    sign rsa-pss-sha256 "$T/www.pub" , \
	    sign ecdsa-sha256 "$T/shop.pub" 9 &&
	edge -e 2 send ecdsa-sha256 32 "$T/strange.pub" &&
	edge -e 1 send rsa-sha256 7 "$T/www.pub" ||
	    fail "$(cat "$T/client.log")"
}

# edge [OPTION ...] COMMAND ...: what the edge asks for
edge() {
	"$CLIENT" -a 127.0.0.1:2407 -C "$FIX/pki/server-ca.pem" \
	    -c "$T/client.pem" -k "$FIX/pki/client.key" "$@" \
	    >>"$T/client.log" 2>&1
}

# ---- for the pages' comments "before:" and "after:"

# edge_stays [COMMAND ...]: one that does that, or only stays connected
edge_stays() {
	[ $# -gt 0 ] || set -- hold 60
	"$CLIENT" -a 127.0.0.1:2407 -C "$FIX/pki/server-ca.pem" \
	    -c "$T/client.pem" -k "$FIX/pki/client.key" "$@" \
	    >"$T/stays.log" 2>&1 &
	background $!
	wait_until sh -c '/usr/local/sbin/keylessctl show connections |
	    grep -q "open.*/CN=edge"' || fail 'the edge is not connected'
}

# stranger_waits: a client that connects and says nothing
stranger_waits() {
	python3 -c 'import socket, time
s = socket.create_connection(("127.0.0.1", 2407))
time.sleep(9)' &
	background $!
	wait_until sh -c '/usr/local/sbin/keylessctl show connections |
	    grep -q handshake' || fail 'the stranger is not connected'
}

# nobody_stays: end all those
nobody_stays() {
	for pid in $JOBS; do
		kill "$pid" 2>/dev/null || :
		wait_until gone "$pid"
	done
	JOBS=
}

# kit_knows NAME: p11-kit lists that module
kit_knows() {
	ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD=$SANITIZER \
	    p11-kit list-modules >"$T/modules" 2>&1 || :
	cp "$T/modules" "$T/shown"
	grep -q "$1" "$T/modules" || bad "p11-kit does not list $1"
}

spare_away() {
	WITHOUT_SPARE=yes
	example_conf
	/usr/local/sbin/keylessctl reload >"$T/reload.log"
}

spare_back() {
	WITHOUT_SPARE=
	example_conf
	/usr/local/sbin/keylessctl reload >"$T/reload.log"
}

put_old_key() {
	rm -f "$KEYLESS/keys/old.key"
	site_key old.key EC ec_paramgen_curve:P-256
	chmod 644 "$KEYLESS/keys/old.key"
}

# wrong_conf: with two mistakes
wrong_conf() {
	printf '%s\n' 'loglevel: 1' '' 'prot: 1' '' '' '' '' '' \
	    'sign_timeout: 5' 'private_key_stores:' '- dir: keys' \
	    >/etc/keylessd.conf
}

# go_conf: a file of the Go server
go_conf() {
	cat >"$KEYLESS/gokeyless.yaml" <<-END
		loglevel: 1
		auth_cert: server.pem
		auth_key: server-key.pem
		cloudflare_ca_cert: keyless_cacert.pem
		port: 2407
		private_key_stores:
		- dir: /etc/keyless/keys
	END
}
