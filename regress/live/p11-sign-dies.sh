# A module dies of one request: that one gets error 1 after its retry, at most
# two processes die of it, and all other requests are answered.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 3' </dev/null
daemon_start
neighbour_start

for fault in crash abort exit 'exit status=3'; do
	wait_ctl "$SET +2 +ready" signers
	quirk "C_Sign=$fault data=$POISON"
	forget_calls
	signs p256 50 &
	others=$!
	ask_poison -t 5 -e 1 || fail "$fault: not error 1"
	wait "$others" || fail "$fault: other requests suffer"
	called "C_Sign ${fault%% *}" 2
	for pid in $(sed -n 's/ C_Sign .*//p' "$CALLS"); do
		wait_until gone "$pid" || fail "$fault: $pid has not died"
	done
	signs p256 20 || fail "$fault: not as before"
	quirk
	ask_poison
done
wait_ctl "$SET +2 +ready" signers
neighbour_stop
daemon_stop
