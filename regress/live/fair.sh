# One process of a token, each signature a tenth of a second: a client with
# many requests in flight holds up another's only one for a few signatures,
# not for all.  With signatures of a millisecond the signer has some ahead: it
# goes before them, too.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$TOP/regress/live/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri object=p256 max-sessions=1)" <<END
sign_timeout: 60s
END
daemon_start
quirk 'C_Sign=slow ms=100'
signs p256 2		# so that the frontend knows how slow they are

signed() {
	calls 'C_Sign slow'
}

some_signed() {
	[ "$(signed)" -ge 3 ]
}

forget_calls
client_start -t 60 -d 60 sign ecdsa-sha256 "$T/hsm/p256.pub" 60
many=$STARTED
wait_until some_signed || fail 'nothing is signed'
before=$(signed)
client -t 60 sign ecdsa-sha256 "$T/hsm/p256.pub"
after=$(signed)
[ $((after - before)) -le 10 ] ||
    fail "one request has waited for $((after - before)) of 60"
wait "$many" || fail 'the client with many requests failed'

# p50: of one request at a time, in us
p50() {
	client load ecdsa-sha256 "$T/hsm/p256.pub" 1 200 ||
	    fail "one at a time: $(tail -n 1 "$T/client.log")"
	tail -n 1 "$T/client.log" | tr ' ' '\n' |
	    sed -n 's/^p50_us=\([0-9]*\).*/\1/p'
}

# short_wait: alone, and beside many
short_wait() {
	alone=$(p50)
	forget_calls
	client_start -d 60 load ecdsa-sha256 "$T/hsm/p256.pub" 1 3600s
	wait_until some_signed || fail 'nothing is signed'
	beside=$(p50)
	kill "$STARTED"
	wait "$STARTED" || fail 'the client with many requests failed'
	[ "$beside" -le $((alone * 5 / 2)) ]
}

quirk 'C_Sign=slow ms=1'
# Other work of the machine may be in the way, but not always.
tries=1
until short_wait; do
	[ "$tries" -lt 5 ] ||
	    fail "one request takes $beside us, alone $alone"
	tries=$((tries + 1))
done
daemon_stop
