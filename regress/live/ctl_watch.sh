# keylessctl monitor and the latency in show stats, of a daemon at work.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
ctl -j show stats >"$T/out"
contains "$T/out" '"p50_us":null,"p99_us":null,"p999_us":null'
ctl monitor >"$T/monitor" 2>"$T/err" &
monitor=$!
background "$monitor"
wait_until test -s "$T/monitor" || fail 'monitor is silent'
client sign ecdsa-sha256 "$K/p256.pub" 300
time='[0-9.]+[um]?s'
busy="^[0-9:]{8} +[1-9][0-9]* +0 +$time +$time +[0-9]+ +[01]  "
wait_until grep -Eq "${busy}OpECDSASignSHA256 [1-9]" "$T/monitor" ||
    fail "300 requests not seen: $(cat "$T/monitor")"
contains "$T/monitor" '^[0-9:]{8} +0 +0 +- +- +0 +0$'
ctl show stats >"$T/out"
contains "$T/out" '^latency p50 +[0-9.]+[um]?s$'
contains "$T/out" '^latency p99\.9 +[0-9.]+[um]?s$'
daemon_stop
status=0
wait "$monitor" || status=$?
[ "$status" -eq 1 ] || fail "monitor: exit status $status"
contains "$T/err" '^keylessctl: keylessd closed the connection: '
