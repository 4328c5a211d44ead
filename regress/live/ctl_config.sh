# keylessctl show config: what is in force, as keylessd -nv prints it, and
# without a PIN.
# run-as: both
. "$(dirname "$0")/lib.sh"

token_init
config <<END
sign_timeout: 4s
private_key_stores:
$(token_store "$(token_uri 'object=p256')")
END
daemon_start
ctl show config >"$T/shown"
contains "$T/shown" '^sign_timeout: 4s$'
lacks "$T/shown" "$PIN"
"$KEYLESSD" -nv -f "$CONF" -s "$SIGNER" >"$T/printed" 2>"$T/err" ||
    fail "keylessd -nv: $(cat "$T/err")"
# Behind it: when what is loaded ends.
dates='^# (auth_cert|cloudflare_ca_cert) "/CN=keylessd regress [a-z-]*" ends '
grep -Ev "${dates}20[0-9-]*T[0-9:]*Z, in (59|60) days\$" "$T/shown" >"$T/config"
diff "$T/printed" "$T/config" >"$T/diff" || fail "$(cat "$T/diff")"
[ "$(wc -l <"$T/shown")" -eq $(($(wc -l <"$T/printed") + 2)) ] ||
    fail "not two dates: $(tail -n 3 "$T/shown")"
ctl -j show config >"$T/out"
python3 - "$T/out" "$T/shown" <<'END' || fail "-j: $(cat "$T/out")"
import json, sys
sys.exit(json.load(open(sys.argv[1])) != {"config": open(sys.argv[2]).read()})
END

# Only what a reload has put in force.
sed -i 's/^sign_timeout: .*/sign_timeout: 3s/' "$CONF"
ctl show config >"$T/out"
contains "$T/out" '^sign_timeout: 4s$'
ctl reload >"$T/out"
ctl show config >"$T/out"
contains "$T/out" '^sign_timeout: 3s$'
daemon_stop
