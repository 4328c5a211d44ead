# OpenSSL with its engine pkcs11: s_server, s_client, dgst and curl use keys of
# keyless-pkcs11.so.

need_engine || return 0

# serve OPTION ...: s_server at $port, as process $server
serve() {
	port=$(free_port)
	(engine openssl s_server -accept "127.0.0.1:$port" "$@") \
	    >"$T/server.log" 2>&1 </dev/null &
	up $! "$port" "$T/server.log"
	server=$(children $! openssl)
	[ -n "$server" ] || server=$!
}

for kind in rsa p256 p384; do
	serve -www -cert "$SITE/$kind.pem" -engine pkcs11 -keyform engine \
	    -key "$(key_uri "$kind")"
	for version in 1.2 1.3; do
		fetch "$port" --tlsv$version --tls-max $version >"$T/page"
		contains "$T/page" "Protocol *: TLSv$version"
		(engine openssl s_client -connect "127.0.0.1:$port" \
		    -CAfile "$FIX/pki/site-ca.pem" -verify_return_error \
		    -servername www.example.com) >"$T/client.out" 2>&1 \
		    </dev/null || fail "s_client: $(cat "$T/client.out")"
	done
	kill "$server"
done

# The client's key is far away, too: s_client, and curl.
serve -www -cert "$FIX/pki/server.pem" -key "$FIX/pki/server.key" \
    -CAfile "$FIX/pki/site-ca.pem" -Verify 1 -verify_return_error
for kind in rsa p256; do
	(engine openssl s_client -connect "127.0.0.1:$port" -engine pkcs11 \
	    -cert "$SITE/$kind.pem" -keyform engine \
	    -key "$(key_uri "$kind")" -CAfile "$FIX/pki/server-ca.pem" \
	    -quiet) >"$T/client.out" 2>&1 <<-END ||
		GET / HTTP/1.0

	END
	    fail "s_client: $(cat "$T/client.out")"
	contains "$T/client.out" "CN *= *$kind.example.com"
	# A sanitizer that is loaded first hangs curl in setlocale(3), before
	# there is a module.
	if grep -aq __asan_init "$SO"; then
		continue
	fi
	echo "$(recipe curl "$kind") -sS --max-time 20" \
	    "--cacert $FIX/pki/server-ca.pem https://localhost:$port/" \
	    >"$T/curl.sh"
	(engine sh "$T/curl.sh") >"$T/page" 2>&1 ||
	    fail "curl: $(cat "$T/curl.sh" "$T/page")"
	contains "$T/page" "CN *= *$kind.example.com"
done
kill "$server"

# Signatures of files, and decryption.
echo 'to be signed' >"$T/in"
for kind in rsa p256 p384; do
	(engine openssl dgst -sha384 -engine pkcs11 -keyform engine \
	    -sign "$(key_uri "$kind")" -out "$T/sig" "$T/in") \
	    >"$T/openssl.log" 2>&1 || fail "dgst: $(cat "$T/openssl.log")"
	openssl dgst -sha384 -verify "$T/hsm/$kind.pub" \
	    -signature "$T/sig" "$T/in" >"$T/verify" ||
	    fail "$kind: $(cat "$T/verify")"
done
openssl pkeyutl -encrypt -pubin -inkey "$T/hsm/rsa.pub" -in "$T/in" \
    -out "$T/secret"
(engine openssl pkeyutl -decrypt -engine pkcs11 -keyform engine \
    -inkey "$(key_uri rsa)" -in "$T/secret" -out "$T/out") \
    >"$T/openssl.log" 2>&1 || fail "pkeyutl: $(cat "$T/openssl.log")"
cmp "$T/in" "$T/out"
