# HAProxy behind nginx, which ends TLS with a key of keyless-pkcs11.so and tells
# HAProxy who the client is: Debian's HAProxy is built without engines.

need_edge haproxy haproxy || return 0
need_edge nginx nginx || return 0
need_edge libnginx-mod-stream /usr/lib/nginx/modules/ngx_stream_module.so ||
    return 0
need_engine || return 0
port=$(free_port)
mkdir "$T/nginx"
cat >"$T/nginx.conf" <<END
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
$(is_root && echo 'user www-data;')
pid $T/nginx/pid;
env KEYLESS_PKCS11_CONF;
env OPENSSL_CONF;
events { }
stream {
$(recipe stream p256)
}
END
cat >"$T/haproxy.cfg" <<END
defaults
	mode http
	timeout client 20s
	timeout connect 20s
	timeout server 20s
frontend www
	$(recipe haproxy)
	http-request return status 200 content-type text/plain lf-string "%ci\n"
END
"$(command -v haproxy || echo /usr/sbin/haproxy)" -db -f "$T/haproxy.cfg" \
    >"$T/haproxy.log" 2>&1 </dev/null &
haproxy=$!
background "$haproxy"
engine "$(command -v nginx || echo /usr/sbin/nginx)" -e "$T/nginx/error.log" \
    -c "$T/nginx.conf" -p "$T/nginx" >"$T/nginx/out" 2>&1 </dev/null &
nginx=$!
up "$nginx" "$port" "$T/nginx/out"
wait_until test -S "$T/haproxy.sock" || fail "$(cat "$T/haproxy.log")"
fetch "$port" >"$T/page" || fail "$(cat "$T/nginx/error.log" "$T/haproxy.log")"
contains "$T/page" '^127\.0\.0\.1$'
end "$nginx" QUIT
kill "$haproxy"
