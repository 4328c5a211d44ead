# shellcheck shell=sh
# What the tests with modules of Debian's packages share, besides lib.sh and
# module.lib.sh.  The servers behind those modules are started by the tests
# and end with them; what they keep is in $T, or in a name space of the test.

REAL=$T/real
RETURN=2000	# ms within which a token that is back signs again
LOAD=

# ms: what time it is
ms() {
	echo $(($(date +%s%N) / 1000000))
}

# module_file NAME: where a module is installed, if it is
module_file() {
	for module in /usr/lib/*/pkcs11/"$1" /usr/lib/*/"$1" \
	    /usr/lib/pkcs11/"$1" /usr/lib/"$1" /usr/lib64/pkcs11/"$1" \
	    /usr/lib64/"$1" /usr/local/lib/pkcs11/"$1"; do
		if [ -f "$module" ]; then
			echo "$module"
			return
		fi
	done
}

# need PACKAGE PROGRAM|FILE ...: skip the test if one of them is missing
need() {
	need_package=$1
	shift
	for thing; do
		command -v "$thing" >"$T/command" ||
		    [ -f "$thing" ] ||
		    skip "package $need_package is missing (make deps)"
	done
}

# as_signer COMMAND ...: become the user that the signers become.  As a
# function of its own in the background, so that $! is the command.
as_signer() {
	if is_root; then
		exec setpriv --reuid "$SIGNER_USER" \
		    --regid "$(id -g "$SIGNER_USER")" --init-groups "$@"
	fi
	exec "$@"
}

# signer_dir DIR ...: directories that the signers' user writes to
signer_dir() {
	mkdir -p "$@"
	if is_root; then
		chown "$SIGNER_USER" "$@"
	fi
}

# server_up PID COMMAND ...: wait until the command succeeds, or fail with
# what the server wrote to $REAL/log
server_up() {
	server_pid=$1
	shift
	background "$server_pid"
	wait_until server_decided "$@"
	"$@" || fail "server does not start: $(cat "$REAL/log")"
}

server_decided() {
	"$@" || gone "$server_pid"
}

# server_stop PID: it is gone at once, with all that it has started
server_stop() {
	# Stopped, it cannot start any more.
	kill -STOP "$1"
	for pid in $(children "$1") "$1"; do
		kill -KILL "$pid" 2>/dev/null || :
	done
	wait_until gone "$1" || fail "server $1 does not end"
}

# in_own_names: begin this test again, as root with mounts and System V
# memory that nobody else sees and that end with it
in_own_names() {
	[ -z "${KEYLESS_OWN_NAMES:-}" ] || return 0
	unshare --mount --ipc true 2>"$T/unshare" ||
	    skip "no name spaces: $(cat "$T/unshare")"
	rm -rf "$T"
	trap - EXIT HUP INT TERM
	KEYLESS_OWN_NAMES=yes exec unshare --mount --ipc \
	    --propagation private sh "$0"
}

# ---- p11-kit: a server lends the token in $T/hsm

# kit_start: at $REAL/kit/socket, as process $KIT_SERVER
kit_start() {
	signer_dir "$REAL" "$REAL/kit"
	rm -f "$REAL/kit/socket"
	SOFTHSM2_CONF=$T/hsm/softhsm2.conf as_signer p11-kit server \
	    --foreground --provider "$MODULE" --name "$REAL/kit/socket" \
	    "pkcs11:token=$(echo "$TOKEN" | sed 's/ /%20/g')" \
	    >"$REAL/log" 2>&1 </dev/null &
	KIT_SERVER=$!
	server_up "$KIT_SERVER" test -S "$REAL/kit/socket"
}

# kit_stores KEY ...: items of private_key_stores, by p11-kit-client
kit_stores() {
	for key; do
		cat <<-END
			- uri: '$(token_uri "object=$key" "$PIN" "$KIT")'
			  signers: 2
			  environment:
			    P11_KIT_SERVER_ADDRESS: unix:path=$REAL/kit/socket
		END
	done
}

# ---- tokens

# real_tool MODULE OPTION ...: pkcs11-tool on the token $REAL_TOKEN
real_tool() {
	tool_module=$1
	shift
	as_signer pkcs11-tool --module "$tool_module" \
	    --token-label "$REAL_TOKEN" --login "$@" \
	    >"$T/pkcs11-tool.log" 2>&1
}

