# Limits, deadlines and the log level of the new file are in force after a
# reload, also for connections that were open before.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
max_connections: 2
max_pending: 300
sign_timeout: 60s
loglevel: 1
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start

# set_to KEY VALUE: and reload
set_to() {
	sed -i "s|^$1: .*|$1: $2|" "$CONF"
	reload_ok '^reloaded: 0 keys added, 0 removed, 1 kept, 0 failed$'
}

client_start hold 60
first=$STARTED
client_waits ping 1 , wait , ping 1 , wait , ping 1
wait_number connections -eq 2
client -H
set_to max_connections 3
client sign ecdsa "$K/p256.pub"
# Fewer than are open: those stay.
set_to max_connections 1
client -H
alive "$first" || fail 'a connection was lost'
go
set_to max_connections 100

set_to loglevel 0
client ping 1
wait_log ' debug: connected '
set_to loglevel 1
lines=$(grep -c ' debug: ' "$LOG")
client ping 1
[ "$(grep -c ' debug: ' "$LOG")" -eq "$lines" ] || fail 'still debug lines'

# stop_signers: nobody answers
stop_signers() {
	wait_until full 2 || fail 'not two signers'
	STUCK=$(signers)
	for pid in $STUCK; do
		kill -STOP "$pid"
	done
}

# With a short deadline, and as many as may wait; the others are told so at
# once (error 8).
set_to sign_timeout 2s
stop_signers
client -d 300 -e 1 sign ecdsa-sha256 "$K/p256.pub" 300
for pid in $STUCK; do
	wait_until gone "$pid" || fail 'a signer is stuck'
done
set_to sign_timeout 60s
set_to max_pending 100
stop_signers
client_start -d 100 sign ecdsa-sha256 "$K/p256.pub" 100
waiting=$STARTED
wait_number pending -eq 100
client -t 20 -e 8 sign ecdsa-sha256 "$K/p256.pub" 10
set_to max_pending 110
client -d 10 sign ecdsa-sha256 "$K/p256.pub" 10
wait_number pending -eq 100
for pid in $STUCK; do
	kill -CONT "$pid"
done
wait "$waiting" || fail 'requests that were pending are lost'
go
client_went_on
daemon_stop
