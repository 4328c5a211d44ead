# What can be done with a signer whose module nobody knows, and which therefore
# has more than others: some things are refused to it all the same.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/captured.lib.sh"

captured_init
quirk_init
quirk_config "$(quirk_uri id=%02)" 'signers: 2' </dev/null
daemon_start
refused token_processes type
refused token_processes signal-by-file "pid $VICTIM"
wait_until signs p256 5 || fail 'no signatures'
daemon_stop
