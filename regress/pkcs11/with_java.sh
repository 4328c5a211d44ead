# Java's SunPKCS11 signs with keys of keyless-pkcs11.so.

need_edge openjdk-17-jre-headless keytool || return 0
# Its own threads are in the way of a sanitizer that is loaded first.
if grep -aq __asan_init "$SO"; then
	return 0
fi
printf 'name = keyless\nlibrary = %s\nslotListIndex = 0\n' "$SO" \
    >"$T/java.conf"
java_keytool() {
	keytool -J-Djava.io.tmpdir="$T" -storetype PKCS11 -keystore NONE \
	    -storepass '' -providerClass sun.security.pkcs11.SunPKCS11 \
	    -providerArg "$T/java.conf" "$@" >"$T/java.out" 2>&1 </dev/null ||
	    fail "keytool $*: $(cat "$T/java.out" "$EDGE_LOG")"
}
java_keytool -list
[ "$(grep -c PrivateKeyEntry "$T/java.out")" -eq 3 ] ||
    fail "not 3 keys: $(cat "$T/java.out")"
for kind in rsa:SHA256withRSA rsa:SHA512withRSA p256:SHA256withECDSA \
    p384:SHA384withECDSA; do
	java_keytool -certreq -alias "${kind%:*}.example.com" \
	    -sigalg "${kind#*:}" -file "$T/java.csr"
	openssl req -in "$T/java.csr" -verify -noout >"$T/verify" 2>&1 ||
	    fail "$kind: $(cat "$T/verify")"
done
