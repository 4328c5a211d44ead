# Several frontends: connections are spread over them, what keylessctl and the
# metrics show is of all of them, limits and a drain are of the whole daemon.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"
. "$(dirname "$0")/metrics.lib.sh"

unset KEYLESS_FRONTENDS
put_key p256 pkcs8-pem "$T/a.key"
config <<END
frontends: 4
max_connections: 12
metrics_listen: ["$T/http.sock"]
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start
sed -i "s|^listen: .*|listen: [\"127.0.0.1:$PORT\"]|" "$CONF"
daemon_stop
daemon_start
wait_until full 2 || fail 'the signers never came up'
[ "$(frontends | wc -l)" -eq 4 ] || fail "not 4 frontends: $(frontends)"

ctl -j show sandbox >"$T/out"
for name in 0 1 2 3; do
	contains "$T/out" "\"process\":\"frontend $name\""
done

# sockets PID: how many it has
sockets() {
	find "/proc/$1/fd" -lname 'socket:*' 2>/dev/null | wc -l
}
for pid in $(frontends); do
	sockets "$pid" >"$T/sockets.$pid"
done

# everyone: each frontend has a connection
everyone() {
	# Nobody but root may look.
	is_root || return 0
	for pid in $(frontends); do
		[ "$(sockets "$pid")" -gt "$(cat "$T/sockets.$pid")" ] ||
		    return 1
	done
}
# spread: it may take more than one attempt where the processor is busy
spread() {
	load_start ecdsa-sha256 "$K/p256.pub" 12 -d 4
	wait_number 'connections total' -ge "$((12 * tries))"
	wait_number connections -eq 12
	everyone && return
	loads_stop
	wait_number connections -eq 0
	tries=$((tries + 1))
	[ "$tries" -le 10 ] || fail 'a frontend has no connection'
	return 1
}
tries=1
until spread; do
	:
done
wait_number requests -ge 1000
is 'keylessd_connections{state="open"}' 12

# busy NAME{LABELS}: more than none
busy() {
	scrape
	[ "$(sample "$1")" -gt 0 ]
}
wait_until busy 'keylessd_requests_inflight{set="files"}' ||
    fail 'no requests in flight'
ctl show connections >"$T/out"
[ "$(grep -c ' open ' "$T/out")" -eq 12 ] ||
    fail "not 12 connections: $(cat "$T/out")"
ctl -j show connections >"$T/out"
tr '{' '\n' <"$T/out" | sed -n 's/^"id":\([0-9]*\),.*/\1/p' >"$T/ids"
[ "$(wc -l <"$T/ids")" -eq 12 ] || fail "no ids: $(cat "$T/out")"
sort -n -u "$T/ids" | cmp - "$T/ids" ||
    fail "not in order, or twice: $(cat "$T/ids")"

# All that there may be: one more is refused, whichever frontend has it.
for _ in 1 2 3 4; do
	client -H
done
[ "$(number refused)" -ge 4 ] || fail "refused: $(number refused)"
loads_stop
wait_number connections -eq 0
client sign ecdsa-sha256 "$K/p256.pub"

# What all frontends were asked is what all signers have done.
requests=$(number requests)
answers=$(sed -n 's/.* answers=\([0-9]*\) .*/\1/p' "$T/load.1")
[ "$requests" -gt "$answers" ] || fail "requests: $requests, not $answers"
ctl -j show signers >"$T/out"
served=$(tr ',' '\n' <"$T/out" | sed -n 's/"served":\([0-9]*\)}*.*/\1/p' |
    awk '{ sum += $1 } END { print sum }')
[ "$served" -eq "$requests" ] || fail "served $served of $requests: $(
    cat "$T/out")"
is 'keyless_requests{opcode="OpECDSASignSHA256"}' "$requests"
total=keyless_request_total_duration_per_opcode
is "${total}_count{type=\"ecdsa\",error=\"no error\"}" "$requests"
is 'keylessd_signer_operations_total{set="files"}' "$requests"
is 'keylessd_requests_inflight{set="files"}' 0
is 'keylessd_requests_pending' 0
is 'keylessd_connections_accepted_total' "$(number 'connections total')"

# One that dies takes nothing with it that was counted.
kill -KILL "$(frontends | tail -n 1)"
is 'keylessd_frontend_restarts_total' 1
is 'keyless_requests{opcode="OpECDSASignSHA256"}' "$requests"
is 'keylessd_signer_operations_total{set="files"}' "$requests"
four() {
	[ "$(frontends | wc -l)" -eq 4 ] && ctl show stats >"$T/out" 2>&1
}
wait_until four || fail "no replacement: $(frontends)"

# A drain ends the connections of all of them, and waits for each.
client_start closed 60
client_start closed 60
other=$STARTED
client_start closed 60
wait_number connections -eq 3
ctl drain >"$T/out"
contains "$T/out" '^drained: 3 connections closed$'
wait "$STARTED" || fail 'the client saw no clean end'
wait "$other" || fail 'another client saw no clean end'
refuse client ping 1
refuse ctl check >"$T/out"
ctl undrain
client ping 1
load_start ecdsa-sha256 "$K/p256.pub" 12 -R
wait_number requests -ge "$((requests + 1000))"
ctl drain >"$T/out"
contains "$T/out" '^drained: '
[ "$(number connections)" -eq 0 ] || fail 'drained, and there is a connection'
ctl undrain
loads_stop

# One that hangs is not waited for, but said.
hangs=$(frontends | tail -n 1)
kill -STOP "$hangs"
ctl show connections >"$T/out"
wait_log 'frontend does not answer number='
kill -CONT "$hangs"
daemon_stop