# real_key MODULE ID LABEL TYPE: a key pair, and its public key in
# $REAL/LABEL.pub
real_key() {
	(real_tool "$1" --pin "$REAL_PIN" --keypairgen --id "$2" \
	    --label "$3" --key-type "$4" --sensitive) ||
	    fail "key $3: $(cat "$T/pkcs11-tool.log")"
	signer_dir "$REAL/pub"
	(real_tool "$1" --pin "$REAL_PIN" --read-object --type pubkey \
	    --id "$2" --output-file "$REAL/pub/$3") ||
	    fail "key $3: $(cat "$T/pkcs11-tool.log")"
	openssl pkey -pubin -inform DER -in "$REAL/pub/$3" \
	    -out "$REAL/$3.pub"
}

# real_uri MODULE KEY
real_uri() {
	printf 'pkcs11:token=%s;object=%s?module-path=%s&pin-value=%s' \
	    "$REAL_TOKEN" "$2" "$1" "$REAL_PIN"
}

# ---- opencryptoki: its software token

# ocki_names: opencryptoki finds nothing there but what we make; and the
# signers' user is in its group
ocki_names() {
	mkdir -p "$REAL/lib/swtok/TOK_OBJ" "$REAL/etc" "$REAL/run"
	chgrp -R pkcs11 "$REAL/lib"
	chmod -R 770 "$REAL/lib"
	cat >"$REAL/etc/opencryptoki.conf" <<-END
		version opencryptoki-3.1
		slot 0
		{
		stdll = libpkcs11_sw.so
		}
	END
	sed "/^pkcs11:.*:\$/s/\$/$SIGNER_USER/; t
	    /^pkcs11:/s/\$/,$SIGNER_USER/" /etc/group >"$REAL/group"
	mkdir -p "$REAL/run/lock/opencryptoki"
	mount --bind "$REAL/lib" /var/lib/opencryptoki
	mount --bind "$REAL/etc" /etc/opencryptoki
	mount --bind "$REAL/group" /etc/group
	mount --bind "$REAL/run" /run
	mount -t tmpfs -o mode=1777 tmpfs /dev/shm
}

# ocki_start: pkcsslotd, as process $SLOTD
ocki_start() {
	rm -f /run/pkcsslotd.socket
	pkcsslotd -f -l "$REAL/log" >"$REAL/log" 2>&1 </dev/null &
	SLOTD=$!
	server_up "$SLOTD" test -S /run/pkcsslotd.socket
}

# ocki_conf OPTION ...: pkcsconf of the only slot
ocki_conf() {
	echo "$REAL_TOKEN" | pkcsconf "$@" -c 0 >"$T/pkcsconf.log" 2>&1 ||
	    fail "pkcsconf $*: $(cat "$T/pkcsconf.log")"
}

# ocki_seal: no private key of the token may leave it; pkcs11-tool has no
# option for that
ocki_seal() {
	python3 - "$OCKI" "$REAL_PIN" >"$T/seal.log" 2>&1 <<-'END' ||
		import ctypes, sys
		p11 = ctypes.CDLL(sys.argv[1])
		pin = sys.argv[2].encode()
		ulong = ctypes.c_ulong
		class Attribute(ctypes.Structure):
		    _fields_ = [("type", ulong), ("value", ctypes.c_void_p),
		        ("length", ulong)]
		kept = []
		def attribute(kind, value):
		    kept.append(value)
		    return ctypes.byref(Attribute(kind, ctypes.cast(
		        ctypes.byref(value), ctypes.c_void_p),
		        ctypes.sizeof(value)))
		def ok(status):
		    if status:
		        sys.exit("CKR %#x" % status)
		session, key, n = ulong(), ulong(), ulong()
		ok(p11.C_Initialize(None))
		ok(p11.C_OpenSession(ulong(0), ulong(6), None, None,
		    ctypes.byref(session)))
		ok(p11.C_Login(session, ulong(1), pin, ulong(len(pin))))
		# CKA_CLASS is CKO_PRIVATE_KEY
		ok(p11.C_FindObjectsInit(session, attribute(0, ulong(3)),
		    ulong(1)))
		ok(p11.C_FindObjects(session, ctypes.byref(key), ulong(1),
		    ctypes.byref(n)))
		ok(p11.C_FindObjectsFinal(session))
		# CKA_EXTRACTABLE becomes CK_FALSE
		ok(p11.C_SetAttributeValue(session, key,
		    attribute(0x162, ctypes.c_ubyte(0)), ulong(1)))
		ok(p11.C_Finalize(None))
	END
		fail "not sealed: $(cat "$T/seal.log")"
}

