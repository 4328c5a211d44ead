# The parent is killed: all its children end within a second, also a signer
# that hangs in its module and hears no signal, and a new daemon starts with
# what the old one has left behind.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' </dev/null

now_ms() {
	date +%s%3N
}

for state in idle C_Sign=hang C_Sign=deaf; do
	quirk
	daemon_start
	wait_ctl "$SET +1 +ready" signers
	orphans=$(children "$DAEMON")
	if [ "$state" != idle ]; then
		quirk "$state"
		forget_calls
		client_start sign ecdsa-sha256 "$T/hsm/p256.pub"
		wait_call "${state%=*} ${state#*=}"
	fi
	begun=$(now_ms)
	kill -KILL "$DAEMON"
	for pid in $orphans; do
		wait_until gone "$pid" || fail "$state: $pid is left behind"
	done
	took=$(($(now_ms) - begun))
	[ "$took" -lt 1500 ] || fail "$state: it took $took ms"
	wait "$DAEMON" || :
	DAEMON=
done

# The socket and the pid file of the dead one stand in nobody's way.
[ -e "$T/control.sock" ] || fail 'no control socket: what is tested here?'
quirk
daemon_start
[ "$(cat "$T/keylessd.pid")" = "$DAEMON" ] || fail 'the pid file is not new'
client sign ecdsa-sha256 "$K/p256.pub"
daemon_stop
