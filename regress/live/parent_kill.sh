# The parent is killed: all its children are gone within a second, also one
# that hangs in its module, and a new daemon starts with the same configuration
# in spite of the socket and the pid file that are left behind.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/fault.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' <<END
sign_timeout: 60s
END
daemon_start
# A fixed port: to be bound again.
sed -i "s|^listen: .*|listen: [\"127.0.0.1:$PORT\"]|" "$CONF"
daemon_stop

# all_gone PID ...
all_gone() {
	for pid; do
		alive "$pid" && return 1
	done
	return 0
}

# killed: its children leave; how long did it take, in $took?
killed() {
	left=$(children "$DAEMON")
	[ "$(echo "$left" | wc -w)" -ge 5 ] || fail "children: $left"
	begin=$(ms)
	kill -KILL "$DAEMON"
	# shellcheck disable=SC2086
	if ! wait_until all_gone $left; then
		ps -o pid,args -p "$(echo $left | tr ' ' ,)"
		kill -KILL $left 2>/dev/null
		fail "$fault: children are left behind"
	fi
	took=$(($(ms) - begin))
	wait "$DAEMON" || :
	DAEMON=
	if [ ! -e "$T/control.sock" ] || [ ! -e "$T/keylessd.pid" ]; then
		fail 'nothing is left behind that a new daemon could meet'
	fi
}

# The best of some counts, since the machine may be busy.
for fault in none C_Sign=hang C_Sign=deaf C_Login=hang; do
	best=100000
	for _ in 1 2 3; do
		quirk
		daemon_start
		wait_ctl "$SET +1 +ready" signers
		client_start hold 60
		client sign ecdsa "$K/p256.pub" , \
		    sign ecdsa-sha256 "$T/hsm/p256.pub"
		forget_calls
		case $fault in
		C_Sign*)
			quirk "$fault"
			client_start sign ecdsa-sha256 "$T/hsm/p256.pub" ;;
		C_Login*)
			quirk "$fault"
			kill -KILL "$(token_signers | head -n 1)" ;;
		esac
		[ "$fault" = none ] || wait_call "${fault%=*} ${fault#*=}"
		killed
		[ "$took" -ge "$best" ] || best=$took
		[ "$best" -ge 1000 ] || break
	done
	[ "$best" -lt 1000 ] || fail "$fault: children stay for $best ms"
done

# What the dead one has left behind is no obstacle.
quirk
daemon_start
client sign ecdsa "$K/p256.pub"
[ "$(cat "$T/keylessd.pid")" = "$DAEMON" ] || fail 'the old pid file stays'
daemon_stop
