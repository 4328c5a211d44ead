# shellcheck shell=sh
# What the tests of the metrics share.  They are read from the UNIX socket
# $T/http.sock, which the configuration has to name in metrics_listen.

# scrape: $T/metrics as they are now
scrape() {
	curl -sf --unix-socket "$T/http.sock" -o "$T/metrics" \
	    http://localhost/metrics || fail "curl: exit status $?"
}

# sample NAME{LABELS}: its value, nothing if it is not there
sample() {
	awk -v name="$1" '{ value = $NF; sub(/ [^ ]*$/, "") }
	    $0 == name { print value }' "$T/metrics"
}

# shows NAME{LABELS} VALUE: now
shows() {
	scrape
	[ "$(sample "$1")" = "$2" ]
}

# is NAME{LABELS} VALUE: it comes to that, if it is not there yet
is() {
	WAIT_TRIES=400 wait_until shows "$1" "$2" ||
	    fail "$1 is '$(sample "$1")', not $2"
}
