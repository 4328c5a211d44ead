# Sockets that the service manager passes are served; an address that is
# configured and was not passed is bound and warned about.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
cat >"$T/start.py" <<'END'
import os, socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(64)
port = s.getsockname()[1]
if s.fileno() != 3:
    os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
conf = open(sys.argv[1]).read().replace("127.0.0.1:0",
    "127.0.0.1:%d" % port)
open(sys.argv[1], "w").write(conf)
who = os.getpid() if sys.argv[2] == "me" else os.getppid()
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(who))
os.execvp(sys.argv[3], sys.argv[3:])
END
# start WHO [ADDRESS]: keylessd gets one socket, and is told that it is WHO's
start() {
	config <<-END
		private_key_stores:
		- file: $T/a.key
	END
	if [ $# -eq 2 ]; then
		sed "s/^listen:.*/listen: [\"127.0.0.1:0\", \"$2\"]/" "$CONF" \
		    >"$CONF.new"
		cat "$CONF.new" >"$CONF"
	fi
	need_programs
	python3 "$T/start.py" "$CONF" "$1" \
	    "$KEYLESSD" -d -f "$CONF" -s "$SIGNER" >"$LOG" 2>&1 </dev/null &
	DAEMON=$!
	WAIT_TRIES=600 wait_until daemon_decided ||
	    fail 'neither serves nor ends'
}

start me
alive "$DAEMON" || fail 'keylessd ended instead of serving'
# shellcheck disable=SC2034
PORT=$(sed -n 's/.*listening address=127\.0\.0\.1:\([0-9]*\)$/\1/p' "$LOG")
lacks "$LOG" 'no socket was passed'
client sign ecdsa "$K/p256.pub" 5
ctl reload >"$T/out"
client sign ecdsa "$K/p256.pub" 5
for pid in $(children "$DAEMON"); do
	if [ -r "/proc/$pid/environ" ]; then
		tr '\0' '\n' <"/proc/$pid/environ" >"$T/environ"
		lacks "$T/environ" 'LISTEN_'
	fi
done
daemon_stop

# Also when another address is asked for, which nobody passed.
start me '127.0.0.2:0'
wait_log 'no socket was passed for an address .* address=127.0.0.2:0'
wait_log 'listening address=127.0.0.2:'
daemon_stop

# What was passed to somebody else is not taken: its address is in use.
start other
wait_until gone "$DAEMON" || fail 'took a socket that was not for it'
DAEMON=
contains "$LOG" 'cannot listen address=127.0.0.1'
