# A module that hangs while the daemon starts delays it by start_timeout; then
# the key in the file is served, and the token's once the module lets go.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02)" <<END
start_timeout: 2s
END

for call in C_Initialize C_OpenSession C_Login; do
	quirk "$call=hang"
	forget_calls
	daemon_start
	client -t 1 sign ecdsa-sha256 "$K/p256.pub" 10 ||
	    fail "$call: the key in the file is not served"
	client -t 1 -e 2 sign ecdsa-sha256 "$T/hsm/p256.pub" ||
	    fail "$call: the token's key is not unknown"
	wait_ctl '(failed|lost).*start_timeout' keys
	wait_ctl "$SET +[01] +lost" signers
	quirk
	recovers p256
	wait_ctl "$SET +1 +ready" signers
	daemon_stop
done
