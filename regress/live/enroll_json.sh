# keylessctl -j enroll: one JSON object, when it has done what was asked.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enroll.lib.sh"

api_start
with_token | enroll_config

# json ARGUMENT ...: one line, in $T/json, and nothing else
json() {
	"$KEYLESSCTL" -f "$CONF" -e "$ENROLL" -j enroll "$@" >"$T/json" \
	    2>"$T/err" </dev/null || fail "enroll $*: $(cat "$T/err")"
	[ "$(wc -l <"$T/json")" -eq 1 ] || fail "lines: $(cat "$T/json")"
	python3 -m json.tool "$T/json" >/dev/null
	[ ! -s "$T/err" ] || fail "enroll $* says: $(cat "$T/err")"
}
# says REQUEST-KEPT UNTIL OLD-KEPT REPAIRED STATUS KEY REQUEST
says() {
	sed 's/"until":[0-9]\{10\},/"until":TIME,/' "$T/json" >"$T/got"
	cat >"$T/want" <<-END
		{"status":"$5","hostname":"$HOST",\
		"certificate":"$E/server.pem","key":"$E/$6","request":$7,\
		"request_kept":$1,"until":$2,"old_kept":$3,"repaired":$4}
	END
	tr -d '\t' <"$T/want" | diff - "$T/got" || fail 'JSON'
}
csr="\"$E/server.csr\""

json -m
says false null false false requested server-key.pem.new "$csr"
json -m
says true null false false requested server-key.pem.new "$csr"
json
says true TIME false false installed server-key.pem "$csr"
pair_good
openssl x509 -in "$E/server.pem" -noout -enddate >"$T/end"
end=$(date -d "$(sed 's/notAfter=//' "$T/end")" +%s)
contains "$T/json" "\"until\":$end,"
json
says false TIME true false installed server-key.pem "$csr"
cp "$E/server.pem" "$T/cert"
json -i "$T/cert"
says false TIME true false installed server-key.pem null

# Cut off between the two renames.
json
mv "$E/server.pem" "$E/server.pem.new"
cp "$T/cert" "$E/server.pem"
json -m
says false null false true requested server-key.pem.new "$csr"

# What fails is not JSON.
status=0
"$KEYLESSCTL" -f "$CONF" -j enroll -i "$T/none" >"$T/json" 2>"$T/err" ||
    status=$?
[ "$status" -eq 1 ] || fail "exit status $status"
[ ! -s "$T/json" ] || fail "prints: $(cat "$T/json")"
contains "$T/err" "$T/none: No such file"