# ocki_init: a token with an RSA key that cannot leave it, public key in
# $REAL/rsa.pub; begins the test again in name spaces of its own
ocki_init() {
	OCKI=$(module_file libopencryptoki.so)
	REAL_TOKEN=regress
	REAL_PIN=se-83627	# of 8 characters at most
	need opencryptoki "$OCKI" pkcsslotd pkcsconf
	in_own_names
	ocki_names
	ocki_start
	# It wants each PIN changed before that can do anything.
	ocki_conf -I -S 87654321
	ocki_conf -P -S 87654321 -n so-83627
	ocki_conf -u -S so-83627 -n 12345678
	ocki_conf -p -U 12345678 -n "$REAL_PIN"
	real_key "$OCKI" 01 rsa rsa:2048
	ocki_seal
	(real_tool "$OCKI" --pin "$REAL_PIN" --list-objects --type privkey)
	contains "$T/pkcs11-tool.log" 'Access: *sensitive'
	lacks "$T/pkcs11-tool.log" '(,|^) extractable'
}

# ---- tpm2-pkcs11: a TPM simulator, and the daemon that shares a TPM among
# processes, on a D-Bus of their own

# free_ports: two TCP ports that nobody uses, one after the other
free_ports() {
	python3 - <<-'END'
		import socket
		while True:
		    with socket.socket() as a, socket.socket() as b:
		        a.bind(("127.0.0.1", 0))
		        port = a.getsockname()[1]
		        try:
		            b.bind(("127.0.0.1", port + 1))
		        except (OSError, OverflowError):
		            continue
		        print(port)
		        break
	END
}

tpm_listens() {
	grep -q "^ *[0-9]*: 0100007F:$(printf %04X $((TPM_PORT + 1))) .* 0A" \
	    /proc/net/tcp
}

tpm_served() {
	(as_signer dbus-send --bus="$TPM_BUS" --print-reply \
	    --dest=com.intel.tss2.Tabrmd /com/intel/tss2/Tabrmd/Tcti \
	    org.freedesktop.DBus.Peer.Ping) >"$T/dbus-send.log" 2>&1
}

# tpm_start: the simulator, process $SWTPM
tpm_start() {
	as_signer swtpm socket --tpm2 --tpmstate "dir=$REAL/tpm" \
	    --server "type=tcp,port=$TPM_PORT,bindaddr=127.0.0.1" \
	    --ctrl "type=tcp,port=$((TPM_PORT + 1)),bindaddr=127.0.0.1" \
	    --flags not-need-init,startup-clear >"$REAL/log" 2>&1 </dev/null &
	SWTPM=$!
	server_up "$SWTPM" tpm_listens
}

# tpm_share: the daemon that shares it, process $ABRMD
tpm_share() {
	set -- --session
	# It asks root for that, and is not root here.
	DBUS_SESSION_BUS_ADDRESS=$TPM_BUS as_signer tpm2-abrmd "$@" \
	    --tcti "swtpm:host=127.0.0.1,port=$TPM_PORT" \
	    >"$REAL/log" 2>&1 </dev/null &
	ABRMD=$!
	server_up "$ABRMD" tpm_served
}

