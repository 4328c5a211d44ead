# Reloads one after another under load, every second one with a broken file:
# no request is lost or fails, no descriptor and no process stays behind.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start
cp "$CONF" "$T/good.conf"
{ cat "$CONF"; echo 'bad: yes'; } >"$T/bad.conf"
settled() {
	[ "$(signers | wc -l)" -eq 2 ] &&
	    [ "$(ctl show signers | grep -c ' ready ')" -eq 2 ]
}
count_fds() {
	for pid in "$DAEMON" $(children "$DAEMON"); do
		ls "/proc/$pid/fd"
	done | wc -l
}
wait_until settled || fail 'the signers never came up'
before=$(count_fds)
client_start -d 16 -s 4 load ecdsa-sha256 "$K/p256.pub" 4 10s
load=$STARTED
round=0
while [ "$round" -lt 40 ] && alive "$load"; do
	round=$((round + 1))
	cp "$T/good.conf" "$CONF"
	ctl reload >"$T/out" || fail "reload $round: $(cat "$T/out")"
	cp "$T/bad.conf" "$CONF"
	refuse ctl reload >"$T/out" 2>&1
done
[ "$round" -ge 5 ] || fail "only $round reloads under load"
wait "$load" || fail 'requests were lost or failed'
contains "$T/client.log" '^load .* errors=0 bad=0 lost=0 '
wait_until settled || fail "processes stay: $(ctl show signers)"
few_fds() {
	[ "$(count_fds)" -le "$before" ]
}
wait_until few_fds || fail "descriptors: $before before, $(count_fds) after"
cp "$T/good.conf" "$CONF"
daemon_stop
