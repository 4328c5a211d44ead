# The metrics as Prometheus takes them: promtool finds nothing, those of the Go
# server are there with their labels, and keylessd-metrics(7) lists each, with
# its type and labels, and no other.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

command -v promtool >/dev/null || skip 'promtool is not installed (make deps)'
quirk_init
make_pki
put_key p256 pkcs8-pem "$T/a.key"
cat >"$T/ca.conf" <<END
[ca]
default_ca = regress
[regress]
database = $T/index
crlnumber = $T/crlnumber
default_md = sha256
END
: >"$T/index"
echo 01 >"$T/crlnumber"
openssl ca -config "$T/ca.conf" -cert "$FIX/pki/client-ca.pem" \
    -keyfile "$FIX/pki/client-ca.key" -gencrl -crldays 60 -out "$T/crl" \
    2>"$T/openssl.log" || fail "openssl: $(cat "$T/openssl.log")"
# Prometheus takes no sample twice: what has the same name is one.
cat "$FIX/pki/client-ca.pem" "$FIX/pki/client-ca.pem" >"$T/ca.pem"
config <<END
metrics_listen: ["127.0.0.1:0", $T/http.sock]
crl: $T/crl
private_key_stores:
- file: $T/a.key
- file: $T/a.key
$(token_store "$(token_uri 'object=p256')")
$(quirk_store "$(quirk_uri 'object=p384')")
END
sed -i "s|^cloudflare_ca_cert: .*|cloudflare_ca_cert: $T/ca.pem|" "$CONF"
daemon_start
HTTP=$(sed -n 's/.* metrics address=\(127.0.0.1:[0-9]*\)$/\1/p' "$LOG")

# Something of everything that only is there once it has happened.
client ping 10
client sign ecdsa "$K/p256.pub"
client sign ecdsa "$T/hsm/p256.pub"
ctl check >"$T/out" || fail "$(cat "$T/out")"
curl -s -o "$T/metrics" -D "$T/head" "http://$HTTP/metrics"
contains "$T/head" '^HTTP/1.1 200 '
contains "$T/head" \
    '^Content-Type: text/plain; version=0.0.4; charset=utf-8'

# Two names of the Go server are not as promtool would have them.
promtool check metrics <"$T/metrics" >"$T/out" 2>&1 || :
sed 's/ counter metrics should have "_total" suffix$//' "$T/out" >"$T/lint"
printf '%s\n' keyless_failed_connection keyless_requests >"$T/expected"
cmp -s "$T/lint" "$T/expected" || fail "promtool: $(cat "$T/out")"

contains "$T/metrics" "^keylessd_keys[{]set=\"$SET\",state=\"ready\"[}] 2\$"
sed -n '/^#/!s/ [^ ]*$//p' "$T/metrics" | sort | uniq -d >"$T/out"
[ ! -s "$T/out" ] || fail "twice: $(cat "$T/out")"

# Through the other socket it is the same.
curl -s --unix-socket "$T/http.sock" -o "$T/unix" http://localhost/metrics
sed -n 's/^# TYPE //p' "$T/metrics" >"$T/types"
sed -n 's/^# TYPE //p' "$T/unix" | cmp - "$T/types"
curl -s -I "http://$HTTP/metrics" >"$T/out"
contains "$T/out" '^HTTP/1.1 200 '

# has NAME LABEL ...: a sample with these labels and no others
has() {
	has_name=$1
	shift
	has_labels=$(printf '%s="[^"]*",' "$@")
	contains "$T/metrics" "^${has_name}[{]${has_labels%,}[}] [0-9.]*\$"
}
le='"(0\.000[1248]|0\.00(16|32|64)|0\.0(128|256|512)|0\.(1024|2048|4096|8192)'
le="$le|1\\.6384|\\+Inf)\""
has keyless_requests opcode
has certificate_expiration_timestamp_seconds source serial_no cn hostnames \
    ca server client
for name in exec total; do
	name=keyless_request_${name}_duration_per_opcode
	has ${name}_sum type error
	has ${name}_count type error
	has ${name}_bucket type error le
	grep "^${name}_bucket{type=\"ecdsa\",error=\"no error\"," \
	    "$T/metrics" >"$T/out"
	[ "$(grep -Ec "le=$le} [0-9]+\$" "$T/out")" -eq 16 ] ||
	    fail "buckets: $(cat "$T/out")"
done
contains "$T/metrics" '^keyless_key_load_duration_count [1-9]'
contains "$T/metrics" '^keyless_failed_connection 0$'

# As the Go server writes a certificate: its path, the serial in decimal.
serial=$(openssl x509 -in "$FIX/pki/server.pem" -noout -serial)
serial=$(python3 -c "print(int('${serial#*=}', 16))")
end=$(date -d "$(openssl x509 -in "$FIX/pki/server.pem" -noout -enddate |
    cut -d= -f2)" +%s)
grep -Fqx "certificate_expiration_timestamp_seconds{source=\"$FIX/pki/server\
.pem\",serial_no=\"$serial\",cn=\"keylessd regress server\",hostnames=\"\
localhost\",ca=\"0\",server=\"1\",client=\"0\"} $end" "$T/metrics" ||
    fail "certificate: $(grep ^certificate "$T/metrics")"

# What the page says and what there is: name, type and labels of each.
awk '$1 == ".It" { name = $3; type = $6; labels = ""; getline
	if ($1 == ".Po") getline
	if ($1 == ".Pq" || $1 == ".Cm")
		for (i = 2; i <= NF; i++)
			if ($i != "Cm" && $i != ",")
				labels = labels " " $i
	print name, type labels
}' man/keylessd-metrics.7 | sort >"$T/page"
awk '/^# TYPE/ { type[$3] = $4; labels[$3] = ""; next }
/^[a-z]/ {
	name = $1
	sub(/[{].*/, "", name)
	if (!(name in type))
		sub(/_(bucket|sum|count)$/, "", name)
	text = $0
	if (!sub(/^[^{]*[{]/, "", text))
		next
	all = ""
	while (match(text, /^[a-z_]*="([^"\\]|\\.)*",?/)) {
		label = substr(text, 1, index(text, "=") - 1)
		if (label != "le")
			all = all " " label
		text = substr(text, RLENGTH + 1)
	}
	labels[name] = all
}
END { for (name in type) print name, type[name] labels[name] }' \
    "$T/metrics" | sort >"$T/there"
# Neither is there without an error of the token, or if it does not tell.
sed -i -e '/^keylessd_token_errors_total /s/ counter$/ counter set error/' \
    -e '/^keylessd_token_sessions /s/ gauge$/ gauge set/' "$T/there"
diff "$T/page" "$T/there" || fail 'the page and the metrics differ'
daemon_stop
