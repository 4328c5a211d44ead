# max_connections: one more is closed; when one ends, there is room again.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
max_connections: 2
private_key_stores:
- file: $T/a.key
END
daemon_start
connections() {
	ctl show stats | grep -Eq "^connections +$1\$"
}
client_start hold 60
client_start hold 60
wait_until connections 2 || fail 'no two connections'
client -H
kill "$STARTED"
wait_until connections 1 || fail 'the end of a connection is not noticed'
client sign ecdsa "$K/p256.pub"
daemon_stop
