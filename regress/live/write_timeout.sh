# A client that asks and never reads is closed after write_timeout, whatever
# is still to be said to it; others do not notice, and one that reads again in
# time stays.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
write_timeout: 1s
idle_timeout: 1h
private_key_stores:
- file: $T/a.key
END
daemon_start
load_start ecdsa-sha256 "$K/p256.pub" 2 -d 4
client_start hold 60
quiet=$STARTED
begin=$(ms)
client deaf 15 || fail 'a client that does not read is kept'
[ $(($(ms) - begin)) -ge 1000 ] || fail 'it was closed too early'
wait_number 'write timeouts' -eq 1
wait_number connections -eq 3
alive "$quiet" || fail 'a client that says nothing was closed'

# With a lot of time, nothing of that kind happens.
sed -i 's/^write_timeout: .*/write_timeout: 10m/' "$CONF"
reload_ok '^reloaded: '
client_start deaf 60
deaf=$STARTED
wait_number connections -eq 4
sed -i 's/^write_timeout: .*/write_timeout: 500ms/' "$CONF"
alive "$deaf" || fail 'closed although there was time'
number_is 'write timeouts' -eq 1 || fail 'counted although there was time'
reload_ok '^reloaded: '
wait "$deaf" || fail 'a client that does not read is kept'
loads_stop
client_start -d 3000 sign ecdsa-sha256 "$K/p256.pub" 3000
slow=$STARTED
kill -STOP "$slow"
kill -CONT "$slow"
wait "$slow" || fail 'a client that reads was closed'
daemon_stop
