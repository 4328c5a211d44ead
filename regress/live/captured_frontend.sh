# What can be done with the frontend once it is taken over: nothing but what
# it does anyway.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/captured.lib.sh"

captured_init
put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start
signer=$(signers | head -n 1)

# Files, other processes' included.
refused frontend open-read "path $CONF"
refused frontend open-read 'path /etc/passwd'
refused frontend open-read "path $T/a.key"
refused frontend open-read "path /proc/$VICTIM/status"
refused frontend open-write "path $T/empty-file"
refused frontend list 'path /proc'
# Connections.
refused frontend connect-tcp "port $PORT"
refused frontend connect-unix "path $T/control.sock"
refused frontend socket
refused frontend listen
# Programs, code.
refused frontend execute 'path /bin/echo'
refused frontend fork
refused frontend new-code
[ -z "$MODULE" ] || refused frontend load-module "path $MODULE"
# Other processes: the victim of the control is the tests' own.
refused frontend ptrace "pid $VICTIM"
captured frontend ptrace "pid $signer"
lacks "$T/part" 'SUCCEEDED|unknown'
captured frontend read-memory "pid $signer"
lacks "$T/part" 'SUCCEEDED|unknown'
refused frontend read-memory "pid $VICTIM"
refused frontend signal "pid $VICTIM"
captured frontend signal "pid $DAEMON"
lacks "$T/part" 'SUCCEEDED|unknown'
# Privileges.
refused frontend user-namespace
captured frontend setuid
lacks "$T/part" 'SUCCEEDED|unknown'
refused frontend dumpable
refused frontend shared-memory
if is_root; then
	outside mount "path $T/outside"
	captured frontend mount 'path /'
	lacks "$T/part" 'SUCCEEDED|unknown'
	refused frontend chroot 'path /'
	refused frontend bpf
fi
# After all that it serves.
wait_until client sign ecdsa "$K/p256.pub" 5 || fail 'no signatures'
daemon_stop
