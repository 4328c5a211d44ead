# A rolling restart of two keylessd behind HAProxy, with the configuration that
# is shipped, under load by clients that connect again: nothing is lost.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

[ -x /usr/sbin/haproxy ] || skip 'package haproxy is missing (make deps)'

# The servers have a directory, a configuration and a log each; what lib.sh
# does is about the one that at() was called for.
BASE=$T
NOW=
trap 'T=$BASE cleanup' EXIT
at() {
	if [ -n "$NOW" ]; then
		eval "DAEMON_$NOW=$DAEMON"
	fi
	NOW=$1
	T=$BASE/$1
	CONF=$T/keylessd.conf
	# shellcheck disable=SC2034 # by lib.sh
	LOG=$T/daemon.log
	eval "DAEMON=\$DAEMON_$1"
}

# free_ports ADDRESS ...: two that are free at all of them
free_ports() {
	python3 - "$@" <<-'END'
		import random, socket, sys
		found = 0
		while found < 2:
		    port = random.randrange(20000, 30000)
		    try:
		        for address in sys.argv[1:]:
		            socket.socket().bind((address, port))
		    except OSError:
		        continue
		    print(port)
		    found += 1
	END
}

net=$(own_address | cut -d. -f2-3)
in=127.$net.250
a=127.$net.251
b=127.$net.252
# shellcheck disable=SC2046
set -- $(free_ports $in $a $b)
port=$1
http=$2
sed -e "s/192\.0\.2\.10:/$in:/" -e "s/192\.0\.2\.11:/$a:/" \
    -e "s/192\.0\.2\.12:/$b:/" -e "/^[^#]/s/2407/$port/" \
    -e "/^[^#]/s/2408/$http/" -e "s|/run/haproxy/admin.sock|$T/stats.sock|" \
    "$TOP/dist/haproxy.cfg" >"$T/haproxy.cfg"
if grep '^[^#]*192\.0\.2\.' "$T/haproxy.cfg"; then
	fail 'dist/haproxy.cfg has addresses that this test does not know'
fi

put_key p256 pkcs8-pem "$T/a.key"
# shellcheck disable=SC2034 # by eval
DAEMON_a='' DAEMON_b=''
for name in a b; do
	mkdir "$BASE/$name"
	at $name
	address=$a
	[ $name = a ] || address=$b
	config <<-END
		drain_timeout: 1s
		metrics_listen: ["$address:$http"]
		private_key_stores:
		- file: $BASE/a.key
	END
	sed -i "s|\"127.0.0.1:0\"|\"127.0.0.1:0\", \"$address:$port\"|" "$CONF"
	daemon_start
	background "$DAEMON"
done

/usr/sbin/haproxy -c -f "$BASE/haproxy.cfg" >"$BASE/haproxy.log" 2>&1 ||
    fail "dist/haproxy.cfg: $(cat "$BASE/haproxy.log")"
lacks "$BASE/haproxy.log" 'WARNING|ALERT'
/usr/sbin/haproxy -db -f "$BASE/haproxy.cfg" >"$BASE/haproxy.log" 2>&1 &
background $!

# server NAME STATE: what HAProxy thinks of it
server() {
	python3 - "$BASE/stats.sock" "$1" >"$BASE/state" 2>&1 <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.connect(sys.argv[1])
		s.sendall(b"show stat\n")
		rows = b"".join(iter(lambda: s.recv(65536), b"")).decode()
		for row in rows.splitlines():
		    field = row.split(",")
		    if field[:2] == ["keylessd", sys.argv[2]]:
		        print(field[17])
	END
	grep -q "^$2" "$BASE/state"
}
wait_server() {
	wait_until server "$1" "$2" ||
	    fail "server $1 is not $2 for HAProxy: $(cat "$BASE/state" \
		"$BASE/haproxy.log")"
}
wait_server a UP
wait_server b UP

T=$BASE
load_start ecdsa-sha256 "$K/p256.pub" 4 -d 16 -R -N -a "$in:$port"
load_start ping - 2 -R -N -a "$in:$port"
# Each time, the server was given what the other one had before.
for name in a b a; do
	at $name
	wait_number requests -ge 1000
	ctl drain >"$T/out" || fail "drain: $(cat "$T/out")"
	contains "$T/out" '^drained: [0-9]+ connections closed$'
	wait_server $name DOWN
	if [ $name = a ]; then
		left=$(children "$DAEMON")
		ctl stop || fail 'keylessctl stop fails'
		wait_until gone "$DAEMON" ||
		    fail 'it runs on after keylessctl stop'
		daemon_gone "$left"
	else
		daemon_stop
	fi
	daemon_start
	background "$DAEMON"
	wait_server $name UP
done
T=$BASE
loads_stop
contains "$T/load.1" ' reconnects=[1-9]'
# A connection is lost when its server is drained, and not when it is new: the
# one that takes its place is given to the other server.
for pair in 1:12 2:6; do
	n=$(sed -n 's/.* reconnects=\([0-9]*\) .*/\1/p' "$T/load.${pair%:*}")
	[ "$n" -le "${pair#*:}" ] || fail "$n connections instead of ${pair#*:}"
done
for name in a b; do
	at $name
	ctl show stats >"$T/out"
	contains "$T/out" '^errors +0$'
	daemon_stop
done
