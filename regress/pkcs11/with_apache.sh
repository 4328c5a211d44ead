# Apache serves HTTPS with keys of keyless-pkcs11.so.

need_edge apache2-bin apache2 /usr/lib/apache2/modules/mod_ssl.so || return 0
need_engine || return 0
port=$(free_port)
mkdir "$T/apache"
echo 'a page' >"$T/apache/index.html"
cat >"$T/apache.conf" <<END
ServerRoot $T/apache
ServerName www.example.com
PidFile $T/apache/pid
ErrorLog $T/apache/error.log
Mutex fcntl:$T/apache default
$(is_root && printf 'User www-data\nGroup www-data')
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
Listen 127.0.0.1:$port
DocumentRoot $T/apache
SSLEngine on
$(recipe apache rsa)
$(recipe apache p256 | sed 1d)
END
engine "$(command -v apache2 || echo /usr/sbin/apache2)" -D FOREGROUND \
    -f "$T/apache.conf" >"$T/apache/out" 2>&1 </dev/null &
apache=$!
touch "$T/apache/error.log"
up "$apache" "$port" "$T/apache/error.log"
for auth in RSA ECDSA; do
	fetch "$port" --tls-max 1.2 --ciphers "ECDHE-$auth-AES128-GCM-SHA256" \
	    >"$T/page" || fail "$auth: $(cat "$T/apache/error.log")"
	contains "$T/page" '^a page$'
done
fetch "$port" --tlsv1.3 >"$T/page" || fail "$(cat "$T/apache/error.log")"
# Its children are forked, and have many threads.
"$TLSLOAD" "$port" "$FIX/pki/site-ca.pem" 8 100 >"$T/load.log" 2>&1 ||
    fail "handshakes: $(cat "$T/load.log")"
end "$apache"
lacks "$T/apache/error.log" 'exit signal'
