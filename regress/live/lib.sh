# shellcheck shell=sh
# What the live tests share.  Each test is one short file that sources this,
# starts a daemon, looks at it from outside, and stops it.  The first lines of
# a test say what it is about, and in which mode it runs:
#
#	# run-as: any		once, as whoever runs the tests
#	# run-as: both		as root and as an ordinary user
#	# run-as: root		only as root, with full separation
#	# run-as: user		only as an ordinary user
#
# A test prints nothing when all is well.  Anything that fails ends it; then
# the logs are printed.  Exit 77, with the reason as the last line: skipped.
#
#	$TOP	the tree
#	$T	this test's directory, removed at the end
#	$FIX	certificates and keys that the tests of one run share
#
# With KEYLESS_FRONTENDS=N in the environment every daemon has so many.

set -eu
umask 022
unset SOFTHSM2_CONF
LC_ALL=C
export LC_ALL

TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$TOP"

KEYLESSD=${KEYLESSD:-$TOP/keylessd/keylessd}
SIGNER=${SIGNER:-$TOP/keyless-signer/keyless-signer}
KEYLESSCTL=${KEYLESSCTL:-$TOP/keylessctl/keylessctl}
CLIENT=${CLIENT:-$TOP/regress/client/keyless-client}

FRONTEND_USER=_keylessd
SIGNER_USER=_keysigner
TOKEN='keylessd regress'
PIN=sesame-83627
SO_PIN=open-83627

T=$(mktemp -d "${TMPDIR:-/tmp}/keylessd-test.XXXXXX")
chmod 755 "$T"
FIX=${KEYLESS_FIXTURES:-$T/fixtures}
K=$FIX/keys
CONF=$T/keylessd.conf
LOG=$T/daemon.log
DAEMON=			# process id of the parent, while it should run
PORT=
JOBS=			# process ids to be killed at the end

# ---- results

