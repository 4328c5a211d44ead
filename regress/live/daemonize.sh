# Without -d: the command returns when the daemon serves, and the daemon is
# on its own, with a pid file.  When it cannot start, the command says why.
# run-as: both
. "$(dirname "$0")/lib.sh"

need_programs
put_key p256 pkcs8-pem "$T/a.key"
PORT=$(python3 -c 'import socket; s = socket.socket()
s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
config <<END
private_key_stores:
- file: $T/a.key
END
sed -i "s/127.0.0.1:0/127.0.0.1:$PORT/" "$CONF"
# Output through a pipe, as from a script: its end comes with the command's.
{
	status=0
	timeout 30 "$KEYLESSD" -f "$CONF" -s "$SIGNER" 2>&1 </dev/null ||
	    status=$?
	echo "status=$status"
} | cat >"$LOG" &
caller=$!
background "$caller"
WAIT_TRIES=600 wait_until log_has 'status=' || fail 'the command never returns'
contains "$LOG" 'status=0'
DAEMON=$(cat "$T/keylessd.pid")
wait_until gone "$caller" ||
    fail "the daemon keeps the caller's output open: $(
	ls -l "/proc/$DAEMON/fd")"
alive "$DAEMON" || fail 'the process that the pid file names does not run'
client sign ecdsa "$K/p256.pub"
[ "$(sed 's/.*) //' "/proc/$DAEMON/stat" | cut -d' ' -f4)" -ne \
    "$(sed 's/.*) //' "/proc/$$/stat" | cut -d' ' -f4)" ] ||
    fail 'the daemon is still in our session'
if is_root; then
	[ "$(readlink "/proc/$DAEMON/cwd")" = / ] || fail 'cwd is not /'
fi

# A second one finds the port taken, says so, and harms nothing.
cp "$CONF" "$T/second.conf"
sed -i -e "s|/control.sock|/second.sock|" -e "s|keylessd.pid|second.pid|" \
    "$T/second.conf"
status=0
timeout 30 "$KEYLESSD" -f "$T/second.conf" -s "$SIGNER" >"$T/out" 2>&1 \
    </dev/null || status=$?
[ "$status" -eq 1 ] || fail "exit status $status when the port is taken"
contains "$T/out" "127.0.0.1:$PORT|$PORT"
[ ! -e "$T/second.pid" ] && [ ! -e "$T/second.sock" ] ||
    fail 'a daemon that did not start left files behind'
client sign ecdsa "$K/p256.pub"

left=$(children "$DAEMON")
kill -TERM "$DAEMON"
wait_until gone "$DAEMON" || fail 'the daemon does not stop'
DAEMON=
daemon_gone "$left"
