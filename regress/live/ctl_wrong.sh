# keylessctl: no daemon, nonsense, and finding the socket by the config file.
# run-as: any
. "$(dirname "$0")/lib.sh"

need_programs
status=0
ctl show keys >"$T/out" 2>&1 || status=$?
[ "$status" -eq 1 ] || fail "exit status $status without a daemon"
contains "$T/out" "$T/control.sock"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
"$KEYLESSCTL" -f "$CONF" show keys >"$T/out"
contains "$T/out" '^ready '
for words in '' show 'show nothing' 'log loud' 'show keys please' nothing; do
	# shellcheck disable=SC2086
	refuse ctl $words >"$T/out" 2>&1
	[ -s "$T/out" ] || fail "no message: keylessctl $words"
done
for words in '-m show keys' 'show -i x keys' 'enroll -m -i x' 'enroll now'; do
	status=0
	# shellcheck disable=SC2086
	ctl $words >"$T/out" 2>&1 || status=$?
	[ "$status" -eq 2 ] || fail "exit status $status: keylessctl $words"
	[ -s "$T/out" ] || fail "no message: keylessctl $words"
done

# A reload of the same file changes nothing.
status=0
ctl reload >"$T/out" 2>&1 || status=$?
[ "$status" -eq 0 ] || fail "reload: $(cat "$T/out")"
client sign ecdsa "$K/p256.pub"

# Nonsense on the control socket costs the one who sends it.
python3 - "$T/control.sock" <<'END'
import os, socket, sys
for size in 1, 11, 12, 100, 100000:
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    try:
        s.sendall(os.urandom(size))
        s.shutdown(socket.SHUT_WR)
        while s.recv(65536):
            pass
    except OSError:
        pass
    s.close()
END
ctl show keys >"$T/out"
client sign ecdsa "$K/p256.pub"
daemon_stop
