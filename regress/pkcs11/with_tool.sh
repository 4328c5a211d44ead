# pkcs11-tool sees the keys of keyless-pkcs11.so, signs and decrypts with them.

need_edge opensc pkcs11-tool || return 0
edge_tool --list-token-slots
contains "$T/tool.log" 'token label *: keyless$'
edge_tool --token-label keyless --list-objects
for kind in 'Certificate' 'Public Key' 'Private Key'; do
	[ "$(grep -c "^$kind Object" "$T/tool.log")" -eq 3 ] ||
	    fail "not 3 of $kind: $(cat "$T/tool.log")"
done
contains "$T/tool.log" 'Access: *sensitive, always sensitive, never extract'
# The id is what key servers know a key by.
ctl show keys >"$T/keys"
for id in $(sed -n 's/^ *ID: *//p' "$T/tool.log" | sort -u); do
	contains "$T/keys" "$id"
done
edge_tool --token-label keyless --login --test
contains "$T/tool.log" '^No errors'
contains "$T/tool.log" 'RSA-PKCS: OK'
contains "$T/tool.log" 'RSA-X-509: OK'

# sign KEY MECHANISM VERIFY-OPTION ...
sign() {
	sign_key=$1
	sign_mechanism=$2
	shift 2
	sign_token=keyless
	[ "$sign_key" != ed25519 ] || sign_token=keyless-ed
	head -c 500 /dev/urandom >"$T/in"
	edge_tool --token-label "$sign_token" --sign \
	    --mechanism "$sign_mechanism" --id "$(key_id "$sign_key")" \
	    --input-file "$T/in" --output-file "$T/sig" \
	    --signature-format openssl
	openssl pkeyutl -verify -pubin -inkey "$T/hsm/$sign_key.pub" -rawin \
	    -in "$T/in" -sigfile "$T/sig" "$@" >"$T/verify" 2>&1 ||
	    fail "$sign_key $sign_mechanism: $(cat "$T/verify")"
}
for bits in 256 384 512; do
	sign rsa "SHA$bits-RSA-PKCS" -digest "sha$bits"
	sign rsa "SHA$bits-RSA-PKCS-PSS" -digest "sha$bits" \
	    -pkeyopt rsa_padding_mode:pss
	sign p256 "ECDSA-SHA$bits" -digest "sha$bits"
	sign p384 "ECDSA-SHA$bits" -digest "sha$bits"
done
sign ed25519 EDDSA
