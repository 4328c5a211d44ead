# keylessd -n: exit 0 when all is well, 1 with the key's name when it is not;
# -nv prints the configuration without secrets; -V the version.
# run-as: both
. "$(dirname "$0")/lib.sh"

token_init
put_key p256 pkcs8-pem "$T/a.key"
check() {
	status=0
	"$KEYLESSD" -n "$@" -f "$CONF" -s "$SIGNER" >"$LOG" 2>&1 </dev/null ||
	    status=$?
}
need_programs
config <<END
private_key_stores:
- file: $T/a.key
$(token_store "$(token_uri object=rsa)")
END
check
[ "$status" -eq 0 ] || fail "exit status $status for a good configuration"
lacks "$LOG" ' (error|critical|fatal): '
[ ! -e "$T/control.sock" ] && [ ! -e "$T/keylessd.pid" ] ||
    fail 'a check makes files'

check -v
[ "$status" -eq 0 ] || fail "-nv: exit status $status"
contains "$LOG" 'cloudflare_ca_cert: .*client-ca.pem'
contains "$LOG" 'object=rsa'
lacks "$LOG" "$PIN"

(umask 077 && echo hello >"$T/b.key")
config <<END
private_key_stores:
- file: $T/a.key
- file: $T/b.key
END
check
[ "$status" -eq 1 ] || fail "exit status $status with a bad key file"
contains "$LOG" "$T/b.key"

config <<END
private_key_stores:
- file: $T/a.key
$(token_store "$(token_uri object=rsa "not-$PIN")")
END
check
[ "$status" -eq 1 ] || fail "exit status $status with a wrong PIN"
contains "$LOG" 'CKR_PIN_INCORRECT'
lacks "$LOG" "$PIN"

config <<END
private_key_stores:
- file: $T/a.key
auth_key: $FIX/pki/client.key
END
sed -i "\\|^auth_key: .*server.key|d" "$CONF"
check
[ "$status" -eq 1 ] || fail "exit status $status when auth_key does not match"

config <<END
private_key_stores:
- file: $T/a.key
prot: 2407
END
check
[ "$status" -eq 1 ] || fail "exit status $status with an unknown key"
contains "$LOG" "$CONF:[0-9]+:1: .*prot"

"$KEYLESSD" -V >"$T/out" 2>&1 || fail "-V: exit status $?"
contains "$T/out" '[0-9]'
status=0
"$KEYLESSD" -x >"$T/out" 2>&1 || status=$?
[ "$status" -eq 2 ] || fail "exit status $status for an unknown option"
