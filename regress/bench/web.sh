# shellcheck shell=sh
# Sourced by bench.sh: handshakes of nginx, with the key in a file of its own
# and with the same key behind keylessd, through keyless-pkcs11.so.
#
# Both serve at the same time and are measured in turns, three in each round of
# other rows.  Each handshake is TLS 1.3, with a connection and a key exchange
# of its own.

# web_start NAME KEY: nginx with two workers and the certificate of $web_kind,
# process $web at $port
web_start() {
	port=$(free_port)
	mkdir "$T/$1"
	cat >"$T/$1.conf" <<-END
		daemon off;
		worker_processes 2;
		$(is_root && echo 'user www-data;')
		pid $T/$1/pid;
		env KEYLESS_PKCS11_CONF;
		env OPENSSL_CONF;
		events { }
		http {
		access_log off;
		server {
		listen 127.0.0.1:$port ssl;
		root $T/$1;
		ssl_protocols TLSv1.3;
		ssl_session_cache off;
		ssl_session_tickets off;
		ssl_certificate $SITE/$web_kind.pem;
		ssl_certificate_key "$2";
		}
		}
	END
	echo 'a page' >"$T/$1/index.html"
	engine "$(command -v nginx || echo /usr/sbin/nginx)" \
	    -e "$T/$1/error.log" -c "$T/$1.conf" -p "$T/$1" \
	    >"$T/$1/out" 2>&1 </dev/null &
	web=$!
	up "$web" "$port" "$T/$1/error.log"
}

# web_load PORT THREADS PID ...: prints handshakes/s, p50 and p99 in ms, and
# processor time of the processes for each, in us
web_load() {
	web_port=$1
	web_threads=$2
	shift 2
	web_before=$(cpu "$@")
	"$TLSLOAD" "$web_port" "$FIX/pki/site-ca.pem" "$web_threads" "$WEB" \
	    >"$T/web.log" 2>&1 || fail "nginx: $(cat "$T/web.log")" >&2
	web_after=$(cpu "$@")
	tr ' ' '\n' <"$T/web.log" | awk -F '=' -v n="$WEB" \
	    -v us="$((web_after - web_before))" '{ v[$1] = $2 + 0 } END {
		printf "%s %s %s %s", v["rate"], v["p50"], v["p99"], us / n }'
}

# web_row NAME THREADS
web_row() {
	: >"$T/rounds"
	for round in $(seq $((ROUNDS * 3))); do
		# shellcheck disable=SC2046
		web_local=$(web_load "$local_port" "$2" \
		    $(children "$web_local_pid"))
		# shellcheck disable=SC2046
		web_keyless=$(web_load "$keyless_port" "$2" \
		    $(children "$web") $(frontend) $(signers))
		echo "$round $web_local $web_keyless" | awk '{
			print $2, $6, $7 - $3, $8 - $4, $5, $9, $5 / $9 }' \
		    >>"$T/rounds"
	done
	echo "$1 $2 $(medians "$T/rounds")" | awk '{
		printf "%-16s %7d %8.0f %9.0f %7.2f %7.2f %8.0f %10.0f %5.2f\n",
		    $1, $2, $3, $4, $5, $6, $7, $8, $9 }'
}

# web_pair NAME KEY: with a key that keylessd has
web_pair() {
	web_kind=$2
	site "$web_kind" "$K/$web_kind.pub"
	edge_conf
	web_start "local-$web_kind" "$K/$web_kind.pem"
	web_local_pid=$web
	local_port=$port
	web_start "keyless-$web_kind" "engine:pkcs11:$(key_uri "$web_kind")"
	keyless_port=$port
	web_load "$keyless_port" 8 "$web" >"$T/out"	# connects
	for threads in 1 8; do
		web_row "$1" "$threads"
	done
	end "$web_local_pid" QUIT
	end "$web" QUIT
}

web_servers() {
	echo
	if ! { need_edge nginx nginx && need_engine; }; then
		echo "nginx: not measured, missing:${MISSING%;}"
		return
	fi
	printf '%-16s %7s %8s %9s %7s %7s %8s %10s %5s\n' 'nginx, TLS 1.3' \
	    threads local/s keyless/s p50+ms p99+ms local-us keyless-us ratio
	engine_conf
	web_pair P-256 p256
	web_pair RSA-2048 rsa2048
}
