# Clients without a certificate, with an expired one, one for servers, or one
# of another authority are refused, and the log says whom and why.  A good
# client that is connected meanwhile does not notice.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
mkfifo "$T/go"
"$CLIENT" -a "127.0.0.1:$PORT" -C "$FIX/pki/server-ca.pem" \
    -c "$FIX/pki/client.pem" -k "$FIX/pki/client.key" \
    sign ecdsa "$K/p256.pub" , wait , sign ecdsa "$K/p256.pub" 100 \
    <"$T/go" >"$T/good.log" 2>&1 &
good=$!
background "$good"
exec 9>"$T/go"
wait_until grep -qs waiting "$T/good.log" || fail 'the good client is stuck'

refused=0
for version in 1.2 1.3; do
	for who in expired notclient stranger none; do
		if [ "$who" = none ]; then
			"$CLIENT" -a "127.0.0.1:$PORT" -T "$version" \
			    -C "$FIX/pki/server-ca.pem" -H \
			    >>"$T/client.log" 2>&1
		else
			client_as "$who" -T "$version" -H
		fi
		refused=$((refused + 1))
	done
	client -T "$version" ping 1
done
peer='peer=127\.0\.0\.1:[0-9]+.*reason='
wait_log "$peer.*expired"
wait_log "$peer.*(purpose|unsuitable|usage)"
wait_log "$peer.*(issuer|authority|self-signed)"
wait_log "$peer.*(no|not|without).*certificate"
# A line for each that showed a certificate, one in all for who did not.
lines=$(grep -Ec "(handshake failed|without a client .* count=1) $peer" "$LOG")
[ "$lines" -eq $((refused - 1)) ] ||
    fail "$lines lines about $refused refused clients"
# What scanners do is no error of ours.
lacks "$LOG" ' (error|critical|fatal): '
ctl show stats >"$T/out"
contains "$T/out" "handshakes failed +$refused\$"

echo go >&9
wait "$good" || {
	cat "$T/good.log"
	fail 'the good client noticed'
}
daemon_stop
