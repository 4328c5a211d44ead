# What is wrong at the start is said together with what to do about it, by
# keylessd -n too; and so does keylessctl.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
# check REGEX: keylessd -n fails, and says that
check() {
	status=0
	"$KEYLESSD" -n -f "$CONF" -s "$SIGNER" >"$T/out" 2>&1 || status=$?
	[ "$status" -eq 1 ] || fail "keylessd -n: status $status"
	contains "$T/out" "$1"
}
need_programs
CONF=$T/nothing
check 'cannot read config .*reason=".*keylessctl convert'
CONF=$T/keylessd.conf
config <<END
private_key_stores:
- file: $T/a.key
END
cp "$CONF" "$T/good"

# with KEY VALUE REGEX: the same file, but for this
with() {
	sed "s|^$1: .*|$1: $2|" "$T/good" >"$CONF"
	check "$3"
}
with auth_cert nothing.pem 'keylessctl enroll, at a terminal: it asks for what'
with auth_key nothing.pem 'keylessctl enroll, at a terminal: it asks for what'
with cloudflare_ca_cert nothing.pem 'cannot open clou.*copy keyless_cacert.pem'
if is_root; then
	with user _nobody_knows 'unknown user .*useradd'
fi
mkdir "$T/none"
sed "s|^- file: .*|- dir: $T/none|" "$T/good" >"$CONF"
check 'check finished good=0 bad=0 reason="no key was found: see private_key_s'
sed "s|^- file: .*|- file: $T/none/a.key|" "$T/good" >"$CONF"
check 'check finished good=0 bad=1 reason="mend'

# A path for sockets where something else is, which stays.
echo mine >"$T/mine"
for key in control_socket metrics_listen; do
	sed "/^$key:/d" "$T/good" >"$CONF"
	case $key in
	control_socket)	echo "$key: $T/mine" ;;
	*)		echo "$key: [$T/mine]" ;;
	esac >>"$CONF"
	daemon_refuses "cannot open socket path=$T/mine .*no socket is there"
	contains "$T/mine" '^mine$'
done

# An address that is taken.
cp "$T/good" "$CONF"
daemon_start
first=$DAEMON
LOG=$T/second.log
sed -e "s|^listen: .*|listen: [\"127.0.0.1:$PORT\"]|" \
    -e 's|/control[.]sock|/second.sock|' -e 's|/keylessd[.]pid|/second.pid|' \
    "$T/good" >"$CONF"
daemon_refuses 'cannot listen .*reason="Address already in use; another process'
LOG=$T/daemon.log
lacks "$LOG" ' error: '
DAEMON=$first
daemon_stop

# keylessctl, when nobody answers.
refuse ctl show keys >"$T/out" 2>&1
contains "$T/out" 'keylessd is not running \(no socket .*; start it, or name'
python3 - "$T/control.sock" <<'END'
import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])
END
refuse ctl show keys >"$T/out" 2>&1
contains "$T/out" 'nobody listens on .*; start it, .*keylessd -n says why'

# Colour is for terminals, and for those who have not refused it.
rm "$T/control.sock"
cp "$T/good" "$CONF"
echo "- file: $T/none/b.key" >>"$CONF"
daemon_start
esc=$(printf '\033')
# on_terminal [NAME=VALUE]: what keylessctl show keys prints on one
on_terminal() {
	env -u NO_COLOR TERM=xterm "$@" python3 - "$KEYLESSCTL" -s \
	    "$T/control.sock" show keys >"$T/out" <<-'END'
		import pty, sys
		pty.spawn(sys.argv[1:])
	END
}
on_terminal
contains "$T/out" "$esc\\[31mfailed$esc"
on_terminal NO_COLOR=1
lacks "$T/out" "$esc"
contains "$T/out" '^failed '
on_terminal TERM=dumb
lacks "$T/out" "$esc"
env -u NO_COLOR TERM=xterm "$KEYLESSCTL" -s "$T/control.sock" show keys \
    >"$T/out"
lacks "$T/out" "$esc"
daemon_stop
