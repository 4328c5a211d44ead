# A module of which nothing is known sees what the store's `paths' name:
# without them it does not start and the log says so, read-only ones it cannot
# write, and outside of them there is nothing.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/captured.lib.sh"

captured_init
token_init
mkdir "$T/lib" "$T/outside-of-it"
cp "$MODULE" "$T/lib/libnobody-knows.so"
put_key p256 pkcs8-pem "$T/a.key"
stores() {
	cat <<-END
		private_key_stores:
		- file: $T/a.key
		$(token_store "$(token_uri object=p256 "$PIN" \
		    "$T/lib/libnobody-knows.so")")
		  signers: 2
	END
	printf '  %s\n' "$@"
}
stores '' | config
daemon_start
contains "$LOG" 'ready keys=1 failed=1'
contains "$LOG" "nothing is known of this module.*\`paths'"
daemon_stop

stores "paths: [$T/hsm/softhsm2.conf, '$T/hsm/tokens:rw', $T/missing]" |
    config
daemon_start
contains "$LOG" 'ready keys=2 failed=0'
contains "$LOG" "path of the store is not there path=$T/missing"
client sign ecdsa "$T/hsm/p256.pub" 10
allowed token_processes open-read "path $T/hsm/softhsm2.conf"
allowed token_processes open-write "path $T/hsm/tokens/new"
refused token_processes open-write "path $T/hsm/softhsm2.conf"
refused token_processes open-read "path $CONF"
refused token_processes open-read "path $T/a.key"
refused token_processes open-write "path $T/outside-of-it/new"
refused token_processes execute 'path /bin/echo'
refused token_processes ptrace "pid $VICTIM"
refused token_processes signal "pid $VICTIM"
# It may be one that needs the network.
allowed token_processes connect-tcp "port $PORT"
wait_until client sign ecdsa "$T/hsm/p256.pub" 10 || fail 'no signatures'
daemon_stop
