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

# ---- a token that goes and comes back

# load_start OP PUBKEY: load on the key until load_stop; all requests must be
# answered, and none wrongly, but error 1 is an answer
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

# errs: requests are answered by error 1, within a second
errs() {
	client -t 1 -e 1 sign "$OP" "$1"
}

# away SET PUBKEY: the token has just gone.  Look at what is seen of that
# until its signers are started as rarely as they ever are.
away() {
	wait_ctl "$1 +[0-9]+ +lost " signers
	wait_ctl '^lost ' keys
	lacks "$T/ctl.out" '^ready .*pkcs11:'
	client -t 1 -e 1 sign ecdsa-sha256 "$2" ||
	    fail 'no error 1 while the token is away'
	wait_ctl "$1 +0 +lost +[5-9]" signers
	client -t 1 -e 1 sign ecdsa-sha256 "$2" ||
	    fail 'no error 1 while the token is away for long'
}

# back SET PUBKEY: the token is there again, and soon signs
back() {
	back_since=$(ms)
	wait_until client -t 10 sign ecdsa-sha256 "$2" ||
	    fail 'no signatures by the token that is back'
	back_took=$(($(ms) - back_since))
	echo "$back_took" >>"$T/back"
	[ "$back_took" -le "$(back_limit)" ] ||
	    fail "first signature after $back_took ms"
	client -t 10 sign ecdsa-sha256 "$2" 50
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
