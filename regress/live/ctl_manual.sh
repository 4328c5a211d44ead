# keylessctl(8) has every command, and every counter of show stats.
# run-as: any
. "$(dirname "$0")/ctl.lib.sh"

page=$TOP/man/keylessctl.8
"$KEYLESSCTL" help | sed -n 's/^	\(.*[^ ]\)  .*/\1/p' >"$T/commands"
[ "$(wc -l <"$T/commands")" -gt 15 ] || fail "help: $(cat "$T/commands")"
while read -r command; do
	command=$(echo "$command" | sed -e 's/ *\[\(.*\)\]/ Op Ar \1/' \
	    -e 's/ file$/ Ar file/')
	grep -Fxq ".It Cm $command" "$page" || fail "no item: $command"
done <"$T/commands"

fake_start honest
ctl show stats | sed '/^$/,$d; s/  .*//' >"$T/counters"
[ "$(wc -l <"$T/counters")" -gt 15 ] || fail "stats: $(cat "$T/counters")"
while read -r counter; do
	grep -q "^$counter  " "$page" || fail "not in the example: $counter"
done <"$T/counters"
