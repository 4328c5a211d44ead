# What can be done with a signer that has loaded SoftHSM: it sees the token
# and its configuration, and nothing else.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/captured.lib.sh"

captured_init
token_init
config <<END
private_key_stores:
$(token_store "$(token_uri object=p256)")
  signers: 2
END
daemon_start
allowed signers open-read "path $T/hsm/softhsm2.conf"
allowed signers open-write "path $T/hsm/tokens/new"
refused signers open-write "path $T/hsm/softhsm2.conf"
refused signers open-read "path $CONF"
refused signers open-read "path $T/hsm/p256.pub"
refused signers open-read 'path /etc/passwd'
refused signers open-read "path $MODULE"
refused signers open-read "path /proc/$VICTIM/status"
refused signers list 'path /etc'
refused signers open-write "path $T/empty-file"
refused signers socket
refused signers connect-tcp "port $PORT"
refused signers connect-unix "path $T/control.sock"
refused signers execute 'path /bin/echo'
refused signers fork
refused signers new-code
refused signers ptrace "pid $VICTIM"
refused signers read-memory "pid $VICTIM"
refused signers signal "pid $VICTIM"
captured signers signal "pid $DAEMON"
lacks "$T/part" 'SUCCEEDED|unknown'
captured signers setuid
lacks "$T/part" 'SUCCEEDED|unknown'
refused signers user-namespace
refused signers dumpable
refused signers shared-memory
if is_root; then
	outside mount "path $T/outside"
	captured signers mount 'path /'
	lacks "$T/part" 'SUCCEEDED|unknown'
	refused signers chroot 'path /'
	refused signers bpf
fi
wait_until client sign ecdsa "$T/hsm/p256.pub" 5 || fail 'no signatures'
daemon_stop
