# A client that asks faster than request_rate is read later: nothing is
# refused, and its connections share the rate; another client does not notice.
# Nor is it idle while its requests wait for that.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
make_pki
cert second client-ca 2 'extendedKeyUsage=clientAuth'
config <<END
request_rate: 100
idle_timeout: 1s
private_key_stores:
- file: $T/a.key
END
daemon_start
# 200 at once, the other 200 within 2 s or more.
client_start -d 20 load ping - 4 400
slow=$STARTED
client_as second -d 20 load ping - 2 100 || fail 'another client is kept back'
contains "$T/client.log" '^load requests=100 answers=100 errors=0 '
wait "$slow" || fail 'requests are refused'
took=$(sed -n 's/^load requests=400 .* ms=\([0-9]*\).*/\1/p' "$T/client.log")
[ "$took" -ge 1900 ] || fail "400 requests took $took ms at 100 a second"
client -d 400 ping 10 400 || fail 'not all are answered that came at once'
daemon_stop
