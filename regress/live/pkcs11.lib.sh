# shellcheck shell=sh
# What the tests of keyless-pkcs11.so share, besides lib.sh: programs that hold
# no key, with the module, use the keys of a SoftHSM behind keylessd.
#
#	$SO		the module
#	$EDGE		its configuration
#	$SITE		certificates of web sites: rsa.pem, p256.pem, p384.pem,
#			ed/ed25519.pem
#	$EDGE_LOG	what the module logs

SO=${SO:-$TOP/keyless-pkcs11/keyless-pkcs11.so}
EDGE=$T/keyless-pkcs11.conf
EDGE_LOG=$T/edge.log
SITE=$T/site

MISSING=		# what is, for skip_missing

# need_edge PACKAGE PROGRAM|FILE ...: whether they are here
need_edge() {
	edge_package=$1
	shift
	for thing; do
		if [ -n "$thing" ]; then
			command -v "$thing" >"$T/command" && continue
			[ ! -f "$thing" ] || continue
			[ ! -x "/usr/sbin/$thing" ] || continue
		fi
		MISSING="$MISSING package $edge_package;"
		return 1
	done
}

# need_engine: OpenSSL's engine, and curl
need_engine() {
	need_edge libengine-pkcs11-openssl \
	    "$(ls /usr/lib/*/engines-3/pkcs11.so)" && need_edge curl curl
}

skip_missing() {
	[ -z "$MISSING" ] || skip "missing:${MISSING%;}"
}

# site NAME PUBKEY: a certificate of the site's authority for a public key
# whose private key is elsewhere
site() {
	mkdir -p "$SITE/ed"
	[ -f "$FIX/pki/site-ca.pem" ] || ca site-ca
	printf '%s\n' 'subjectAltName=DNS:www.example.com,DNS:localhost' \
	    'keyUsage=digitalSignature,keyEncipherment' >"$T/site.ext"
	openssl x509 -new -subj "/CN=$1.example.com" -force_pubkey "$2" \
	    -CA "$FIX/pki/site-ca.pem" -CAkey "$FIX/pki/site-ca.key" \
	    -days 2 -extfile "$T/site.ext" -out "$SITE/$1.pem" \
	    2>"$T/openssl.log" || fail "openssl: $(cat "$T/openssl.log")"
}

# slot LABEL LINE ...: an item of slots
slot() {
	cat <<-END
		- label: $1
		  auth_cert: $FIX/pki/client.pem
		  auth_key: $FIX/pki/client.key
		  keyserver_ca_cert: $FIX/pki/server-ca.pem
	END
	shift
	for line; do
		printf '  %s\n' "$line"
	done
}

# edge_conf [ADDRESS ...]: $EDGE with these servers; that of daemon_start if
# there are none.  Ed25519 has a slot of its own: OpenSSL's engine does not get
# past a key of a type that it does not know.
edge_conf() {
	[ $# -ne 0 ] || set -- "127.0.0.1:$PORT"
	edge_servers="servers: [$(echo "$*" | tr ' ' ',')]"
	{
		echo "log: $EDGE_LOG"
		echo 'loglevel: 0'
		echo 'slots:'
		slot keyless "$edge_servers" "certificates: [$SITE]"
		slot keyless-ed "$edge_servers" "certificates: [$SITE/ed]"
	} >"$EDGE"
	: >>"$EDGE_LOG"
	KEYLESS_PKCS11_CONF=$EDGE
	export KEYLESS_PKCS11_CONF
}

# edge_start: SoftHSM with keys rsa, p256, p384, ed25519 behind a keylessd, a
# certificate of each, and $EDGE
edge_start() {
	[ -f "$SO" ] || fail "not built: $SO (make)"
	token_init
	make_pki
	for edge_key in rsa p256 p384 ed25519; do
		site "$edge_key" "$T/hsm/$edge_key.pub"
	done
	mv "$SITE/ed25519.pem" "$SITE/ed"
	{
		echo private_key_stores:
		for edge_key in rsa p256 p384 ed25519; do
			token_store "$(token_uri "object=$edge_key")"
			echo '  signers: 2'
		done
	} | config
	daemon_start
	edge_conf
}

# edge_tool OPTION ...: pkcs11-tool with the module, to $T/tool.log
edge_tool() {
	(host pkcs11-tool --module "$SO" "$@") >"$T/tool.log" 2>&1 </dev/null ||
	    fail "pkcs11-tool $*: $(cat "$T/tool.log" "$EDGE_LOG")"
}

# free_port: a TCP port that nobody uses just now
free_port() {
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# listens PORT: somebody does, on 127.0.0.1 or everywhere
listens() {
	grep -Eq "^ *[0-9]+: (0100007F|00000000):$(printf %04X "$1") .* 0A" \
	    /proc/net/tcp
}

# up PID PORT LOG: wait until a server of somebody else listens
up() {
	background "$1"
	up_pid=$1
	up_port=$2
	wait_until up_decided
	listens "$2" || fail "server does not start: $(cat "$3")"
}

up_decided() {
	listens "$up_port" || gone "$up_pid"
}

# host COMMAND ...: become a program that loads the module; if that has been
# built with a sanitizer, so that the program has what it needs.  In a subshell
# or in the background, so that $! is the program.
host() {
	if grep -aq __asan_init "$SO"; then
		exec env ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD="$(
		    clang -print-file-name=libclang_rt.asan-x86_64.so)" "$@"
	fi
	exec "$@"
}

# recipe NAME [KEY]: an example of keyless-pkcs11(8), with the names of the test
# instead of those there
recipe() {
	awk -v name="$1" '$2 == "recipe" && $3 == name { found = 1 }
	    /^\.Ed/ { found = 0 }
	    found && !/^\./' "$TOP/man/keyless-pkcs11.8" >"$T/recipe"
	[ -s "$T/recipe" ] || fail "keyless-pkcs11(8) has no recipe $1"
	sed 's|\\e$|\\|
	    s|/usr/local/lib/pkcs11/keyless-pkcs11.so|'"$SO"'|
	    s|/etc/keyless/www.pem|'"$SITE/${2:-}.pem"'|
	    s|object=www.example.com|'"object=${2:-}.example.com"'|
	    s|listen 443|listen 127.0.0.1:'"${port:-}"'|
	    s|/run/haproxy/www.sock|'"$T/haproxy.sock"'|' "$T/recipe"
}

# engine_conf: $ENGINE_CNF, with which OpenSSL's engine pkcs11 loads the module
engine_conf() {
	ENGINE_CNF=$T/openssl.cnf
	recipe openssl >"$ENGINE_CNF"
}

# engine COMMAND ...: the same with the engine
engine() {
	host env OPENSSL_CONF="$ENGINE_CNF" "$@"
}

# key_uri KEY: a key of the module, by its certificate's label
key_uri() {
	key_token=keyless
	[ "$1" != ed25519 ] || key_token=keyless-ed
	printf 'pkcs11:token=%s;object=%s.example.com;type=private' \
	    "$key_token" "$1"
}

# cert_file KEY: its certificate
cert_file() {
	if [ "$1" = ed25519 ]; then
		echo "$SITE/ed/$1.pem"
	else
		echo "$SITE/$1.pem"
	fi
}

# key_id KEY: its CKA_ID
key_id() {
	openssl x509 -in "$(cert_file "$1")" -noout \
	    -ext subjectKeyIdentifier | sed 1d | tr -d ' :\n'
}

# end PID [SIGNAL]: a server of somebody else leaves, and not by a crash
end() {
	kill "-${2:-TERM}" "$1"
	wait_until gone "$1" || fail "server $1 does not end"
	end_status=0
	wait "$1" || end_status=$?
	case $end_status in
	0|143) ;;
	*) fail "server $1: exit status $end_status" ;;
	esac
}

