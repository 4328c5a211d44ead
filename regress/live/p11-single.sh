# A signer has no threads but those of its module: a second one makes system
# calls and malloc(3) of both slower.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

[ -d /proc/self/task ] || skip 'no /proc/PID/task on this system'

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' </dev/null
daemon_start
wait_ctl "$SET +1 +ready" signers
client sign ecdsa-sha256 "$T/hsm/p256.pub"

n=0
for pid in $(signers); do
	threads=$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)
	[ "$threads" -eq 1 ] || fail "signer $pid has $threads threads"
	n=$((n + 1))
done
[ "$n" -ge 2 ] || fail "signers: $n"
daemon_stop
