# What goes wrong at a service while it serves: throttling, failures, broken
# connections, silence.  No request is lost as long as there is time, and none
# takes longer than that.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"
. "$(dirname "$0")/metrics.lib.sh"

cloud_start p256
google_account

# counted NAME N: what show tokens says, as soon as it does
has_counted() {
	ctl -j show tokens >"$T/tokens"
	grep -Eq "\"$1\": *$2\b" "$T/tokens"
}
counted() {
	wait_until has_counted "$@" || {
		cat "$T/tokens"
		fail "$1 is not $2"
	}
}

was_asked() {
	[ "$(cloud_asked 'status=')" -ge 1 ]
}

# What takes long, and is the same for all of them.
out_of_time() {
	# Longer than there is time: refused at once, not tried again, nor is
	# the next request.
	cloud_forget
	cloud_tell busy=1 retry_after=4
	refused_one
	refused_one
	[ "$(cloud_asked 'status=')" -eq 1 ] || fail "$c: asked too soon"
	wait_log 'the service wants to be left alone for another'
	cloud_tell retry_after=
	wait_until sign_one || fail "$c: it is left alone for ever"
	# For ever: tried as long as there is time, then error 1.
	cloud_forget
	cloud_tell busy=1000
	refused_one
	asked=$(cloud_asked 'status=')
	[ "$asked" -ge 2 ] && [ "$asked" -le 6 ] ||
	    fail "$c: tried $asked times"
	cloud_tell busy=0
	sign_one 2
}

too_slow() {
	# A service that is too slow: error 1 in time, and no process dies.
	cloud_forget
	cloud_tell slow=3500
	refused_one
	cloud_tell slow=0
	wait_until was_asked || fail "$c: it was not asked"
	sign_one 3
	# By name, and how long the store takes.
	scrape
	contains "$T/metrics" '^keylessd_token_errors_total[{].*[}] [1-9]'
	contains "$T/metrics" '^keylessd_signer_busy_seconds_total[{].*[}] '
}

for c in azure google aws; do
	one_signer $c
	[ "$(signers_cloud | wc -l)" -eq 1 ] || fail "$c: not one process"
	before=$(signers_cloud)

	# Twice too many requests; then again with a time to wait for.
	cloud_tell busy=2
	sign_one
	[ "$(cloud_asked 'status=')" -eq 3 ] || fail "$c: no retries"
	counted throttled 2
	counted retries 2
	cloud_tell busy=1 retry_after=1
	sign_one
	counted throttled 3
	[ $c != azure ] || out_of_time

	# The service fails, the connection breaks, or is closed while idle.
	cloud_tell failing=2
	sign_one
	cloud_tell broken=1
	sign_one
	cloud_tell broken=3
	sign_one
	cloud_tell closing=3
	sign_one 6

	[ $c != azure ] || too_slow
	[ "$before" = "$(signers_cloud)" ] ||
	    fail "$c: its process was replaced"
	daemon_stop
	cloud_quiet
done
