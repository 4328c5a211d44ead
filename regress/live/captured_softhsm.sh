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
allowed token_processes open-read "path $T/hsm/softhsm2.conf"
allowed token_processes open-write "path $T/hsm/tokens/new"
refused token_processes open-write "path $T/hsm/softhsm2.conf"
refused token_processes open-read "path $CONF"
refused token_processes open-read "path $T/hsm/p256.pub"
refused token_processes open-read 'path /etc/passwd'
refused token_processes open-read "path $MODULE"
refused token_processes open-read "path /proc/$VICTIM/status"
refused token_processes list 'path /etc'
refused token_processes open-write "path $T/empty-file"
refused token_processes socket
refused token_processes connect-tcp "port $PORT"
refused token_processes connect-unix "path $T/control.sock"
refused token_processes execute 'path /bin/echo'
refused token_processes fork
refused token_processes new-code
refused token_processes ptrace "pid $VICTIM"
refused token_processes read-memory "pid $VICTIM"
refused token_processes signal "pid $VICTIM"
refused token_processes signal-by-file "pid $VICTIM"
captured token_processes signal "pid $DAEMON"
lacks "$T/part" 'SUCCEEDED|unknown'
captured token_processes setuid
lacks "$T/part" 'SUCCEEDED|unknown'
refused token_processes user-namespace
refused token_processes dumpable
refused token_processes shared-memory
if is_root; then
	outside mount "path $T/outside"
	captured token_processes mount 'path /'
	lacks "$T/part" 'SUCCEEDED|unknown'
	refused token_processes chroot 'path /'
	refused token_processes bpf
fi
wait_until client sign ecdsa "$T/hsm/p256.pub" 5 || fail 'no signatures'
daemon_stop
