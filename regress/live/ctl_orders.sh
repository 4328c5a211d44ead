# keylessctl: commands that change something, when refused and when slow.
# run-as: any
. "$(dirname "$0")/ctl.lib.sh"

fake_start honest
gives 0 drain
contains "$T/out" '^drained: 2 connections closed$'
gives 0 -j drain
contains "$T/out" '^\{"status":"done","text":"drained: 2 connections closed"\}$'
for command in undrain stop; do
	gives 0 "$command"
	[ ! -s "$T/out" ] || fail "$command: $(cat "$T/out")"
	gives 0 -j "$command"
	contains "$T/out" '^\{"status":"done","text":null\}$'
done
fake_stop

fake_start refuse
for command in drain undrain stop reload; do
	gives 1 "$command"
	contains "$T/err" '^keylessctl: permission denied: \\x1bonly root may$'
	[ ! -s "$T/out" ] || fail "$command: $(cat "$T/out")"
	gives 1 -j "$command"
	contains "$T/out" '^\{"status":"failed","text":"permission denied: '
done
fake_stop

# Whoever waits is told for what, once.
fake_start silent
for command in drain stop reload check; do
	status=0
	on_terminal 'waiting for' "$command" || status=$?
	[ "$status" -eq 130 ] || fail "$command: exit status $status after ^C"
	[ "$(grep -c 'waiting for' "$T/out")" -eq 1 ] ||
	    fail "$command: $(cat "$T/out")"
done