fail() {
	echo "FAILED: $*"
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# refuse COMMAND ...: it must fail
refuse() {
	if "$@"; then
		fail "should have failed: $*"
	fi
}

# contains FILE REGEX: some line matches
contains() {
	grep -Eq -e "$2" "$1" && return
	echo "--- $1:"
	cat "$1"
	fail "no line of $1 matches: $2"
}

# lacks FILE REGEX: no line matches
lacks() {
	grep -E -e "$2" "$1" || return 0
	fail "a line of $1 matches: $2"
}

log_has() {
	grep -Eq -e "$1" "$LOG"
}

# wait_until COMMAND ...: try every 50 ms, WAIT_TRIES times at most
wait_until() {
	wait_tries=${WAIT_TRIES:-200}
	until "$@"; do
		wait_tries=$((wait_tries - 1))
		[ "$wait_tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

# wait_log REGEX: until the daemon has logged it
wait_log() {
	wait_until log_has "$1" || fail "not logged: $1"
}

# ---- processes

# alive PID: it runs, and is no zombie
alive() {
	case $(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" \
	    2>/dev/null) in
	''|Z*|X*) return 1 ;;
	esac
}

gone() {
	! alive "$1"
}

# children PID [NAME]: process ids of its children, of that program only
children() {
	for status in $(grep -ls "^PPid:[[:space:]]*$1\$" \
	    /proc/[0-9]*/status); do
		pid=${status#/proc/}
		pid=${pid%/status}
		alive "$pid" || continue
		# The kernel cuts names to 15 characters.
		if [ $# -eq 1 ] ||
		    [ "$2" = "$(cat "/proc/$pid/comm" 2>/dev/null)" ]; then
			echo "$pid"
		fi
	done
}

# background PID: kill it at the end of the test
background() {
	JOBS="$JOBS $1"
}

# ---- certificates and keys

# ca NAME: a certification authority
ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$FIX/pki/$1.key" -out "$FIX/pki/$1.pem" -days 60 \
	    -subj "/CN=keylessd regress $1" 2>"$T/openssl.log" ||
	    fail "openssl: $(cat "$T/openssl.log")"
}

# cert NAME CA DAYS [EXTENSION ...]: a certificate and its key
cert() {
	cert_out=$FIX/pki/$1
	cert_ca=$FIX/pki/$2
	cert_days=$3
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$cert_out.key" -out "$cert_out.csr" \
	    -subj "/CN=keylessd regress $1" 2>"$T/openssl.log" ||
	    fail "openssl: $(cat "$T/openssl.log")"
	shift 3
	printf '%s\n' "$@" >"$cert_out.ext"
	openssl x509 -req -in "$cert_out.csr" -CA "$cert_ca.pem" \
	    -CAkey "$cert_ca.key" -CAcreateserial -days "$cert_days" \
	    -extfile "$cert_out.ext" -out "$cert_out.pem" \
	    2>"$T/openssl.log" || fail "openssl: $(cat "$T/openssl.log")"
	chmod 600 "$cert_out.key"
}

# What daemon and clients show each other.  Server and clients have different
# authorities, so that mistaking one for the other is noticed.
make_pki() {
	[ ! -f "$FIX/pki/done" ] || return 0
	mkdir -p "$FIX/pki"
	ca server-ca
	ca client-ca
	cert server server-ca 60 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
	    'extendedKeyUsage=serverAuth'
	cert client client-ca 60 'extendedKeyUsage=clientAuth'
	cert expired client-ca -1 'extendedKeyUsage=clientAuth'
	cert notclient client-ca 60 'extendedKeyUsage=serverAuth'
	cert stranger server-ca 60 'extendedKeyUsage=clientAuth'
	: >"$FIX/pki/done"
}

# key NAME: make $K/NAME.pem (PKCS#8) and $K/NAME.pub, unless they are there.
# NAME is rsaBITS, p256, p384, p521 or ed25519, and what you like after a dash.
key() {
	[ ! -f "$K/$1.pub" ] || return 0
	mkdir -p "$K"
	case ${1%%-*} in
	rsa*)	key_options="RSA -pkeyopt rsa_keygen_bits:$(
		    echo "${1%%-*}" | tr -cd 0-9)" ;;
	p256)	key_options='EC -pkeyopt ec_paramgen_curve:P-256' ;;
	p384)	key_options='EC -pkeyopt ec_paramgen_curve:P-384' ;;
	p521)	key_options='EC -pkeyopt ec_paramgen_curve:P-521' ;;
	k256)	key_options='EC -pkeyopt ec_paramgen_curve:secp256k1' ;;
	ed25519) key_options=ed25519 ;;
	*)	fail "no such kind of key: $1" ;;
	esac
	# shellcheck disable=SC2086
	(umask 077 && openssl genpkey -algorithm $key_options \
	    -out "$K/$1.pem.new" 2>"$T/openssl.log") ||
	    fail "openssl: $(cat "$T/openssl.log")"
	openssl pkey -in "$K/$1.pem.new" -pubout -out "$K/$1.pub.new"
	mv "$K/$1.pem.new" "$K/$1.pem"
	mv "$K/$1.pub.new" "$K/$1.pub"
}

# traditional NAME pem|der: the private key NAME as PKCS#1 or SEC1
traditional() {
	case $1 in
	rsa*)	openssl rsa -in "$K/$1.pem" -traditional -outform "$2" ;;
	*)	openssl ec -in "$K/$1.pem" -outform "$2" ;;
	esac 2>"$T/openssl.log" || fail "openssl: $(cat "$T/openssl.log")"
}

