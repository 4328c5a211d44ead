# GnuTLS: p11tool signs with keys of keyless-pkcs11.so, gnutls-serv serves HTTPS
# with them, Ed25519 and RSA key exchange among it.

need_edge gnutls-bin p11tool gnutls-serv || return 0
need_edge curl curl || return 0
for kind in rsa p256 p384; do
	(host p11tool --provider "$SO" --test-sign "$(key_uri "$kind")") \
	    >"$T/p11tool.log" 2>&1 </dev/null ||
	    fail "p11tool: $(cat "$T/p11tool.log")"
	[ "$(grep -c '\.\.\. ok$' "$T/p11tool.log")" -eq 3 ] ||
	    fail "p11tool: $(cat "$T/p11tool.log")"
done

# serve KEY: at $port, as process $server
serve() {
	port=$(free_port)
	host gnutls-serv --provider "$SO" --http --port "$port" \
	    --x509certfile "$(cert_file "$1")" --x509keyfile "$(key_uri "$1")" \
	    --priority NORMAL:+RSA >"$T/server.log" 2>&1 </dev/null &
	server=$!
	background "$server"
	wait_until server_listens ||
	    fail "gnutls-serv: $(cat "$T/server.log")"
}

# It listens on IPv6, for IPv4, too.
server_listens() {
	grep -Eq "^ *[0-9]+: [0F]+:$(printf %04X "$port") .* 0A" \
	    /proc/net/tcp /proc/net/tcp6 || listens "$port"
}

for kind in rsa p256 p384 ed25519; do
	serve "$kind"
	for version in 1.2 1.3; do
		fetch "$port" --tlsv$version --tls-max $version >"$T/page" ||
		    fail "$kind TLS $version: $(cat "$T/server.log")"
	done
	if [ "$kind" = rsa ]; then
		# Here the key server decrypts.
		fetch "$port" -v --tls-max 1.2 --ciphers AES128-GCM-SHA256 \
		    >"$T/page" 2>"$T/curl.log" ||
		    fail "RSA: $(cat "$T/curl.log" "$T/server.log")"
		contains "$T/curl.log" 'using TLSv1.2 / AES128-GCM-SHA256'
	fi
	kill "$server"
	wait_until gone "$server" || fail 'gnutls-serv does not end'
done
