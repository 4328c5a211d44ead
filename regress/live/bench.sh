# The bench runs, without errors, and its table has all rows.  What it measures
# in so short a time means nothing.
# run-as: root
. "$(dirname "$0")/lib.sh"

need_programs
make_pki
SHAPES=2x4 ROUNDS=1 LOAD_TIME=0.05 LIMIT_TIME=0.02 WARM_UP=20 \
    HANDSHAKES=8 IDLE=8 SIZES=3 SKIS=100 WEB=16 \
    sh "$TOP/regress/bench/bench.sh" >"$T/table" 2>&1 ||
    fail "bench: $(cat "$T/table")"
figure='[0-9.]*[1-9][0-9.]*'
for name in P-256 P-384 RSA-2048 RSA-4096 RSA-2048-PSS Ed25519 \
    P-256/SoftHSM RSA-2048/SoftHSM; do
	# Seven figures and a ratio.  Of the signers it may be 0: the time of
	# a process that goes on is counted later.
	contains "$T/table" \
	    "^$name +2x4( +$figure){5} +[0-9.]+ +$figure +[0-9.]+\$"
done
contains "$T/table" '^ping +2x4( +[0-9.]+){6} +- +-$'
[ "$(grep -Ec '^P-256.*(alone|client has|a token has|files have) ' \
    "$T/table")" -eq 5 ] || fail "rows are missing: $(cat "$T/table")"
contains "$T/table" '^TLS 1\.2( +[0-9]*[1-9][0-9]*){2}$'
contains "$T/table" '^TLS 1\.3( +[0-9]*[1-9][0-9]*){2}$'
contains "$T/table" '^8( +[0-9.]+){2}$'
contains "$T/table" '^rsa +3( +[0-9.]+){5}$'
contains "$T/table" '^ec +3( +[0-9.]+){5}$'
contains "$T/table" '^100( +[0-9]+){4}$'
# Not everyone has nginx.
columns=" +[18]( +$figure){2}( +[-0-9.]+){2}( +$figure){3}"
if ! grep -q '^nginx: not measured, missing' "$T/table"; then
	[ "$(grep -Ec "^(P-256|RSA-2048)$columns\$" "$T/table")" -eq 4 ] ||
	    fail "rows of nginx are missing: $(cat "$T/table")"
fi
