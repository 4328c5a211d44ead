# No key and no PIN is in the memory of the parent or the frontend, nor in
# their log at its most verbose: after the start, after signatures, after a
# reload, and after one that failed.
# run-as: root
. "$(dirname "$0")/lib.sh"

SCAN=$TOP/regress/memory/memscan
[ -x "$SCAN" ] || fail "not built: $SCAN (make regress)"
token_init
put_key p256 pkcs8-pem "$T/a.key"
put_key p384 traditional-der "$T/b.key"
echo 'pin-in-a-file-3857' >"$T/other.pin"
chmod 600 "$T/other.pin"
API_TOKEN=api-token-of-the-regress-60417
ENV_SECRET=secret-of-an-environment-28119
SECRET_URI=$(token_uri object=rsa)
stores() {
	cat <<-END
		api_token: $API_TOKEN
		private_key_stores:
		- file: $T/a.key
		- file: $T/b.key
		- uri: "$SECRET_URI"
		  environment:
		    SOFTHSM2_CONF: $T/hsm/softhsm2.conf
		    VENDOR_CLIENT_SECRET: "$ENV_SECRET"
	END
}
stores | config

# scalar NAME: the private number of an EC key, in hexadecimal
scalar() {
	openssl pkey -in "$K/$1.pem" -noout -text |
	    sed -n '/^priv:/,/^pub:/p' | tr -cd '0-9a-f:\n' |
	    sed '/^::*$/d; /^b:$/d' | tr -d ':\n'
}
# backwards HEX: as a libcrypto on a little-endian machine has it
backwards() {
	echo "$1" | fold -w 2 | tac | tr -d '\n'
}
p256=$(scalar p256)
p384=$(scalar p384)
[ ${#p256} -ge 64 ] && [ ${#p384} -ge 96 ] ||
    fail "no private numbers: $p256 $p384"
pem=$(sed -n 2p "$K/p256.pem")

# seen PID NEEDLE ...: it is in that process's memory
seen() {
	"$SCAN" "$@" >"$T/seen"
}
# clean PID: no secret is
clean() {
	status=0
	"$SCAN" "$1" "$PIN" "$API_TOKEN" "$ENV_SECRET" "$pem" \
	    -x "$p256" "$p384" \
	    "$(backwards "$p256")" "$(backwards "$p384")" >"$T/seen" 2>&1 ||
	    status=$?
	[ "$status" -eq 1 ] ||
	    fail "secrets in process $1 ($2): $(cat "$T/seen")"
}
all_clean() {
	clean "$DAEMON" "parent, $1"
	clean "$(frontend)" "frontend, $1"
}

# It does find what is there.
NEEDLE=$PIN sleep 600 &
planted=$!
background "$planted"
wait_until seen "$planted" "$PIN" || fail 'a planted PIN is not found'

daemon_start -vv
contains "$LOG" 'ready keys=3 failed=0'
seen "$DAEMON" "$T/a.key" || fail 'the path of a key is not in the parent'
for pid in $(signers); do
	! seen "$pid" -x "$p256" "$(backwards "$p256")" || found=yes
done
[ "${found:-}" = yes ] || fail 'no signer has the key, or it is not found'
# The token's has what its module may ask for.
for pid in $(signers); do
	! seen "$pid" "VENDOR_CLIENT_SECRET=$ENV_SECRET" || told=yes
done
[ "${told:-}" = yes ] || fail 'no signer has the secret of its environment'
all_clean 'after the start'

client -t 10 sign ecdsa "$K/p256.pub" 20 , sign ecdsa "$K/p384.pub" 5 , \
    sign pss "$T/hsm/rsa.pub" 5
ctl -v show keys >"$T/out"
all_clean 'after signatures'

# Each way to write it, at places that libyaml would have to copy.
{
	echo "hostname: \"$(printf '%0200d' 0)\""
	stores
} | config
ctl reload >"$T/out"
all_clean 'after a reload'
{
	echo 'private_key_stores:'
	echo "- uri: &u '$SECRET_URI'"
	printf '  environment: {SOFTHSM2_CONF: %s, A_TOKEN: %s}\n' \
	    "$T/hsm/softhsm2.conf" "$ENV_SECRET"
	echo '- uri: *u'
	printf '  environment: {SOFTHSM2_CONF: %s, A_TOKEN: %s}\n' \
	    "$T/hsm/softhsm2.conf" "$ENV_SECRET"
	echo "api_token: >-"
	echo "  $API_TOKEN"
} | config
ctl reload >"$T/out"
all_clean 'after a reload with aliases'

# Mistakes: before the secret, in it, after it.
{
	echo 'prot: 1'
	stores
} | config
refuse ctl reload >"$T/out" 2>&1
{
	stores
	echo 'prot: 1'
} | config
refuse ctl reload >"$T/out" 2>&1
{
	stores
	echo 'hostname: "never closed'
} | config
refuse ctl reload >"$T/out" 2>&1
stores | sed 's/"$//' | config
refuse ctl reload >"$T/out" 2>&1
all_clean 'after reloads that failed'

lacks "$LOG" "$PIN|$API_TOKEN|$ENV_SECRET|$p256|$p384|$pem"
lacks "$T/out" "$PIN|$API_TOKEN|$ENV_SECRET"
daemon_stop
