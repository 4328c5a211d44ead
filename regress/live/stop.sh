# keylessctl stop: answers what is pending, ends all processes, and returns
# when keylessd is gone.  A drained daemon stops too; and a second SIGTERM
# stops one that waits for its clients.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key rsa4096 pkcs8-pem "$T/a.key"
config <<END
drain_timeout: 200ms
private_key_stores:
- file: $T/a.key
END

# stopped: keylessctl has returned, so it must be gone already
stopped() {
	if [ -e "$T/control.sock" ] || [ -e "$T/keylessd.pid" ]; then
		fail 'keylessctl stop returns too early'
	fi
	wait_until gone "$DAEMON" || fail 'keylessd is still there'
	wait "$DAEMON" || fail "keylessd: exit status $?"
	DAEMON=
	daemon_gone "$stop_children"
}

answering() {
	ctl show stats | grep -Eq '^responses +[1-9]'
}

daemon_start
stop_children=$(children "$DAEMON")
client_start -d 8 load rsa-sha256 "$K/rsa4096.pub" 1 60s
busy=$STARTED
wait_until answering || fail 'no load'
ctl stop || fail "exit status $?"
stopped
wait "$busy" || :
contains "$T/client.log" '^load .* errors=0 bad=0 '
lacks "$T/client.log" 'reset'
contains "$LOG" 'stopping reason="asked by keylessctl"'

daemon_start
stop_children=$(children "$DAEMON")
ctl drain
ctl stop || fail "drained: exit status $?"
stopped

sed -i 's/^drain_timeout: .*/drain_timeout: 60s/' "$CONF"
daemon_start
client_start -d 8 load rsa-sha256 "$K/rsa4096.pub" 1 60s
wait_until answering || fail 'no load'
kill -TERM "$DAEMON"
wait_log 'stopping signal='
alive "$DAEMON" || fail 'it does not wait for its client'
daemon_stop
contains "$LOG" 'stopping at once signal='
