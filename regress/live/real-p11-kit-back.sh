# The server of a token ends under load and starts again, twice: a key in a
# file is served all the time, requests for the token get error 1 meanwhile,
# and its signatures flow again soon, without anybody's help.
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
		sign_timeout: 2s
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

goes_and_comes() {
	server_stop "$KIT_SERVER"
	away "$SET" "$T/hsm/p256.pub"
	kit_start
	back "$SET" "$T/hsm/p256.pub"
}
goes_and_comes
goes_and_comes

load_stop
neighbour_stop
daemon_stop