# fetch PORT [OPTION ...]: a page over HTTPS, by curl
fetch() {
	fetch_port=$1
	shift
	curl -sS --max-time 20 --cacert "$FIX/pki/site-ca.pem" \
	    --resolve "www.example.com:$fetch_port:127.0.0.1" "$@" \
	    "https://www.example.com:$fetch_port/"
}

P11EDGE=${P11EDGE:-$TOP/regress/pkcs11/p11edge}
TLSLOAD=${TLSLOAD:-$TOP/regress/pkcs11/tlsload}

# p11edge COMMAND ...: to $T/p11edge.log, with what it prints when it fails
p11edge() {
	"$P11EDGE" "$SO" "$@" >>"$T/p11edge.log" 2>&1 ||
	    fail "p11edge $*: $(tail -n 20 "$T/p11edge.log" "$EDGE_LOG")"
}

# p11edge_start COMMAND ...: in the background, as process $STARTED
p11edge_start() {
	"$P11EDGE" "$SO" "$@" >>"$T/p11edge.log" 2>&1 &
	STARTED=$!
	background "$STARTED"
}

# p11edge_end PID: it must have succeeded
p11edge_end() {
	wait "$1" || fail "p11edge: $(tail -n 20 "$T/p11edge.log" "$EDGE_LOG")"
}

# daemon_kill: SIGKILL to all of keylessd
daemon_kill() {
	kill_pids="$DAEMON $(children "$DAEMON")"
	for pid in $kill_pids; do
		kill -KILL "$pid"
	done
	for pid in $kill_pids; do
		wait_until gone "$pid" || fail "$pid does not end"
	done
	DAEMON=
}

# daemon_replace: another keylessd in the place of the one that was killed
daemon_replace() {
	sed -i "s/^listen:.*/listen: [\"127.0.0.1:$PORT\"]/" "$CONF"
	rm -f "$T/control.sock" "$T/keylessd.pid"
	daemon_start
}

# second_start [PORT]: another keylessd beside the first, process $SECOND at
# $SECOND_PORT; it ends with the test
second_start() {
	sed "s|^listen:.*|listen: [\"127.0.0.1:${1:-0}\"]|
	    s|^control_socket:.*|control_socket: $T/second.sock|
	    s|^pid_file:.*|pid_file: $T/second.pid|" "$CONF" >"$T/second.conf"
	chmod 600 "$T/second.conf"
	: >"$T/second.log"		# not one of an earlier start
	"$KEYLESSD" -d -f "$T/second.conf" -s "$SIGNER" >"$T/second.log" 2>&1 \
	    </dev/null &
	SECOND=$!
	background "$SECOND"
	WAIT_TRIES=600 wait_until second_decided ||
	    fail 'the second keylessd neither serves nor ends'
	SECOND_PORT=$(sed -n \
	    's/.*listening address=127\.0\.0\.1:\([0-9]*\)$/\1/p' \
	    "$T/second.log")
	[ -n "$SECOND_PORT" ] || fail "no second: $(cat "$T/second.log")"
}

second_decided() {
	grep -q 'ready keys=' "$T/second.log" || gone "$SECOND"
}

second_stop() {
	kill -TERM "$SECOND"
	wait_until gone "$SECOND" || fail 'the second keylessd does not stop'
}

edge_log_has() {
	grep -Eq -e "$1" "$EDGE_LOG"
}

# wait_edge REGEX: until the module has logged it
wait_edge() {
	wait_until edge_log_has "$1" ||
	    fail "not logged by the module: $1: $(tail -n 30 "$EDGE_LOG" \
	    "$T/p11edge.log")"
}
