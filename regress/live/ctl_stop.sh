# keylessctl stop returns, silently, when the daemon is gone; not everybody may.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
if is_root; then
	for command in drain undrain stop; do
		refuse setpriv --reuid nobody --regid "$(id -g nobody)" \
		    --groups "$FRONTEND_USER" --inh-caps=-all \
		    "$KEYLESSCTL" -s "$T/control.sock" "$command" \
		    >"$T/out" 2>&1
		contains "$T/out" 'permission denied: only root and the user'
	done
	client ping 1 1
fi
all=$(children "$DAEMON")
ctl stop >"$T/out" 2>&1 || fail "stop: $(cat "$T/out")"
[ ! -s "$T/out" ] || fail "stop says: $(cat "$T/out")"
# exiting PID: it has come to its end in the kernel (PF_EXITING), which closes
# its descriptors, by which stop knows, a moment before it is a zombie
exiting() {
	[ $(($(sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 7) & 4)) -ne 0 ]
}

# The parent is gone when stop returns, or a zombie of this shell's.
gone "$DAEMON" || exiting "$DAEMON" || fail 'stop has returned too early'
wait "$DAEMON" || fail "keylessd: exit status $?"
DAEMON=
daemon_gone "$all"
status=0
ctl stop >"$T/out" 2>&1 || status=$?
[ "$status" -eq 1 ] || fail "stop without a daemon: exit status $status"
contains "$T/out" 'not running'
