# A reload takes over another address and another authority for clients;
# clients that are connected stay.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
client_start hold 60
held=$STARTED
old=$PORT

sed -i -e 's|^listen: .*|listen: ["127.0.0.2:0"]|' \
    -e "s|^cloudflare_ca_cert: .*|cloudflare_ca_cert: $FIX/pki/server-ca.pem|" \
    "$CONF"
ctl reload >"$T/out"
contains "$T/out" '^reloaded: 0 keys added, 0 removed, 1 kept, 0 failed$'
alive "$held" || fail 'a connection was lost by the reload'
wait_log 'listening address=127.0.0.2:'
refuse client sign ecdsa "$K/p256.pub" >"$T/out" 2>&1

# Back: the port is another one.
sed -i -e 's|^listen: .*|listen: ["127.0.0.1:0"]|' \
    -e "s|^cloudflare_ca_cert: .*|cloudflare_ca_cert: $FIX/pki/client-ca.pem|" \
    "$CONF"
ctl reload >"$T/out"
PORT=$(sed -n 's/.* listening address=127.0.0.1:\([0-9]*\)$/\1/p' "$LOG" |
    tail -n 1)
[ "$PORT" != "$old" ] || fail 'the new address is not logged'
client sign ecdsa "$K/p256.pub"
daemon_stop
