# The thread of a signer that watches the parent has descriptors of its own, and
# none but those that it needs: what the module closes is closed.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' </dev/null
daemon_start
wait_ctl "$SET +1 +ready" signers

# watches PID: its second thread has just 0 to 3, and the first one more
watches() {
	for task in "/proc/$1/task"/*; do
		open=$(find "$task/fd" -type l | wc -l)
		if [ "${task##*/}" = "$1" ]; then
			[ "$open" -gt 4 ] || return 1
		else
			[ "$open" -eq 4 ] || return 1
		fi
	done
	[ "$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l)" -eq 2 ]
}

both_watch() {
	n=0
	for pid in $(signers); do
		! watches "$pid" || n=$((n + 1))
	done
	[ "$n" -eq 2 ]
}

wait_until both_watch || fail "descriptors: $(for pid in $(signers); do
	ls -l "/proc/$pid/task"/*/fd
done)"
client sign ecdsa-sha256 "$T/hsm/p256.pub"
daemon_stop
