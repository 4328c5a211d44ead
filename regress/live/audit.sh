# Audit lines: one for each operation, with all that the manual promises; to a
# file, which a reload opens anew; none when they are off; none lost unnoticed.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key rsa2048 pkcs8-pem "$T/a.key"
config <<END
audit: all
audit_file: $T/audit.log
private_key_stores:
- file: $T/a.key
END
daemon_start
pub=$K/rsa2048.pub

# lines N: the file has so many
lines() {
	[ "$(wc -l <"$T/audit.log")" -eq "$1" ]
}

[ "$(stat -c %a "$T/audit.log")" = 600 ] || fail 'others may read the file'
client -x sign rsa-sha256 "$pub" 10
wait_until lines 10 || fail "10 operations: $(cat "$T/audit.log")"
ski=$(ctl -j show keys | sed 's/.*"ski":"\([0-9a-f]*\)".*/\1/')
serial=$(openssl x509 -in "$FIX/pki/client.pem" -noout -serial)
time='time=20[0-9-]{8}T[0-9:]{8}\.[0-9]{6}Z'
who="client=\"/CN=keylessd regress client\" serial=${serial#serial=}"
who="$who peer=127\.0\.0\.1:[0-9]+"
what="ski=$ski opcode=OpRSASignSHA256 result=ok us=[0-9]+"
good=$(grep -Ec "^operation $time $who $what request_id=regress\$" \
    "$T/audit.log")
[ "$good" -eq 10 ] || fail "$good of 10 lines: $(cat "$T/audit.log")"

# What is refused has a line too; what needs no key has none.
client ping 3
client -e 1 send rsa-sha256 31 "$pub"
client -e 2 -i unknown sign rsa-sha256 "$pub"
wait_until lines 12 || fail "12 operations: $(cat "$T/audit.log")"
contains "$T/audit.log" 'result=error us=0 .* reason="wrong payload length"'
contains "$T/audit.log" 'result=error us=0 .* reason="no such key"'

# Who leaves before the answer has asked nevertheless.
for pid in $(signers); do
	kill -STOP "$pid"
done
client_start sign rsa-sha256 "$pub"
is_pending() {
	[ "$(ctl show stats | sed -n 's/^pending  *//p')" -eq 1 ]
}
wait_until is_pending || fail 'nothing is pending'
kill "$STARTED"
wait_until lines 13 || fail "13 operations: $(cat "$T/audit.log")"
contains "$T/audit.log" 'result=error .* reason="the client left before the an'
for pid in $(signers); do
	kill -CONT "$pid"
done

# A reload opens the file anew: it can be moved away.
mv "$T/audit.log" "$T/audit.old"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
client sign rsa-sha256 "$pub" 5
wait_until lines 5 || fail "5 operations: $(cat "$T/audit.log")"

# Errors only, then nothing, then where the log is.
sed -i 's/^audit: .*/audit: errors/' "$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
client -e 1 sign rsa-sha256 "$pub" , send rsa-sha256 31 "$pub" \
    >"$T/out" 2>&1 || :
client -e 1 send rsa-sha256 31 "$pub"
wait_until contains "$T/audit.log" 'result=error'
[ "$(grep -c result=ok "$T/audit.log")" -eq 5 ] || fail 'good ones, too'
sed -i 's/^audit: .*/audit: off/' "$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
before=$(wc -l <"$T/audit.log")
client -e 1 send rsa-sha256 31 "$pub"
sed -i -e 's/^audit: .*/audit: all/' -e '/^audit_file/d' "$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
[ "$(wc -l <"$T/audit.log")" -eq "$before" ] || fail 'lines although off'
client sign rsa-sha256 "$pub"
wait_log "keylessd\[[0-9]+\] frontend audit: operation $time $who $what"

# A FIFO that is read by nobody for some time: requests do not wait for it,
# and what is left out is counted and said.
mkfifo "$T/fifo"
sleep 600 <>"$T/fifo" &
background $!
echo "audit_file: $T/fifo" >>"$CONF"
ctl reload >"$T/out" || fail "$(cat "$T/out")"
client sign rsa-sha256 "$pub" 3000 || fail 'requests wait for the audit'
lost() {
	lost=$(ctl show stats | sed -n 's/^audit lost  *//p')
	[ "$lost" -gt 0 ]
}
wait_until lost || fail 'nothing was left out'
wait_log 'warning: audit lines left out count='
before=$lost
kill -KILL "$(frontend)"
wait_log 'frontend died'
wait_until client sign rsa-sha256 "$pub" || fail 'no new frontend'
wait_until lost || fail 'what was lost is forgotten'
[ "$lost" -ge "$before" ] || fail "lost lines: $before, then $lost"
dd if="$T/fifo" of="$T/read" bs=1 count=1 2>"$T/dd.log" ||
    fail "$(cat "$T/dd.log")"
daemon_stop

# What cannot be opened: keylessd -n says so, and does not start.
mkdir "$T/directory"
sed -i "s|^audit_file: .*|audit_file: $T/directory|" "$CONF"
daemon_refuses "cannot open audit_file file=$T/directory"
