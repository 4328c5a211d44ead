# What can be done with a signer of key files once it is taken over.
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
refused signers open-read 'path /etc/passwd'
refused signers open-read "path $T/a.key"
refused signers open-write "path $T/empty-file"
refused signers list 'path /'
refused signers stat 'path /etc'
refused signers socket
refused signers connect-tcp "port $PORT"
refused signers connect-unix "path $T/control.sock"
refused signers listen
refused signers execute 'path /bin/echo'
refused signers fork
refused signers new-code
refused signers ptrace "pid $VICTIM"
refused signers read-memory "pid $VICTIM"
refused signers signal "pid $VICTIM"
refused signers signal-by-file "pid $VICTIM"
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
wait_until client sign ecdsa "$K/p256.pub" 5 || fail 'no signatures'
daemon_stop
