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
diff "$T/printed" "$T/shown" >"$T/diff" || fail "$(cat "$T/diff")"
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
