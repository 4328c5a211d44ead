# Log lines about a request name it as the edge does; a request for a key that
# is not here is explained; who is no client has a line only now and then.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key rsa2048 pkcs8-pem "$T/www.key"
put_key p256 pkcs8-pem "$T/mail.key"
key rsa2048-other
config <<END
sign_timeout: 500ms
private_key_stores:
- file: $T/www.key
- file: $T/mail.key
END
daemon_start

# A key that is not here: what was asked for, what is here, what to do.
client -x -e 2 sign rsa-sha256 "$K/rsa2048-other.pub"
wait_log 'warning: key not found peer=.* sni=www.example.com ski=[0-9a-f]{40} '
line=$(grep 'key not found' "$LOG")
for part in 'opcode=OpRSASignSHA256 ' 'request_id=regress ' 'keys=2 ' \
    ' here="[0-9a-f]\{40\} www' ', [0-9a-f]\{40\} mail' \
    'reason="the edge has a certificate'; do
	echo "$line" | grep -q -e "$part" || fail "no $part in: $line"
done
# Not one for each.
client -e 2 sign rsa-sha256 "$K/rsa2048-other.pub" 500
[ "$(grep -c 'key not found' "$LOG")" -le 20 ] || fail 'a line a request'

# A deadline: all signers are stopped.
for pid in $(signers); do
	kill -STOP "$pid"
done
client -x -e 1 sign rsa-sha256 "$K/rsa2048.pub" || fail 'no answer'
wait_log 'warning: deadline passed peer=.* request_id=regress$'
for pid in $(signers); do
	kill -CONT "$pid"
done

# Health checks and scanners: one line at first, then a number at the end.
python3 - "$PORT" <<'END'
import socket, sys
for i in range(30):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    if i % 2:
        s.send(b"GET / HTTP/1.0\r\n\r\n")
        s.recv(100)
    s.close()
END
failed() {
	[ "$(ctl show stats | sed -n 's/^handshakes failed  *//p')" -eq 30 ]
}
wait_until failed || fail 'not all were noticed'
strangers='info: connections without a client certificate count='
[ "$(grep -c "$strangers" "$LOG")" -eq 1 ] || fail 'not one line'
lacks "$LOG" 'handshake failed'
lacks "$LOG" 'request refused'
daemon_stop
contains "$LOG" "${strangers}29 peer=127.0.0.1:"

# All of them, when one asks for it.
sed -i 's/^loglevel.*//' "$CONF"
echo 'loglevel: 0' >>"$CONF"
daemon_start
client -x -e 1 send rsa-sha256 31 "$K/rsa2048.pub"
wait_log 'debug: request refused peer=.* error=1 request_id=regress reason="wr'
daemon_stop
