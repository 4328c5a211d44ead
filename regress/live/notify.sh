# What systemd hears: ready, reloading and ready again, signs of life, drained,
# stopping; by a path and by an abstract name; and no child inherits a word.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END

# listen NAME: note datagrams to it in $T/told, one line each
listen() {
	: >"$T/told"
	python3 - "$1" >"$T/told" <<'END' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind("\0" + name[1:] if name[0] == "@" else name)
print("listening", flush=True)
while True:
    print(s.recv(4096).decode().replace("\n", "|"), flush=True)
END
	background $!
	wait_until grep -q listening "$T/told" || fail 'no listener'
}

told() {
	wait_until grep -Eq "$1" "$T/told" || fail "not told: $1
$(cat "$T/told")"
}

listen "$T/notify"
NOTIFY_SOCKET=$T/notify
WATCHDOG_USEC=100000
export NOTIFY_SOCKET WATCHDOG_USEC
daemon_start
told "^READY=1\|MAINPID=$DAEMON\$"
told '^STATUS=Serving, 1 keys ready, 0 failed$'
told '^WATCHDOG=1$'
for pid in $(children "$DAEMON"); do
	! is_root || lacks "/proc/$pid/environ" NOTIFY
done
: >"$T/told"
ctl reload
told '^RELOADING=1\|MONOTONIC_USEC=[0-9]+\|STATUS=Reloading$'
told "^READY=1\\|MAINPID=$DAEMON\$"
echo 'bad: yes' >>"$CONF"
: >"$T/told"
refuse ctl reload 2>"$T/err"
told '^RELOADING=1'
told "^READY=1\\|MAINPID=$DAEMON\$"
ctl drain
told '^STATUS=Drained, '
ctl undrain
told '^STATUS=Serving, '

# No sign of life when the frontend gives none.
kill -STOP "$(frontend)"
: >"$T/told"
told '^WATCHDOG=1$'
silent() {
	: >"$T/told"
	python3 -c 'import time; time.sleep(0.3)'
	! grep -q WATCHDOG "$T/told"
}
wait_until silent || fail 'signs of life from a frontend that is stopped'
kill -CONT "$(frontend)"
told '^WATCHDOG=1$'
sed -i '/^bad: /d' "$CONF"
daemon_stop

# One that replaces such a frontend counts as alive: two signs of life in turn
# must not be as far apart as the whole time.  Some tries, on a busy machine.
WATCHDOG_USEC=2000000
daemon_start
gap=2000
for _ in 1 2 3; do
	: >"$T/told"
	told '^WATCHDOG=1$'
	stopped=$(frontend)
	kill -STOP "$stopped"
	: >"$T/told"
	told '^WATCHDOG=1$'
	begin=$(date +%s%3N)
	: >"$T/told"
	kill -KILL "$stopped"
	told '^WATCHDOG=1$'
	gap=$(($(date +%s%3N) - begin))
	[ "$gap" -ge 1600 ] || break
done
[ "$gap" -lt 1600 ] || fail "no sign of life for $gap ms after a restart"
daemon_stop
told '^STOPPING=1\|STATUS=Stopping$'

# By an abstract name, and for another process's watchdog.
listen "@$T/notify2"
NOTIFY_SOCKET=@$T/notify2
WATCHDOG_PID=1
export NOTIFY_SOCKET WATCHDOG_PID
daemon_start
told "^READY=1\\|MAINPID=$DAEMON\$"
ctl reload
told '^RELOADING=1'
daemon_stop
told '^STOPPING=1'
lacks "$T/told" WATCHDOG
