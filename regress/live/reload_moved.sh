# A key moves from a file into a token and back, under load: it keeps its
# name, which is its SKI, so no request may be lost or fail.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

token_init
put_key p256 pkcs8-pem "$T/a.key"
SOFTHSM2_CONF=$T/hsm/softhsm2.conf softhsm2-util --import "$K/p256.pem" \
    --token "$TOKEN" --label moved --id 0a --pin "$PIN" >"$T/util.log" 2>&1 ||
    fail "softhsm2-util: $(cat "$T/util.log")"
token_owner "$T/hsm"
config <<END
private_key_stores:
- file: $T/a.key
END
cp "$CONF" "$T/file.conf"
config <<END
private_key_stores:
$(token_store "$(token_uri object=moved)")
END
cp "$CONF" "$T/token.conf"

cp "$T/file.conf" "$CONF"
daemon_start
# served SET: its signers have answered something
served() {
	ctl show signers | awk -v set=" $1 " '
	    index($0, set) && $NF > 100 { found = 1 }
	    END { exit !found }'
}
load_start ecdsa-sha256 "$K/p256.pub" 4 -d 8
for _ in 1 2; do
	wait_until served files || fail 'the file is not used'
	cp "$T/token.conf" "$CONF"
	reload_ok '^reloaded: 0 keys added, 0 removed, 1 kept, 0 failed$'
	wait_until served "token $TOKEN" || fail 'the token is not used'
	ctl show keys >"$T/out"
	contains "$T/out" '^ready +EC +256 .* pkcs11:'
	loads_go_on
	cp "$T/file.conf" "$CONF"
	reload_ok '^reloaded: 0 keys added, 0 removed, 1 kept, 0 failed$'
done
wait_until served files || fail 'the file is not used'
loads_stop
daemon_stop