# put_key NAME FORM FILE: the private key NAME as a key file; FORM is pkcs8,
# traditional (PKCS#1 or SEC1) or params (SEC1 after EC PARAMETERS), then
# -pem or -der
put_key() {
	key "$1"
	(
		umask 077
		case $2 in
		pkcs8-pem)
			cp "$K/$1.pem" "$3" ;;
		pkcs8-der)
			openssl pkcs8 -topk8 -nocrypt -in "$K/$1.pem" \
			    -outform DER -out "$3" ;;
		traditional-*)
			traditional "$1" "${2#*-}" >"$3" ;;
		params-pem)
			openssl pkey -in "$K/$1.pem" -text_pub -noout |
			    sed -n 's/^ASN1 OID: //p' >"$T/curve"
			openssl ecparam -name "$(cat "$T/curve")" >"$3"
			traditional "$1" pem >>"$3" ;;
		*)
			fail "no such form: $2" ;;
		esac
	) || fail "cannot write $1 as $2"
}

# ---- a token

softhsm_module() {
	for module in /usr/lib/softhsm/libsofthsm2.so \
	    /usr/lib/*/softhsm/libsofthsm2.so \
	    /usr/lib64/pkcs11/libsofthsm2.so \
	    /usr/local/lib/softhsm/libsofthsm2.so; do
		if [ -f "$module" ]; then
			echo "$module"
			return
		fi
	done
}
MODULE=$(softhsm_module)

# hsm_conf DIR: the configuration of a SoftHSM whose tokens are in DIR; with
# the slash at the end that Debian's own has
hsm_conf() {
	cat >"$1/softhsm2.conf" <<-END
		directories.tokendir = $1/tokens/
		objectstore.backend = file
		log.level = ERROR
	END
}

# p11 DIR ...: pkcs11-tool on the tokens in DIR, logged in
p11() {
	p11_dir=$1
	shift
	SOFTHSM2_CONF=$p11_dir/softhsm2.conf pkcs11-tool --module "$MODULE" \
	    --token-label "$TOKEN" --login --pin "$PIN" "$@" \
	    >"$T/pkcs11-tool.log" 2>&1 ||
	    fail "pkcs11-tool $*: $(cat "$T/pkcs11-tool.log")"
}

# spki_head TYPE: what comes before the point in a SubjectPublicKeyInfo, and
# before the point as the token writes it
spki_head() {
	case $1 in
	*:prime256v1)
		echo 3059301306072a8648ce3d020106082a8648ce3d030107034200 0441
		;;
	*:secp384r1)
		echo 3076301006072a8648ce3d020106052b81040022036200 0461 ;;
	*:edwards25519)
		echo 302a300506032b6570032100 0420 ;;
	esac
}

# p11_public DIR ID FILE TYPE: the public key of a key pair, as DER.  Of EC keys
# it is put together by hand, since pkcs11-tool cannot write them all.
p11_public() {
	case $4 in
	rsa:*)
		p11 "$1" --read-object --type pubkey --id "$2" \
		    --output-file "$3"
		return ;;
	esac
	# It lists all keys, whatever the id asked for.
	p11 "$1" --list-objects --type pubkey
	point=$(awk -v id="$2" '$1 == "EC_POINT:" { point = $2 }
	    $1 == "ID:" && $2 == id { print point }' "$T/pkcs11-tool.log")
	# shellcheck disable=SC2046
	set -- "$3" "$point" $(spki_head "$4")
	[ "$2" != "${2#"$4"}" ] || fail "no point: $(cat "$T/pkcs11-tool.log")"
	python3 -c 'import sys
sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))' "$3${2#"$4"}" >"$1"
}

# p11_key DIR ID LABEL TYPE: a key pair that never leaves the token, and its
# public key in DIR/LABEL.pub
p11_key() {
	p11 "$1" --keypairgen --id "$2" --label "$3" --key-type "$4" \
	    --sensitive
	p11_public "$1" "$2" "$1/$3.der" "$4"
	openssl pkey -pubin -inform DER -in "$1/$3.der" -out "$1/$3.pub"
}

# One token with a key of each kind, made once and copied by the tests.
make_token() {
	[ ! -f "$FIX/hsm/done" ] || return 0
	[ -n "$MODULE" ] || skip 'SoftHSM is not installed (make deps)'
	mkdir -p "$FIX/hsm/tokens"
	hsm_conf "$FIX/hsm"
	SOFTHSM2_CONF=$FIX/hsm/softhsm2.conf softhsm2-util --init-token \
	    --free --label "$TOKEN" --so-pin "$SO_PIN" --pin "$PIN" \
	    >"$T/softhsm2-util.log" 2>&1 ||
	    fail "softhsm2-util: $(cat "$T/softhsm2-util.log")"
	p11_key "$FIX/hsm" 01 rsa rsa:2048
	p11_key "$FIX/hsm" 02 p256 EC:prime256v1
	p11_key "$FIX/hsm" 03 p384 EC:secp384r1
	p11_key "$FIX/hsm" 04 ed25519 EC:edwards25519
	: >"$FIX/hsm/done"
}

# token_init [NAME]: the token in $T/NAME (hsm), with public keys $T/NAME/*.pub
token_init() {
	make_token
	hsm=$T/${1:-hsm}
	mkdir "$hsm"
	cp -R "$FIX/hsm/tokens" "$FIX"/hsm/*.pub "$hsm"
	hsm_conf "$hsm"
	token_owner "$hsm"
}

# token_owner DIR: the signers must be able to write to it
token_owner() {
	if is_root; then
		chown -R "$SIGNER_USER" "$1/tokens"
	fi
}

# token_uri KEY [PIN [MODULE]]: the URI of a key (id=%01, object=rsa ...)
token_uri() {
	printf 'pkcs11:token=%s;%s?module-path=%s&pin-value=%s' \
	    "$(echo "$TOKEN" | sed 's/ /%20/g')" "$1" "${3:-$MODULE}" \
	    "${2:-$PIN}"
}

# token_store URI [NAME]: an item of private_key_stores
token_store() {
	cat <<-END
		- uri: '$1'
		  environment:
		    SOFTHSM2_CONF: $T/${2:-hsm}/softhsm2.conf
	END
}

# ---- the daemon

# config: write $CONF, what all tests need and then standard input
config() {
	make_pki
	{
		cat <<-END
			listen: ["127.0.0.1:0"]
			control_socket: $T/control.sock
			pid_file: $T/keylessd.pid
			auth_cert: $FIX/pki/server.pem
			auth_key: $FIX/pki/server.key
			cloudflare_ca_cert: $FIX/pki/client-ca.pem
		END
		if is_root; then
			mkdir -p "$T/empty"
			cat <<-END
				user: $FRONTEND_USER
				signer_user: $SIGNER_USER
				chroot: $T/empty
			END
		fi
		[ -z "${KEYLESS_FRONTENDS:-}" ] ||
		    echo "frontends: $KEYLESS_FRONTENDS"
		cat
	} >"$CONF"
	# There may be a PIN in it.
	chmod 600 "$CONF"
}

need_programs() {
	for program in "$KEYLESSD" "$SIGNER" "$KEYLESSCTL" "$CLIENT"; do
		[ -x "$program" ] || fail "not built: $program (make regress)"
	done
	if is_root && ! { id "$FRONTEND_USER" && id "$SIGNER_USER"; } \
	    >/dev/null 2>&1; then
		skip 'users _keylessd and _keysigner are missing (make deps)'
	fi
}

daemon_decided() {
	log_has 'ready keys=' || gone "$DAEMON"
}

# daemon_start [OPTION ...]: start it and wait until it serves
daemon_start() {
	need_programs
	: >"$LOG"
	"$KEYLESSD" -d -f "$CONF" -s "$SIGNER" "$@" >"$LOG" 2>&1 </dev/null &
	DAEMON=$!
	WAIT_TRIES=600 wait_until daemon_decided ||
	    fail 'keylessd neither serves nor ends: no line "ready keys="'
	alive "$DAEMON" || fail 'keylessd ended instead of serving'
	PORT=$(sed -n 's/.*listening address=127\.0\.0\.1:\([0-9]*\)$/\1/p' \
	    "$LOG" | head -n 1)
	[ -n "$PORT" ] || fail 'no line "listening address=127.0.0.1:PORT"'
}

# daemon_refuses REGEX [OPTION ...]: it must not start, and say why
daemon_refuses() {
	pattern=$1
	shift
	need_programs
	status=0
	timeout 30 "$KEYLESSD" -d -f "$CONF" -s "$SIGNER" "$@" >"$LOG" 2>&1 \
	    </dev/null || status=$?
	[ "$status" -eq 1 ] || fail "keylessd: exit status $status, expected 1"
	contains "$LOG" "$pattern"
	lacks "$LOG" 'listening address='
}

# daemon_gone CHILDREN: nothing of it is left, once it has ended
daemon_gone() {
	for pid in $1; do
		wait_until gone "$pid" || fail "child $pid is left behind"
	done
	[ ! -e "$T/control.sock" ] || fail 'the control socket is left behind'
	[ ! -e "$T/keylessd.pid" ] || fail 'the pid file is left behind'
}

# daemon_stop [SIGNAL]: it must end at once, cleanly and completely
daemon_stop() {
	alive "$DAEMON" || fail 'keylessd is not running any more'
	stop_children=$(children "$DAEMON")
	kill "-${1:-TERM}" "$DAEMON"
	wait_until gone "$DAEMON" || fail 'keylessd does not stop'
	status=0
	wait "$DAEMON" || status=$?
	DAEMON=
	[ "$status" -eq 0 ] || fail "keylessd: exit status $status, expected 0"
	daemon_gone "$stop_children"
}

# signers: process ids of the signers
signers() {
	children "$DAEMON" keyless-signer
}

# frontends: process ids, the oldest first
frontends() {
	children "$DAEMON" keylessd | sort -n
}

# frontend: the only one, or one of them
frontend() {
	frontends | head -n 1
}

launcher() {
	children "$DAEMON" keylessd-launch
}

# client [OPTION ...] COMMAND ...: the test client, with a good certificate
client() {
	client_as client "$@"
}

# client_as NAME ...: with another certificate
client_as() {
	client_name=$1
	shift
	echo "\$ client_as $client_name $*" >>"$T/client.log"
	"$CLIENT" -a "127.0.0.1:$PORT" -C "$FIX/pki/server-ca.pem" \
	    -c "$FIX/pki/$client_name.pem" -k "$FIX/pki/$client_name.key" \
	    "$@" >>"$T/client.log" 2>&1
}

# client_start [OPTION ...] COMMAND ...: in the background, as process $STARTED
client_start() {
	echo "\$ client_start $*" >>"$T/client.log"
	"$CLIENT" -a "127.0.0.1:$PORT" -C "$FIX/pki/server-ca.pem" \
	    -c "$FIX/pki/client.pem" -k "$FIX/pki/client.key" \
	    "$@" >>"$T/client.log" 2>&1 &
	STARTED=$!
	background "$STARTED"
}

ctl() {
	"$KEYLESSCTL" -s "$T/control.sock" "$@"
}

# ---- the end

diagnose() {
	if [ -s "$CONF" ]; then
		echo '--- configuration:'
		cat "$CONF"
	fi
	if [ -s "$LOG" ]; then
		echo '--- log of the daemon (its end):'
		tail -n 40 "$LOG"
	fi
	if [ -s "$T/client.log" ]; then
		echo '--- output of the client (its end):'
		tail -n 20 "$T/client.log"
	fi
}

cleanup() {
	status=$?
	trap - EXIT
	set +e
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || diagnose
	if [ -n "$DAEMON" ]; then
		left=$(children "$DAEMON")
		kill -KILL "$DAEMON" 2>/dev/null
		WAIT_TRIES=20
		for pid in $left; do
			wait_until gone "$pid" || kill -KILL "$pid"
		done
	fi
	for pid in $JOBS; do
		kill -KILL "$pid" 2>/dev/null
	done
	if [ -n "${KEYLESS_KEEP:-}" ]; then
		echo "kept: $T"
	else
		rm -rf "$T"
	fi
	exit "$status"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
