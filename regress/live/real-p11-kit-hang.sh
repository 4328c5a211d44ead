# The server of a token hangs under load, and goes on later: no request waits
# longer than sign_timeout, a key in a file is served all the time, and the
# token's signatures flow again soon, without anybody's help.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/real.lib.sh"

KIT=$(module_file p11-kit-client.so)
need p11-kit p11-kit
need p11-kit-modules "$KIT"
token_init
kit_start
put_key p256 pkcs8-pem "$T/file.key"
{
	cat <<-END
		sign_timeout: 1s
		start_timeout: 1s
		private_key_stores:
		- file: $T/file.key
	END
	kit_stores p256
} | config
daemon_start
wait_ctl "$SET +1 +ready" signers
neighbour_start
load_start ecdsa-sha256 "$T/hsm/p256.pub"
client sign ecdsa-sha256 "$T/hsm/p256.pub" 50

hung=$(children "$KIT_SERVER")
for pid in $hung; do
	background "$pid"
done
# shellcheck disable=SC2086
kill -STOP "$KIT_SERVER" $hung
client -t 3 -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub" 8 ||
    fail 'no error 1 within sign_timeout'
wait_log 'killing signer that is stuck'
wait_ctl "$SET +0 +lost" signers
wait_ctl "$SET +1 +lost" signers
wait_ctl '^lost ' keys
wait_log 'signer not ready in time'
client -t 1 -e 1 sign ecdsa-sha256 "$T/hsm/p256.pub" ||
    fail 'no error 1 while the token hangs'
# shellcheck disable=SC2086
kill -CONT "$KIT_SERVER" $hung
back "$SET" "$T/hsm/p256.pub"

load_stop
neighbour_stop
daemon_stop
