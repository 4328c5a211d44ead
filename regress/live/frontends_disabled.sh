# A key that its cloud disables, or lets be used again, is known so to every
# frontend, whichever of them was told.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

unset KEYLESS_FRONTENDS
cloud_start p256
google_account
{
	echo 'frontends: 3'
	echo 'private_key_stores:'
	google_store p256
	google_file
} | config
daemon_start
first=$(frontends | head -n 1)

# others CLIENT-ARGUMENT ...: all but the first frontend serve it
others() {
	kill -STOP "$first"
	client "$@"
	kill -CONT "$first"
}
shows() {
	ctl show keys >"$T/keys"
	grep -Eq "^$1" "$T/keys"
}

for state in deleted disabled; do
	cloud_tell "$state=p256"
	others -e 1 sign ECDSASignSHA256 "$K/p256.pub"
	wait_until shows "disabled .*key is $state" ||
	    fail "not $state: $(cat "$T/keys")"
done
cloud_tell disabled= deleted=
# The one that is asked now may be any of them.
client sign ECDSASignSHA256 "$K/p256.pub"
wait_until shows ready || fail "not ready: $(cat "$T/keys")"

# And the other way: the first has learnt it, the others have an answer.
cloud_tell disabled=p256
for pid in $(frontends | tail -n +2); do
	kill -STOP "$pid"
done
client -e 1 sign ECDSASignSHA256 "$K/p256.pub"
for pid in $(frontends | tail -n +2); do
	kill -CONT "$pid"
done
shows 'disabled .*key is disabled' || fail "not disabled: $(cat "$T/keys")"
cloud_tell disabled=
others sign ECDSASignSHA256 "$K/p256.pub"
wait_until shows ready || fail "not ready again: $(cat "$T/keys")"
[ "$(grep -c 'key usable again' "$LOG")" -eq 2 ] ||
    fail "usable again: $(grep 'key usable' "$LOG")"
daemon_stop
cloud_quiet
