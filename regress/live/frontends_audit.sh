# Several frontends write the audit to one file: a line, and a whole one, for
# each request.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

unset KEYLESS_FRONTENDS
put_key p256 pkcs8-pem "$T/a.key"
config <<END
frontends: 3
audit: all
audit_file: $T/audit
private_key_stores:
- file: $T/a.key
  signers: 2
END
daemon_start
load_start ecdsa-sha256 "$K/p256.pub" 9 -d 4
wait_number requests -ge 3000
loads_stop
wait_number connections -eq 0

# They are written at the end of each turn.
written() {
	[ "$(wc -l <"$T/audit")" -ge "$1" ]
}
requests=$(number requests)
wait_until written "$requests" ||
    fail "$(wc -l <"$T/audit") lines for $requests requests"
whole='^operation time=[^ ]+ client="[^"]*" serial=[^ ]+ peer=[^ ]+ ski=[^ ]+ '
whole="${whole}opcode=OpECDSASignSHA256 result=(ok|error) us=[0-9]+ "
good=$(grep -Ec "${whole}.*request_id=[^ ]+( reason=\"[^\"]*\")?\$" "$T/audit")
[ "$good" -eq "$requests" ] ||
    fail "$good whole lines for $requests requests: $(grep -Ev "$whole" \
    "$T/audit" | head -n 3)"
[ "$(wc -l <"$T/audit")" -eq "$requests" ] || fail 'more lines than requests'
[ "$(number 'audit lost')" -eq 0 ] || fail 'lines are lost'
daemon_stop
