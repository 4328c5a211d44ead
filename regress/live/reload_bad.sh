# A reload that cannot be: the reason is told, what is served stays.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
cp "$CONF" "$T/good.conf"

# bad REASON: reload must fail with it, and harm nothing
bad() {
	status=0
	ctl reload >"$T/out" 2>&1 || status=$?
	[ "$status" -eq 1 ] || fail "exit status $status, not 1, for: $1"
	contains "$T/out" "nothing changed: .*$1"
	cp "$T/good.conf" "$CONF"
	client sign ecdsa "$K/p256.pub"
	ctl show keys >"$T/out"
	contains "$T/out" '^ready +EC'
}

echo 'prot: 1' >>"$CONF"
bad ':[0-9]+:1: unknown key'
sed -i "s|$T/a.key|$T/none.key|" "$CONF"
bad 'no usable key'
printf '%s\n' "- file: $T/none.key" '  required: yes' >>"$CONF"
bad required
sed -i 's|^auth_cert: .*|auth_cert: /nonexistent|' "$CONF"
bad 'auth_cert'
sed -i "s|^auth_cert: .*|auth_cert: $FIX/pki/client.pem|" "$CONF"
bad 'auth_cert'
sed -i 's|^listen: .*|listen: ["192.0.2.1:0"]|' "$CONF"
bad 'cannot listen'
rm "$CONF"
bad 'No such file'

# No process of those attempts is left.
only_ours() {
	[ "$(signers | wc -l)" -eq "$(ctl show signers | grep -c ' ready ')" ]
}
wait_until only_ours || fail "signers left over: $(signers)"
daemon_stop
