#!/bin/sh
# make demo: keylessd at work, from keys to verified signatures, in a directory
# that is removed at the end.  Fails loudly when any step does.
TOP=$(cd "$(dirname "$0")/.." && pwd)
. "$TOP/regress/live/lib.sh"
. "$TOP/regress/live/pkcs11.lib.sh"

step=0
say() {
	step=$((step + 1))
	printf '\n%d. %s\n' "$step" "$*"
}

# show COMMAND ...: print the command, then its output, indented
show() {
	printf '   $ %s\n' "$*" | sed "s|$TOP/||g; s|$T/||g"
	"$@" >"$T/show" 2>&1 || {
		cat "$T/show"
		fail "$*"
	}
	sed 's/^/   /' "$T/show"
}

# sign KEY PUBKEY OPERATION ...: with a client certificate, and verified
sign() {
	sign_key=$1
	sign_pub=$2
	shift 2
	for operation; do
		client -d 10 sign "$operation" "$sign_pub" 10 ||
		    fail "$operation with $sign_key"
		printf '   %-28s %-22s verified\n' "$sign_key" "$operation"
	done
}

need_programs
printf 'keylessd demo\n'
if is_root; then
	echo 'As root: processes with users and root directories of their own.'
else
	echo 'As an ordinary user: the same processes, without users and root'
	echo 'directories of their own.  Try it as root, too.'
fi

say 'A throwaway authority for the server, and one for its clients'
make_pki
ls "$FIX/pki"/*.pem | sed 's|.*/|   |'

say 'A SoftHSM token with keys that cannot leave it'
make_token
token_init
p11 "$T/hsm" --list-objects --type privkey
grep -E 'Private Key|label:|Access:' "$T/pkcs11-tool.log" | sed 's/^/   /'

say 'And a key in a file, for its owner only'
mkdir "$T/keys"
put_key p256 pkcs8-pem "$T/keys/www.example.com.key"
show ls -l "$T/keys"

say 'The configuration (the PIN comes from a file)'
(umask 077 && printf '%s\n' "$PIN" >"$T/pin")
rsa=$(token_uri object=rsa)
ec=$(token_uri object=p256)
config <<END
private_key_stores:
- dir: $T/keys
$(token_store "${rsa%&pin-value=*}")
  pin_file: $T/pin
$(token_store "${ec%&pin-value=*}")
  pin_file: $T/pin
END
sed "s|$FIX/||; s|$T/||; s/^/   /" "$CONF"

say 'keylessd starts: it opens the files, the signers load keys and log in'
daemon_start
sed 's/^[^ ]* //; s/^/   /' "$LOG"

say 'Its processes'
# shellcheck disable=SC2046
ps -o user:12,pid,args -p "$DAEMON" $(children "$DAEMON" | sed 's/^/-p /') |
    sed "s|$TOP/||g; s|$T/||g; s/^/   /"

say 'A client asks for signatures, over TLS with certificates on both sides'
sign 'RSA-2048 in the token' "$T/hsm/rsa.pub" pkcs1 pss
sign 'P-256 in the token' "$T/hsm/p256.pub" ecdsa
sign 'P-256 in a file' "$K/p256.pub" ecdsa
client decrypt "$T/hsm/rsa.pub" || fail 'decrypt with RSA-2048 in the token'
printf '   %-28s %-22s verified\n' 'RSA-2048 in the token' decrypt

say 'One without a certificate, and one with an expired one, are refused'
"$CLIENT" -a "127.0.0.1:$PORT" -C "$FIX/pki/server-ca.pem" -H >"$T/out" 2>&1 ||
    fail 'a client without a certificate was not refused'
client_as expired -H || fail 'a client with an expired one was not refused'
sed -n 's/^.* \(handshake failed peer\)/   \1/p' "$LOG"

say 'What keylessctl shows'
show "$KEYLESSCTL" -s "$T/control.sock" show keys
show "$KEYLESSCTL" -s "$T/control.sock" show stats

say 'A signer is killed while requests are on their way: nothing is lost'
client_start -d 16 load ecdsa-sha256 "$K/p256.pub" 4 2s
load=$STARTED
busy() {
	[ "$(ctl show stats | sed -n 's/^requests  *//p')" -gt 500 ]
}
wait_until busy || fail 'no load'
kill -KILL "$(signers | head -n 1)"
wait "$load" || fail 'requests were lost'
grep '^load ' "$T/client.log" | sed 's/^/   /'

say 'The other half: a web server that has no key, only keyless-pkcs11.so'
site rsa "$T/hsm/rsa.pub"
edge_conf
sed "s|$TOP/||; s|$FIX/||; s|$T/||; /^- label: keyless-ed/,\$d; s/^/   /" \
    "$EDGE"
engine_conf
port=$(free_port)
engine openssl s_server -accept "127.0.0.1:$port" -www \
    -cert "$SITE/rsa.pem" -engine pkcs11 -keyform engine \
    -key "$(key_uri rsa)" >"$T/server.log" 2>&1 </dev/null &
web=$!
up "$web" "$port" "$T/server.log"
printf '   $ openssl s_server -www -cert rsa.pem -engine pkcs11 \\\n'
printf '       -keyform engine -key "%s"\n' "$(key_uri rsa)"
refuse grep -q softhsm "/proc/$web/maps"

say 'curl fetches a page from it over HTTPS'
before=$(ctl show stats | sed -n 's/^requests  *//p')
fetch "$port" -v >"$T/page" 2>"$T/curl.log" ||
    fail "curl: $(cat "$T/curl.log" "$T/server.log")"
printf '   $ curl --cacert site-ca.pem https://www.example.com:%s/\n' "$port"
sed -n 's/^\* *\(SSL connection using\)/   \1/p
    s/^\* *\(SSL certificate verify\)/   \1/p' "$T/curl.log"
sed -n 's/^ *\(Protocol *: .*\)/   \1/p; s/^ *\(Cipher *: .*\)/   \1/p' \
    "$T/page"
after=$(ctl show stats | sed -n 's/^requests  *//p')
[ "$after" -gt "$before" ] || fail 'keylessd was not asked'
sed -n 's/.* \(key server up\)/   the web server: \1/p' "$EDGE_LOG"
echo "   keylessd: $((after - before)) requests for it, a ping among them: the"
echo '   key that signed the handshake is in the token and never left it.'
kill "$web"

say 'keylessd stops, and leaves nothing behind'
daemon_stop
sed -n 's/^[^ ]* \(.* stopped\)/   \1/p' "$LOG"

printf '\nAll of it worked.\n'
