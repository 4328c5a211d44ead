# The dashboard and the rules for alerts that come with keylessd: well-formed,
# the rules ring when they should, and neither asks for a metric or a label
# that there is not, nor leaves out a metric.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/metrics.lib.sh"

command -v promtool >/dev/null || skip 'promtool is not installed (make deps)'
rules=dist/prometheus/keylessd.rules.yml
dashboard=dist/grafana/keylessd.json

promtool check rules "$rules" >"$T/out" 2>&1 || fail "$(cat "$T/out")"
promtool test rules regress/metrics/rules.test.yml >"$T/out" 2>&1 ||
    fail "$(cat "$T/out")"
python3 -m json.tool "$dashboard" >"$T/out" || fail 'not JSON'

put_key p256 pkcs8-pem "$T/a.key"
config <<END
metrics_listen: ["$T/http.sock"]
private_key_stores:
- file: $T/a.key
END
daemon_start
scrape
daemon_stop
sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$T/metrics" >"$T/there"

# What the dashboard asks, as rules: promtool knows whether that can be read.
python3 - "$dashboard" >"$T/exprs.yml" <<'END'
import json, re, sys
d = json.load(open(sys.argv[1]))
ids, n = set(), 0
print("groups:\n- name: dashboard\n  rules:")
for p in d["panels"]:
    assert p["id"] not in ids and p["title"], p
    ids.add(p["id"])
    g = p["gridPos"]
    assert 0 <= g["x"] and g["x"] + g["w"] <= 24, p["title"]
    for t in p.get("targets", []):
        expr = t["expr"].replace("$__rate_interval", "5m")
        n += 1
        print(f"  - record: panel{n}\n    expr: {json.dumps(expr)}")
END

# And the examples of the page, each after a comment that says what it is.
awk '/^\.\\" example: / { kind = $3; n++; next }
kind == "" { next }
/^\.Dl / { print kind, n, substr($0, 5); kind = ""; next }
/^\.Bd/ { next }
/^\.Ed/ { kind = ""; next }
{ print kind, n, $0 }' man/keylessd-metrics.7 >"$T/examples"
[ "$(grep -c '^\.\(Dl\|Bd\)' man/keylessd-metrics.7)" -eq \
    "$(cut -d' ' -f2 "$T/examples" | sort -u | wc -l)" ] ||
    fail 'an example of the page is not marked'
sed -n 's/^prometheus [0-9]* //p' "$T/examples" >"$T/prometheus.yml"
promtool check config "$T/prometheus.yml" >"$T/out" 2>&1 ||
    fail "$(cat "$T/out")"
awk 'BEGIN { print "groups:\n- name: examples\n  rules:" }
$1 == "promql" && $2 != n { n = $2
	print "  - record: example" n "\n    expr: |" }
$1 == "promql" { sub(/^promql [0-9]* /, ""); print "      " $0 }' \
    "$T/examples" >"$T/examples.yml"
promtool check rules "$T/exprs.yml" "$T/examples.yml" >"$T/out" 2>&1 ||
    fail "$(cat "$T/out")"

# names FILE: the metrics that it asks for
names() {
	grep -Eo '\<(keylessd?|certificate|process)_[a-z_]+\>' "$1" |
	    sed -E 's/^(keyless_.*)_(bucket|sum|count)$/\1/' | sort -u
}
names "$T/exprs.yml" >"$T/panels"
cat "$rules" "$T/examples.yml" >"$T/others"
names "$T/others" >"$T/rules"
[ -s "$T/panels" ] && [ -s "$T/rules" ] || fail 'nothing is asked for'
sort "$T/there" >"$T/sorted"
comm -23 "$T/panels" "$T/sorted" >"$T/out"
[ ! -s "$T/out" ] || fail "the dashboard asks for $(cat "$T/out")"
comm -23 "$T/rules" "$T/sorted" >"$T/out"
[ ! -s "$T/out" ] || fail "the rules or examples ask for $(cat "$T/out")"
comm -13 "$T/panels" "$T/sorted" >"$T/out"
[ ! -s "$T/out" ] || fail "no panel shows $(cat "$T/out")"

# Labels: those of the page, and what Prometheus adds.
sed -n 's/^\.\(Pq \)*Cm //p' man/keylessd-metrics.7 | tr -d ',' | tr ' ' '\n' |
    sort -u >"$T/labels"
printf '%s\n' instance job le alertname >>"$T/labels"
clauses='(by|without|ignoring|on) \([^)]*\)'
grep -Eho "$clauses|[{,][a-z_]+[!=~]|[\$]labels\\.[a-z_]+" "$T/exprs.yml" \
    "$T/others" | sed -E 's/^(by|without|ignoring|on) //; s/[$]labels\.//' |
    tr '(){}!=~, ' '\n' | grep '^[a-z]' | sort -u >"$T/asked"
for label in set state cn instance; do
	grep -qx "$label" "$T/asked" || fail "the test overlooks $label"
done
grep -Fvx -f "$T/labels" "$T/asked" >"$T/out" || :
[ ! -s "$T/out" ] || fail "labels that there are not: $(cat "$T/out")"
