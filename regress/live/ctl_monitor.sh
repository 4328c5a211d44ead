# keylessctl monitor: its lines, and how it ends.
# run-as: any
. "$(dirname "$0")/ctl.lib.sh"

# On a slow machine a second may be longer, and the next one shorter.
n='[1-9][0-9]*'
line="^[0-9:]{8} +$n +$n +100us +800us +5 +4"
line="$line  OpECDSASignSHA256 $n, OpPing $n\$"

fake_start honest
gives 0 monitor 2
[ "$(wc -l <"$T/out")" -eq 3 ] || fail "monitor 2: $(cat "$T/out")"
contains "$T/out" '^TIME +REQUESTS/S +ERRORS/S +P50 +P99 +PENDING +CONN.*ODES$'
[ "$(grep -cE "$line" "$T/out")" -eq 2 ] || fail "monitor 2: $(cat "$T/out")"

gives 0 -j monitor 2
python3 - "$T/out" <<'END' || fail "-j monitor 2: $(cat "$T/out")"
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert len(lines) == 2
assert lines[0]["time"] <= lines[1]["time"]
for line in lines:
    assert line["requests"] > 0 and line["errors"] > 0
    assert line["p50_us"] == 100 and line["p99_us"] == 800
    assert line["pending"] == 5 and line["connections"] == 4
    assert set(line["opcodes"]) == {"OpECDSASignSHA256", "OpPing"}
END

gives 0 show stats
contains "$T/out" '^latency p50 +100us$'
contains "$T/out" '^latency p99 +800us$'
contains "$T/out" '^latency p99\.9 +800us$'
gives 0 -j show stats
contains "$T/out" '"p50_us":100,"p99_us":800,"p999_us":800,"error_codes"'

# ^C ends it after a whole line, in the middle of a second.
on_terminal 'OpPing' monitor || fail "monitor: exit status $? after ^C"
contains "$T/out" 'OpPing [0-9]+.$'
[ "$(tail -c 2 "$T/out" | od -An -c | tr -d ' ')" = '\r\n' ] ||
    tail -n 1 "$T/out" | grep -Fq '^C' || fail 'half a line after ^C'
on_terminal 'OpPing' -j monitor || fail "-j monitor: exit status $? after ^C"

# A daemon that goes away, in the middle of a second or when asked.
: >"$T/out"		# the old one has what is waited for
ctl monitor >"$T/out" 2>"$T/err" &
monitor=$!
background "$monitor"
wait_until grep -q OpPing "$T/out" || fail 'monitor does not write'
fake_stop
status=0
wait "$monitor" || status=$?
[ "$status" -eq 1 ] || fail "monitor without its daemon: exit status $status"
contains "$T/err" '^keylessctl: keylessd closed the connection: '

fake_start mortal
gives 1 monitor
[ "$(grep -cE "$line" "$T/out")" -eq 2 ] || fail "mortal: $(cat "$T/out")"
contains "$T/err" '^keylessctl: keylessd closed the connection: '
fake_stop

fake_start refuse
gives 1 monitor
contains "$T/err" 'permission denied'
fake_stop

# What was not asked for is no answer to the next question.
fake_start chatty
gives 1 monitor
contains "$T/err" 'not expected'
