# A module hangs over every request: each gets its error in time, the key in
# the file is served meanwhile, and the token's is again when that is over.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" <<END
sign_timeout: 1s
END
daemon_start
neighbour_start

for fault in hang deaf; do
	quirk "C_Sign=$fault"
	client -d 8 -t 3 -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub" 16 ||
	    fail "$fault: no errors in time"
	quirk
	recovers p256
	signs p256 20 || fail "$fault: not as before"
done
neighbour_stop
daemon_stop
