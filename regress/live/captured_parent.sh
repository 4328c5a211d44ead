# What can be done with the parent once it is taken over: it reads all files,
# and can neither change one outside of its directories nor get at more than it
# has, of the launcher neither.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/captured.lib.sh"

captured_init
put_key p256 pkcs8-pem "$T/a.key"
mkdir "$T/run"
ln -s run/control.sock "$T/control.sock"
config <<END
private_key_stores:
- file: $T/a.key
END
sed -i -e "s|$T/control.sock|$T/run/control.sock|" \
    -e "s|$T/keylessd.pid|$T/run/keylessd.pid|" "$CONF"

# news: what was logged since the attack was ordered
news() {
	tail -n "+$((seen + 1))" "$LOG" >"$T/part"
}

# over: the attack has ended, or the daemon has
over() {
	news
	grep -Eq "^captured $name (refused|SUCCEEDED|unknown)" "$T/part" ||
	    gone "$DAEMON"
}

# attack NAME [LINE ...]: the parent, at a reload; a dead one is replaced
attack() {
	name=$1
	order "$T/bin/parent" "$@"
	seen=$(wc -l <"$LOG")
	kill -HUP "$DAEMON"
	wait_until over || fail "no attack $name: $(cat "$T/part")"
	news			# its last words may have come meanwhile
	rm "$T/bin/parent"
	contains "$T/part" "^captured $name begins"
	status=0
	if gone "$DAEMON"; then
		wait "$DAEMON" || status=$?
		# SIGSYS
		[ "$status" -eq 159 ] || fail "attack $name: status $status"
		daemon_start
	fi
}

parent_refuses() {
	outside "$@"
	attack "$@"
	lacks "$T/part" 'SUCCEEDED|unknown'
}

parent_can() {
	attack "$@"
	contains "$T/part" "^captured $1 SUCCEEDED"
}

daemon_start
ctl -j show sandbox >"$T/json"
abi=$(sed 's/.*"process":"parent"[^}]*"landlock":\([0-9]*\).*/\1/' "$T/json")
[ "$abi" -ge 1 ] || skip 'no Landlock in this kernel'

# Files: all can be read, as a reload may want it.  None is written, nor removed
# outside of the directories of socket and pid file.
parent_can open-read 'path /etc/passwd'
: >"$T/outside/file"
for file in "$T/outside/file" "$T/outside/new" "$T/run/new" "$T/a.key"; do
	parent_refuses open-write "path $file"
done
cp "$T/a.key" "$T/outside/a.key"
cmp -s "$T/a.key" "$T/outside/a.key" || fail 'a file was written to'
attack remove "path $T/a.key"
lacks "$T/part" 'SUCCEEDED|unknown'
: >"$T/run/file"
parent_can remove "path $T/run/file"

# Programs, code.
parent_refuses execute 'path /bin/echo'
parent_refuses new-code

# Other processes; its own it may signal.
if [ "$abi" -ge 6 ]; then
	attack kill "pid $VICTIM"
	lacks "$T/part" 'SUCCEEDED|unknown'
	alive "$VICTIM" || fail 'a process outside was killed'
fi
parent_can kill "pid $(signers)"
wait_until client sign ecdsa "$K/p256.pub" || fail 'no other signer'
parent_refuses ptrace "pid $VICTIM"

# The network: it listens, and connects to nobody.
[ "$abi" -lt 4 ] || parent_refuses connect-tcp "port $PORT"

# Privileges.
parent_refuses user-namespace
if is_root; then
	outside mount "path $T/outside"
	attack mount "path $T/run"
	lacks "$T/part" 'SUCCEEDED|unknown'
	# A signer that is told to stay root leaves.
	attack root-signer
	lacks "$T/part" 'SUCCEEDED|unknown'
fi
wait_until client sign ecdsa "$K/p256.pub" 5 || fail 'no signatures'

# The launcher ends by an order that is none, and with it the daemon.
order "$T/bin/parent" unknown-role
kill -HUP "$DAEMON"
wait_until gone "$DAEMON" || fail 'keylessd goes on without launcher'
status=0
wait "$DAEMON" || status=$?
DAEMON=
[ "$status" -eq 1 ] || fail "exit status $status, expected 1"
contains "$LOG" '^captured unknown-role refused'
contains "$LOG" ' launcher fatal: bad message from the parent '
