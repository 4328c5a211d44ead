# The frontend dies: its connections are lost, the listening sockets are not, so
# that clients that connect meanwhile wait instead of being refused.  A reload
# under way then fails cleanly, a drain stays, and the control tool works again.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/fault.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" </dev/null
daemon_start
# A fixed port: to be bound again after a drain.
sed -i "s|^listen: .*|listen: [\"127.0.0.1:$PORT\"]|" "$CONF"
daemon_stop
daemon_start
wait_ctl "$SET +1 +ready" signers
before=$(fds)
old_signers=$(signers | sort)

# new_frontend OLD: there is another one, and it answers
new_frontend() {
	wait_until gone "$1" || fail "frontend $1 does not die"
	wait_until another_frontend "$1" || fail 'no new frontend'
	wait_until ctl show keys >"$T/out" 2>&1 ||
	    fail "the control socket is not served: $(cat "$T/out")"
}
another_frontend() {
	case $(frontend) in
	''|"$1") return 1 ;;
	esac
}

# seconds: since when there are counters
seconds() {
	ctl -j show stats | sed 's/^.*"uptime":\([0-9]*\),.*$/\1/'
}
old_enough() {
	[ "$(seconds)" -ge 2 ]
}
wait_until old_enough || fail 'it does not get older'

# While the parent is stopped nobody starts a new one, for as long as we like.
client_start closed 60
lost=$STARTED
wait_number connections -eq 1
front=$(frontend)
kill -STOP "$DAEMON"
kill -KILL "$front"
wait "$lost" || fail 'the connection did not end with the frontend'
client_start sign ecdsa "$K/p256.pub" , sign ecdsa "$T/hsm/p256.pub"
waiting=$STARTED
# In the backlog of the socket: the kernel has answered, nobody accepted yet.
in_backlog() {
	awk -v port="$(printf ':%04X' "$PORT")" '
	    $2 ~ port "$" && $4 == "0A" && $5 !~ /:00000000$/ { found = 1 }
	    END { exit !found }' /proc/net/tcp
}
wait_until in_backlog || fail 'the client is not in the backlog'
alive "$waiting" || fail 'the client was refused'
kill -CONT "$DAEMON"
wait "$waiting" || fail 'the client that waited was not served'
new_frontend "$front"
ctl show keys >"$T/out"
[ "$(grep -c '^ready ' "$T/out")" -eq 2 ] || fail "keys: $(cat "$T/out")"
# What was counted before stays.
ctl show stats >"$T/out"
contains "$T/out" '^connections total +2$'
old_enough || fail "its counters are of $(seconds) s"
[ "$(signers | sort)" = "$old_signers" ] || fail 'signers were replaced'
contains "$LOG" 'frontend died pid=[0-9]+ signal=9'

# With a reload under way.
quirk 'C_Login=hang once'
forget_calls
status=0
ctl reload >"$T/reload" 2>&1 &
reload=$!
background "$reload"
wait_call 'C_Login hang'
front=$(frontend)
kill -KILL "$front"
wait "$reload" || status=$?
[ "$status" -eq 1 ] || fail "reload: exit status $status"
contains "$T/reload" 'keylessd closed the connection'
wait_log 'reload failed, nothing changed: the frontend died'
new_frontend "$front"
client sign ecdsa "$K/p256.pub" , sign ecdsa "$T/hsm/p256.pub"
# Another reload is possible at once.
reload_ok '^reloaded: 0 keys added, 0 removed, 2 kept, 0 failed$'
client sign ecdsa "$K/p256.pub" , sign ecdsa "$T/hsm/p256.pub"
stuck=$(sed -n 's/ C_Login hang$//p' "$CALLS")

# Again and again, under load by clients that connect again and ask again.
load_start ecdsa-sha256 "$K/p256.pub" 4 -d 8 -R
for _ in 1 2 3 4 5; do
	wait_number requests -ge 100
	front=$(frontend)
	kill -KILL "$front"
	new_frontend "$front"
done
wait_number requests -ge 100
loads_stop
contains "$T/load.1" ' resent=[1-9][0-9]* reconnects=[1-9]'
# The process that hangs for the reload that failed does not stay for ever.
WAIT_TRIES=400 wait_until gone "$stuck" || fail 'the process that hangs stays'
settled() {
	[ "$(ctl show signers | grep -c ' ready ')" -eq 4 ] &&
	    [ "$(signers | wc -l)" -eq 4 ] && [ "$(fds)" -le "$before" ]
}
wait_until settled ||
    fail "descriptors: $before before, $(fds) after: $(ctl show signers)"
[ -z "$(zombies)" ] || fail 'processes that nobody waited for'

# Drained, its successor is drained, too, and so is what it loads anew.
ctl drain >"$T/out"
front=$(frontend)
kill -KILL "$front"
new_frontend "$front"
refuse client ping 1
ctl show version >"$T/out"
contains "$T/out" '^draining +yes$'
reload_ok '^reloaded: '
refuse client ping 1
ctl undrain
client sign ecdsa "$K/p256.pub" , sign ecdsa "$T/hsm/p256.pub"
daemon_stop
