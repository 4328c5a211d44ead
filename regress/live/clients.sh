# Who may ask what: rules for clients by common name, alternative name and
# fingerprint, by SKI, label and store, and a policy for keys.  A key that is
# not the client's is error 2, an operation that is not allowed error 5.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

mkdir "$T/keys"
put_key rsa2048 pkcs8-pem "$T/keys/rsa.key"
put_key p256 pkcs8-pem "$T/keys/ec.key"
put_key ed25519 pkcs8-pem "$T/ed.key"
make_pki
cert named client-ca 2 'extendedKeyUsage=clientAuth' \
    'subjectAltName=DNS:edge.example.com,DNS:other.example.com'
cert printed client-ca 2 'extendedKeyUsage=clientAuth'
cert nobody client-ca 2 'extendedKeyUsage=clientAuth'
cert noeku client-ca 2 'subjectAltName=DNS:edge.example.com'
fingerprint=$(openssl x509 -in "$FIX/pki/printed.pem" -noout -fingerprint \
    -sha256 | sed 's/.*=//')
ski=$("$CLIENT" ski "$K/p256.pub")

config <<END
clients:
- name: keylessd regress client
- name: Edge.example.com
  keys: ["store:$T/keys"]
  opcodes: [sign, no-sha1]
- fingerprint: $fingerprint
  keys: ["ski:$ski", label:ed.key]
- fingerprint: $fingerprint
  keys: ["store:$T/keys"]
  opcodes: [OpRSADecryptRaw]
policy:
- keys: [label:rsa.key]
  opcodes: [no-decrypt, no-md5sha1]
private_key_stores:
- dir: keys
- file: $T/ed.key
  opcodes: [sign]
END
daemon_start

# By its common name: every key, but what the policy forbids for all.
client sign rsa-sha256 "$K/rsa2048.pub" , sign rsa-sha1 "$K/rsa2048.pub" , \
    sign ecdsa-sha256 "$K/p256.pub" , sign ed25519 "$K/ed25519.pub" ||
    fail 'the client with a rule for all keys'
client -e 5 decrypt "$K/rsa2048.pub" || fail 'decryption against the policy'
client -e 5 sign rsa-md5sha1 "$K/rsa2048.pub" || fail 'MD5 and SHA-1'

# By a name that is not the first, in other letters: one store, no SHA-1.
client_as named sign rsa-sha256 "$K/rsa2048.pub" , \
    sign ecdsa-sha384 "$K/p256.pub" || fail 'the client with a name'
client_as named -e 5 sign rsa-sha1 "$K/rsa2048.pub" || fail 'SHA-1'
client_as named -e 5 sign ecdsa-sha1 "$K/p256.pub" || fail 'SHA-1 with EC'
client_as named -e 2 sign ed25519 "$K/ed25519.pub" ||
    fail 'a key of another store'

# By its fingerprint, by two rules: what either of them grants.
client_as printed sign ecdsa-sha256 "$K/p256.pub" , \
    sign ed25519 "$K/ed25519.pub" || fail 'the client with a fingerprint'
client_as printed -e 5 sign rsa-sha256 "$K/rsa2048.pub" ||
    fail 'a signature where only decryption is granted'
client_as printed -e 5 decrypt "$K/rsa2048.pub" || fail 'policy and rule'

# Without a rule: nothing but ping.
client_as nobody ping 1 || fail 'a ping of a client without a rule'
client_as nobody -e 2 sign ecdsa-sha256 "$K/p256.pub" || fail 'no rule'
client_as nobody -e 2 sign ed25519 "$K/ed25519.pub" || fail 'no rule'
wait_log 'requests denied client="/CN=keylessd regress nobody" .*no rule'
ctl show stats >"$T/out"
contains "$T/out" '^denied +[1-9]'

# Many refusals are one line a minute.
client_as nobody -e 2 sign ecdsa-sha256 "$K/p256.pub" 500 || fail 'no rule'
[ "$(grep -c 'requests denied .*regress nobody' "$LOG")" -le 3 ] ||
    fail 'a line for each refusal'

# A reload changes what connections may that are open already.
# shellcheck disable=SC2034
CLIENT_NAME=named
client_waits wait , sign rsa-sha1 "$K/rsa2048.pub"
sed -i 's/  opcodes: \[sign, no-sha1\]/  opcodes: [sign]/' "$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
go
client_went_on

# The extended key usage can be demanded.
client_as noeku sign ecdsa-sha256 "$K/p256.pub" || fail 'no EKU needed'
echo 'client_eku: yes' >>"$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
refuse client_as noeku sign ecdsa-sha256 "$K/p256.pub"
contains "$LOG" 'handshake failed .*without the extended key usage clientAuth'
client sign ecdsa-sha256 "$K/p256.pub"

# Without rules everyone has every key again.
sed -i '/^clients:/,/^policy:/{/^policy:/!d}' "$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
client_as nobody sign ed25519 "$K/ed25519.pub" || fail 'without rules'
daemon_stop
