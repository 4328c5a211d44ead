# sign_retry_count: so many more signers try a request whose signer died of it;
# then it gets error 1, and the others are served all the time.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
for count in 0 2; do
	quirk_config "$(quirk_uri id=%02)" 'signers: 3' <<-END
		sign_retry_count: $count
	END
	daemon_start
	neighbour_start
	wait_ctl "$SET +2 +ready" signers
	quirk "C_Sign=crash data=$POISON"
	forget_calls
	signs p256 50 &
	others=$!
	ask_poison -t 10 -e 1 || fail "sign_retry_count $count: not error 1"
	wait "$others" || fail "sign_retry_count $count: others suffer"
	called 'C_Sign crash' $((count + 1))
	wait_log "request given up .* deaths=$((count + 1)) "
	quirk
	neighbour_stop
	rm -r "$T/neighbour"
	daemon_stop
done
