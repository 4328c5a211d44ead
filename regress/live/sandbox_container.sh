# As root without the right to name spaces, as in many containers: everything
# works, the log says once for each kind of process what is missing, and the
# rest of the sandbox holds.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/captured.lib.sh"

captured_init
token_init
put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
  signers: 2
$(token_store "$(token_uri object=rsa)")
  signers: 2
END
need_programs
: >"$LOG"
setpriv --bounding-set \
    -all,+dac_override,+kill,+setgid,+setuid,+setpcap,+sys_chroot \
    --inh-caps=-all "$KEYLESSD" -d -f "$CONF" -s "$SIGNER" >"$LOG" 2>&1 \
    </dev/null &
DAEMON=$!
WAIT_TRIES=600 wait_until daemon_decided || fail 'neither serves nor ends'
alive "$DAEMON" || fail 'keylessd ended instead of serving'
contains "$LOG" 'ready keys=2 failed=0'
PORT=$(sed -n 's/.*listening address=127\.0\.0\.1:\([0-9]*\)$/\1/p' "$LOG")
client sign ecdsa "$K/p256.pub" 10 , sign pss "$T/hsm/rsa.pub" 5
wait_until client sign pss "$T/hsm/rsa.pub" 5
[ "$(grep -c 'warning: sandbox incomplete' "$LOG")" -eq 3 ] ||
    fail 'not one line for each kind of process'
contains "$LOG" 'sandbox incomplete process="files" .*no name spaces'
ctl show sandbox >"$T/out"
contains "$T/out" "^frontend .* $T/empty +seccomp .*no name spaces"
contains "$T/out" '^token .* seccomp +(landlock|by mode).*no name spaces'
for pid in $(frontend) $(signers); do
	contains "/proc/$pid/status" '^Seccomp:[[:space:]]*2$'
	contains "/proc/$pid/status" '^CapEff:[[:space:]]*0000000000000000$'
	contains "/proc/$pid/status" '^CapBnd:[[:space:]]*0000000000000000$'
	[ "$(sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' \
	    "/proc/$pid/status")" -ne 0 ] || fail "$pid is root"
done
refused frontend open-read 'path /etc/passwd'
refused frontend connect-tcp "port $PORT"
captured signers open-read 'path /etc/passwd'
lacks "$T/part" 'SUCCEEDED|unknown'
wait_until client sign ecdsa "$K/p256.pub" 10 || fail 'no signatures'
daemon_stop
