# p11-kit lends the keys of keyless-pkcs11.so to processes that have no
# connection to a key server.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/real.lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

KIT=$(module_file p11-kit-client.so)
need p11-kit p11-kit
need p11-kit-modules "$KIT"
edge_start
host p11-kit server --foreground --provider "$SO" --name "$T/kit" \
    'pkcs11:token=keyless' >"$T/kit.log" 2>&1 </dev/null &
server=$!
background "$server"
wait_until test -S "$T/kit" || fail "p11-kit: $(cat "$T/kit.log")"
unset KEYLESS_PKCS11_CONF
echo 'to be signed' >"$T/in"
openssl dgst -sha256 -binary -out "$T/hash" "$T/in"
# It passes no mechanism on that hashes for ECDSA.
for kind in rsa:SHA256-RSA-PKCS:in p256:ECDSA:hash p384:ECDSA:hash; do
	file=${kind##*:}
	kind=${kind%:*}
	P11_KIT_SERVER_ADDRESS=unix:path=$T/kit pkcs11-tool --module "$KIT" \
	    --sign --mechanism "${kind#*:}" --id "$(key_id "${kind%:*}")" \
	    --signature-format openssl --input-file "$T/$file" \
	    --output-file "$T/sig" >"$T/tool.log" 2>&1 ||
	    fail "$kind: $(cat "$T/tool.log" "$T/kit.log" "$EDGE_LOG")"
	openssl dgst -sha256 -verify "$T/hsm/${kind%:*}.pub" \
	    -signature "$T/sig" "$T/in" >"$T/out" || fail "$kind"
done
kill "$server"
daemon_stop
