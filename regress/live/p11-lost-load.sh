# Under load, with several processes, what is lost costs no client an error.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

# loses QUIRK: while the load goes on
loses() {
	forget_calls
	client -t 10 -d 8 load ecdsa-sha256 "$T/hsm/p256.pub" 2 1s &
	load=$!
	quirk "$1"
	wait "$load" || fail "$1: errors"
	wait_call "^[0-9]* ${1%%=*}"
}

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 3' </dev/null
daemon_start
wait_ctl "$SET +2 +ready" signers

for n in 1 2; do
	loses "lose-sessions=$n"
	loses "lose-login=$n"
done
loses lose-objects=1
daemon_stop
