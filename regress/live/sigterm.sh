# SIGTERM and SIGINT: keylessd ends cleanly, also with clients connected; what
# is pending is answered first.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key rsa2048 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
client sign rsa-sha256 "$K/rsa2048.pub"
daemon_stop TERM
daemon_start
daemon_stop INT

# A client that waits sees the end of its connection.
daemon_start
client_start ping 1 , closed 20
waiting=$STARTED
connected() {
	ctl show stats | grep -Eq '^connections +1$'
}
wait_until connected || fail 'the client does not connect'
daemon_stop
wait "$waiting" || fail 'the connection was not closed'

# Under load, too.
daemon_start
client_start -d 32 load rsa-sha256 "$K/rsa2048.pub" 4 10s
load=$STARTED
busy() {
	ctl show stats | grep -Eq '^requests +[1-9][0-9][0-9]'
}
wait_until busy || fail 'no load'
daemon_stop
wait "$load" || :
contains "$T/client.log" '^load .* errors=0 bad=0 '
