# nginx with two workers serves HTTPS, and holds no private key: an RSA and an
# EC key are in a SoftHSM behind keylessd.  1,000 handshakes while keylessd is
# killed and replaced: none fails.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pkcs11.lib.sh"

need_edge nginx nginx && need_engine || skip_missing
edge_start
engine_conf
sed -i 's/^  servers:/  timeout: 30s\n  servers:/' "$EDGE"
port=$(free_port)
mkdir "$T/nginx"
echo 'a page' >"$T/nginx/index.html"
cat >"$T/nginx.conf" <<END
daemon off;
worker_processes 2;
$(is_root && echo 'user www-data;')
pid $T/nginx/pid;
error_log $T/nginx/error.log notice;
env KEYLESS_PKCS11_CONF;
env OPENSSL_CONF;
events { }
http {
	access_log off;
	client_body_temp_path $T/nginx/1;
	proxy_temp_path $T/nginx/2;
	fastcgi_temp_path $T/nginx/3;
	uwsgi_temp_path $T/nginx/4;
	scgi_temp_path $T/nginx/5;
	server {
		listen 127.0.0.1:$port ssl;
		root $T/nginx;
		ssl_protocols TLSv1.2 TLSv1.3;
		ssl_session_cache off;
		ssl_session_tickets off;
$(recipe nginx rsa)
$(recipe nginx p256)
	}
}
END
engine "$(command -v nginx || echo /usr/sbin/nginx)" -e "$T/nginx/error.log" \
    -c "$T/nginx.conf" -p "$T/nginx" >"$T/nginx/out" 2>&1 </dev/null &
nginx=$!
up "$nginx" "$port" "$T/nginx/out"

# What curl and nginx agree on.
agreed() {
	agreed_what=$1
	shift
	fetch "$port" -v "$@" >"$T/page" 2>"$T/curl.log" ||
	    fail "curl $*: $(cat "$T/curl.log" "$T/nginx/error.log")"
	contains "$T/page" '^a page$'
	contains "$T/curl.log" "SSL connection using $agreed_what"
}
agreed 'TLSv1.3 ' --tlsv1.3
for auth in RSA ECDSA; do
	agreed "TLSv1.2 / ECDHE-$auth-" --tls-max 1.2 \
	    --ciphers "ECDHE-$auth-AES128-GCM-SHA256"
done

# The workers cannot read the key that they show to keylessd; they have it from
# the master.
if is_root; then
	refuse setpriv --reuid www-data --clear-groups \
	    cat "$FIX/pki/client.key" 2>"$T/out"
fi

load() {
	"$TLSLOAD" "$@" "$port" "$FIX/pki/site-ca.pem" 2 500 \
	    >>"$T/load.log" 2>&1 &
	background $!
}
load
tls13=$!
load -12 -c ECDHE-RSA-AES128-GCM-SHA256
tls12=$!
busy() {
	[ "$(ctl show stats | sed -n 's/^requests  *//p')" -gt 300 ]
}
WAIT_TRIES=1200 wait_until busy || fail "no load: $(cat "$T/load.log")"
daemon_kill
daemon_replace
wait "$tls13" || fail "handshakes failed: $(cat "$T/load.log")"
wait "$tls12" || fail "handshakes failed: $(cat "$T/load.log")"
[ "$(grep -c '^handshakes done=500 failed=0 ' "$T/load.log")" -eq 2 ] ||
    fail "handshakes: $(cat "$T/load.log")"
# Some of them came before, some after.
[ "$(ctl show stats | sed -n 's/^requests  *//p')" -gt 100 ] ||
    fail 'keylessd was replaced too late'
# New workers from the old master, as after each reload.
kill -HUP "$nginx"
wait_until grep -q 'gracefully shutting down' "$T/nginx/error.log" ||
    fail 'nginx does not reload'
agreed 'TLSv1.3 ' --tlsv1.3
end "$nginx" QUIT
lacks "$T/nginx/error.log" 'exited on signal|\[crit\]|\[alert\]|\[emerg\]'
daemon_stop
