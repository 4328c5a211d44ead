# p11-kit lends the keys of keyless-pkcs11.so to processes that have no
# connection to a key server.

KIT=$(module_file p11-kit-client.so)
need_edge p11-kit p11-kit || return 0
need_edge p11-kit-modules "$KIT" || return 0
host p11-kit server --foreground --provider "$SO" --name "$T/kit" \
    'pkcs11:token=keyless' >"$T/kit.log" 2>&1 </dev/null &
server=$!
background "$server"
wait_until test -S "$T/kit" || fail "p11-kit: $(cat "$T/kit.log")"
echo 'to be signed' >"$T/in"
openssl dgst -sha256 -binary -out "$T/hash" "$T/in"
# It passes no mechanism on that hashes for ECDSA.
for kind in rsa:SHA256-RSA-PKCS:in p256:ECDSA:hash p384:ECDSA:hash; do
	file=${kind##*:}
	kind=${kind%:*}
	env -u KEYLESS_PKCS11_CONF P11_KIT_SERVER_ADDRESS="unix:path=$T/kit" \
	    pkcs11-tool --module "$KIT" \
	    --sign --mechanism "${kind#*:}" --id "$(key_id "${kind%:*}")" \
	    --signature-format openssl --input-file "$T/$file" \
	    --output-file "$T/sig" >"$T/tool.log" 2>&1 ||
	    fail "$kind: $(cat "$T/tool.log" "$T/kit.log" "$EDGE_LOG")"
	openssl dgst -sha256 -verify "$T/hsm/${kind%:*}.pub" \
	    -signature "$T/sig" "$T/in" >"$T/out" || fail "$kind"
done
kill "$server"
