# ECDSA signatures with halves that lack their leading zeros, where it cannot
# be known which bytes are missing: a right answer or error 1, never a wrong
# signature.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
# lib.sh has no P-521.
p521=$T/hsm/p521.pub
if is_root; then
	chown -R 0 "$T/hsm/tokens"
fi
p11 "$T/hsm" --keypairgen --id 05 --label p521 --key-type EC:secp521r1
p11 "$T/hsm" --list-objects --type pubkey
token_owner "$T/hsm"
point=$(sed -n 's/.*EC_POINT: *048185\(04[0-9a-f]*\)$/\1/p' \
    "$T/pkcs11-tool.log")
python3 -c 'import sys
sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))' \
    "30819b301006072a8648ce3d020106052b8104002303818600$point" >"$p521.der"
openssl pkey -pubin -inform DER -in "$p521.der" -out "$p521"

# right QUIRK KEY ID: no answer is wrong and none is missing
right() {
	quirk_config "$(quirk_uri "id=%$3")" </dev/null
	daemon_start
	quirk "$1"
	client -t 10 -s 1 load ecdsa-sha256 "$T/hsm/$2.pub" 1 20 || :
	tail -n 2 "$T/client.log" >"$T/last"
	contains "$T/last" '^load .* answers=20 .*bad=0 lost=0'
	quirk
	signs "$2" 5 || fail "$1: not as before"
	daemon_stop
}

right ecdsa=strip-r p256 02
right ecdsa=strip-s p256 02
right ecdsa=short p521 05
