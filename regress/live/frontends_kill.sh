# Of several frontends one dies under load: it costs its own connections, is
# replaced, and nobody else notices.  Nor does anybody notice a hundred reloads
# and the death of signers that all of them use.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

unset KEYLESS_FRONTENDS
put_key p256 pkcs8-pem "$T/a.key"
config <<END
frontends: 4
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start
wait_until full 2 || fail 'the signers never came up'

# sockets PID: how many it has
sockets() {
	find "/proc/$1/fd" -lname 'socket:*' 2>/dev/null | wc -l
}

# four: there are four, and they have been replaced
four() {
	[ "$(frontends | wc -l)" -eq 4 ] && ctl show connections >"$T/out" 2>&1
}

# loads_left: how many loads go on
loads_left() {
	left=0
	for pid in $LOADS; do
		! alive "$pid" || left=$((left + 1))
	done
	echo "$left"
}
left_is() {
	[ "$(loads_left)" -eq "$1" ]
}

# Eight clients with one connection each, and a victim that has some of them.
victim=$(frontends | tail -n 1)
idle=$(sockets "$victim")
had=0
while [ "$had" -eq 0 ]; do
	for _ in 1 2 3 4 5 6 7 8; do
		load_start ecdsa-sha256 "$K/p256.pub" 1 -d 4
	done
	wait_number connections -eq 8
	had=$(($(sockets "$victim") - idle))
	[ "$had" -ne 0 ] || loads_stop
done
wait_number requests -ge 1000
kill -KILL "$victim"
wait_until left_is $((8 - had)) ||
    fail "$had connections with the victim, $(loads_left) of 8 loads are left"
wait_log "frontend died pid=$victim signal=9 number=3"
wait_until four || fail "no replacement: $(frontends)"
counted=$(number requests)
wait_number requests -ge "$((counted + 1000))"
left_is $((8 - had)) || fail "others suffer: $(loads_left) are left"
n=0
for pid in $LOADS; do
	n=$((n + 1))
	alive "$pid" || continue
	kill -TERM "$pid"
	wait "$pid" || fail "requests lost or failed: $(cat "$T/load.$n")"
	contains "$T/load.$n" ' errors=0 bad=0 lost=0 '
done
LOADS=
# shellcheck disable=SC2034
NLOADS=0

# Whichever it is, the first too, which serves the control socket.
# Each when all have connected again: a handshake that fails ends the load.
open_again() {
	[ "$(ctl show connections | grep -c ' open ')" -eq 8 ]
}
load_start ecdsa-sha256 "$K/p256.pub" 8 -d 8 -R
for n in 1 2 3 4 3 2 1 1; do
	wait_until open_again || fail "connections: $(ctl show connections)"
	victim=$(frontends | sed -n "${n}p")
	kill -KILL "$victim"
	wait_until gone "$victim" || fail "frontend $victim does not die"
	wait_until four || fail "no replacement: $(frontends)"
	for victim in $(signers | head -n 1); do
		kill -KILL "$victim"
	done
done
loads_stop
[ "$(number requests)" -ge "$counted" ] || fail 'counts are forgotten'
wait_until full 2 || fail "no replacement: $(ctl show signers)"

# A hundred reloads, every fourth with a broken file, all kinds of them with
# a signer killed in between.
cp "$CONF" "$T/good.conf"
{ cat "$CONF"; echo 'bad: yes'; } >"$T/bad.conf"
before=$(fds)
load_start ecdsa-sha256 "$K/p256.pub" 8 -d 8
wait_number connections -eq 8
round=0
while [ "$round" -lt 25 ]; do
	round=$((round + 1))
	for _ in 1 2 3; do
		reload_ok '^reloaded: .* 1 kept, 0 failed$'
	done
	cp "$T/bad.conf" "$CONF"
	reload_fails 'bad'
	cp "$T/good.conf" "$CONF"
	[ $((round % 8)) -ne 0 ] || kill -KILL "$(signers | head -n 1)"
done
loads_stop
sed -i 's/^frontends: 4/frontends: 3/' "$CONF"
reload_ok '; these need a restart: frontends$'
wait_until full 2 || fail "processes stay: $(ctl show signers)"
wait_number connections -eq 0
few_fds() {
	[ "$(fds)" -le "$before" ]
}
wait_until few_fds || fail "descriptors: $before before, $(fds) after"
[ -z "$(zombies)" ] || fail 'processes that nobody waited for'
daemon_stop
