# A module that leaks a thread for each signature goes on signing.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" </dev/null
quirk 'C_Sign=thread'
daemon_start
neighbour_start
client -t 5 -d 4 load ecdsa-sha256 "$T/hsm/p256.pub" 2 400 ||
    fail 'requests fail'
neighbour_stop
daemon_stop
