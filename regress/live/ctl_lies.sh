# keylessctl believes no daemon that lies or stops in the middle.
# run-as: any
. "$(dirname "$0")/ctl.lib.sh"

"$FAKE" >"$T/lies" || fail 'no list of lies'
[ "$(wc -l <"$T/lies")" -gt 20 ] || fail 'hardly any lies'
while IFS='|' read -r lie command says; do
	fake_start "$lie"
	# shellcheck disable=SC2086
	gives 1 $command </dev/null
	contains "$T/err" "^keylessctl: .*$says"
	# shellcheck disable=SC2086
	gives 1 -j $command </dev/null
	[ ! -s "$T/out" ] || fail "$lie: -j $command: $(cat "$T/out")"
	fake_stop
done <"$T/lies"