# tpm_init: a token with keys rsa and p256, public keys in $REAL/*.pub
tpm_init() {
	TPM=$(module_file libtpm2_pkcs11.so)
	REAL_TOKEN=tpm
	REAL_PIN=se-83627
	need libtpm2-pkcs11-1 "$TPM"
	need swtpm swtpm
	need tpm2-abrmd tpm2-abrmd
	need libtss2-tcti-tabrmd0 "$(module_file libtss2-tcti-tabrmd.so.0)"
	need libtss2-tcti-swtpm0 "$(module_file libtss2-tcti-swtpm.so.0)"
	need dbus dbus-daemon dbus-send
	signer_dir "$REAL" "$REAL/tpm" "$REAL/store"
	TPM_PORT=$(free_ports)
	TPM_BUS=unix:path=$REAL/bus
	as_signer dbus-daemon --session --nofork --nopidfile \
	    --address="$TPM_BUS" >"$REAL/log" 2>&1 </dev/null &
	server_up $! test -S "$REAL/bus"
	tpm_start
	tpm_share
	export DBUS_SESSION_BUS_ADDRESS="$TPM_BUS" \
	    TPM2_PKCS11_STORE="$REAL/store" TPM2_PKCS11_BACKEND=esysdb \
	    TPM2_PKCS11_TCTI=tabrmd:bus_type=session
	(as_signer pkcs11-tool --module "$TPM" --slot-index 0 --init-token \
	    --label "$REAL_TOKEN" --so-pin so-83627) >"$T/tool.log" 2>&1 ||
	    fail "TPM: $(cat "$T/tool.log")"
	(real_tool "$TPM" --login-type so --so-pin so-83627 --init-pin \
	    --pin "$REAL_PIN") || fail "TPM: $(cat "$T/pkcs11-tool.log")"
	real_key "$TPM" 01 rsa rsa:2048
	real_key "$TPM" 02 p256 EC:prime256v1
	unset DBUS_SESSION_BUS_ADDRESS TPM2_PKCS11_STORE \
	    TPM2_PKCS11_BACKEND TPM2_PKCS11_TCTI
}

# tpm_stores KEY ...: items of private_key_stores
tpm_stores() {
	for key; do
		cat <<-END
			- uri: '$(real_uri "$TPM" "$key")'
			  signers: 2
			  environment:
			    DBUS_SESSION_BUS_ADDRESS: $TPM_BUS
			    TPM2_PKCS11_STORE: $REAL/store
			    TPM2_PKCS11_BACKEND: esysdb
			    TPM2_PKCS11_TCTI: tabrmd:bus_type=session
		END
	done
}

# ---- a token that goes and comes back

# load_start OP PUBKEY: load on the key until load_stop.  All requests must be
# answered, and none wrongly, but error 1 is an answer.
load_start() {
	mkdir "$T/load"
	(
		T=$T/load
		until [ -e "$T/stop" ]; do
			client -t 4 -d 4 load "$1" "$2" 2 0.5s || :
		done
	) &
	LOAD=$!
	background "$LOAD"
}

load_stop() {
	: >"$T/load/stop"
	wait "$LOAD"
	grep '^load ' "$T/load/client.log" >"$T/load/rounds" ||
	    fail 'no load'
	lacks "$T/load/client.log" 'timed out|handshake|(read|write) failed'
	refuse grep -v ' bad=0 lost=0 ' "$T/load/rounds"
}

# away SET PUBKEY [OP]: the token has just gone.  Look at what is seen of that
# until its signers are started as rarely as they ever are.
away() {
	wait_ctl "$1 +[0-9]+ +lost " signers
	wait_ctl '^lost ' keys
	lacks "$T/ctl.out" '^ready .*pkcs11:'
	client -t 1 -e 1 sign "${3:-ecdsa-sha256}" "$2" ||
	    fail 'no error 1 while the token is away'
	wait_ctl "$1 +0 +lost +[5-9]" signers
	client -t 1 -e 1 sign "${3:-ecdsa-sha256}" "$2" ||
	    fail 'no error 1 while the token is away for long'
}

# back SET PUBKEY [OP]: the token is there again, and soon signs
back() {
	back_since=$(ms)
	wait_until client -t 10 sign "${3:-ecdsa-sha256}" "$2" ||
	    fail 'no signatures by the token that is back'
	back_took=$(($(ms) - back_since))
	echo "$back_took" >>"$T/back"
	[ "$back_took" -le "$(back_limit)" ] ||
	    fail "first signature after $back_took ms"
	client -t 10 sign "${3:-ecdsa-sha256}" "$2" 50
	wait_ctl "$1 +0 +ready" signers
	wait_ctl "$1 +1 +ready" signers
	wait_ctl '^ready .*pkcs11:' keys
	lacks "$T/ctl.out" '^lost '
}

# back_limit: sanitizers may be slow
back_limit() {
	if grep -aq __asan_ "$SIGNER"; then
		echo $((RETURN * 3))
	else
		echo "$RETURN"
	fi
}
