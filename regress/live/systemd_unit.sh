# dist/keylessd.service: how exposed systemd finds it, and that keylessd can
# live with what it leaves: its capabilities, no network but the socket that
# is passed, its system calls.
# run-as: root
. "$(dirname "$0")/lib.sh"

UNIT=$TOP/dist/keylessd.service
command -v systemd-analyze >"$T/which" ||
    skip 'package systemd is missing (make deps)'
systemd-analyze security --offline=true "$UNIT" >"$T/out" 2>"$T/err" ||
    skip "systemd-analyze cannot: $(tail -n 1 "$T/err")"
level=$(sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p' \
    "$T/out")
awk -v level="$level" 'BEGIN { exit !(level != "" && level <= 2.0) }' || {
	cat "$T/out"
	fail "exposure level: $level"
}

# settings NAME: its values, in one line
settings() {
	sed -n "s/^$1=//p" "$UNIT" | tr '\n' ' '
}

# Every system call that some process may use is let through, but those that
# only change priorities.
# members GROUP: its system calls, those of groups in it included
members() {
	systemd-analyze syscall-filter "$1" | sed '1d; s/^ *//; /^#/d; /^$/d' |
	while read -r member; do
		case $member in
		@*)	members "$member" ;;
		*)	echo "$member" ;;
		esac
	done
}
for word in $(settings SystemCallFilter); do
	case $word in
	'~'*)	members "${word#?}" >>"$T/without" ;;
	@*)	members "$word" >>"$T/calls" ;;
	*)	echo "$word" >>"$T/calls" ;;
	esac
done
[ "$(wc -l <"$T/calls")" -gt 100 ] || fail "no system calls: $T/calls"
# Rows of the table; those of modules of which nothing is known are left out.
sed -n '/^const struct call calls/,/^};/p' "$TOP/lib/sandbox_linux_calls.c" |
    grep -v -e 'ANY }' -e 'SAN }' -e 'SAN_PARENT }' -e 'THREAD }' |
    sed -n 's/^	{ "\([a-z0-9_]*\)",.*/\1/p' | sort -u >"$T/used"
[ "$(wc -l <"$T/used")" -gt 100 ] || fail 'no table of system calls'
for call in $(cat "$T/used"); do
	if ! grep -qx "$call" "$T/calls" ||
	    grep -qsx "$call" "$T/without"; then
		# Old forms that no libc of today uses where newer ones are.
		case $call in
		setrlimit|fstatat64) continue ;;
		esac
		echo "$call"
	fi
done >"$T/missing"
[ ! -s "$T/missing" ] ||
    fail "SystemCallFilter lacks: $(tr '\n' ' ' <"$T/missing")"

# As systemd would start it: nothing but these capabilities, a network without
# interfaces, one socket that listens already.
unshare --net true 2>"$T/unshare" ||
    skip "no network name space: $(cat "$T/unshare")"
bounds=-all
for cap in $(settings CapabilityBoundingSet); do
	bounds=$bounds,+$(echo "${cap#CAP_}" | tr '[:upper:]' '[:lower:]')
done
token_init
put_key p256 pkcs8-pem "$T/a.key"
PORT=$(python3 -c 'import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])')
config <<END
private_key_stores:
- file: $T/a.key
$(token_store "$(token_uri object=rsa)")
END
sed "s/127.0.0.1:0/127.0.0.1:$PORT/" "$CONF" >"$CONF.new"
chmod 600 "$CONF.new"
mv "$CONF.new" "$CONF"
need_programs
cat >"$T/start.py" <<'END'
import os, socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen(64)
if s.fileno() != 3:
    os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execvp(sys.argv[2], sys.argv[2:])
END
python3 "$T/start.py" "$PORT" unshare --net setpriv \
    --bounding-set="$bounds" --inh-caps=-all --no-new-privs \
    "$KEYLESSD" -d -f "$CONF" -s "$SIGNER" >"$LOG" 2>&1 </dev/null &
DAEMON=$!
WAIT_TRIES=600 wait_until daemon_decided || fail 'neither serves nor ends'
alive "$DAEMON" || fail 'keylessd ended instead of serving'
contains "$LOG" "listening address=127.0.0.1:$PORT"
contains "$LOG" 'ready keys=2 failed=0'
lacks "$LOG" 'sandbox incomplete|no socket was passed'
client sign ecdsa "$K/p256.pub" 10 , sign pss "$T/hsm/rsa.pub" 5
# A signer that is stuck can be killed, a reload finds the socket again.
old=
for pid in $(signers); do
	grep -q libsofthsm2 "/proc/$pid/maps" || old="$old $pid"
done
for pid in $old; do
	kill -STOP "$pid"
done
client -t 20 sign ecdsa "$K/p256.pub" || :
wait_log 'killing signer that is stuck set="files"'
wait_log 'signer died set="files" .* signal=9'
for pid in $old; do
	kill -CONT "$pid" 2>/dev/null || :
done
wait_until client sign ecdsa "$K/p256.pub" 10 || fail 'no signatures'
ctl reload >"$T/out"
contains "$T/out" '^reloaded: 0 keys added, 0 removed, 2 kept, 0 failed'
client sign ecdsa "$K/p256.pub" 10 , sign pss "$T/hsm/rsa.pub" 5
daemon_stop
