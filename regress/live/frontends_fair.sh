# Two frontends and one signer: a client of the one notices little of a client
# of the other that has many requests in flight.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key rsa3072 pkcs8-pem "$T/rsa.key"
config <<END
frontends: 2
private_key_stores:
- file: $T/rsa.key
  signers: 1
END
daemon_start
signer=$(signers)

# look: how long has the signer worked since this was called last?
look() {
	before=${after:-0}
	after=$(cut -d ' ' -f 1 "/proc/$signer/schedstat")
	worked=$((after - before))	# nanoseconds
}

is_busy() {
	look
	[ "$worked" -gt 20000000 ]
}

is_idle() {
	look
	[ "$worked" -eq 0 ]
}

# p50: in the last line of the client's output, in us
p50() {
	tail -n 1 "$T/client.log" | tr ' ' '\n' |
	    sed -n 's/^p50_us=\([0-9]*\).*/\1/p'
}

client load rsa-sha256 "$K/rsa3072.pub" 1 100
alone=$(p50)
wait_until is_idle || fail 'still signing'

# Who connects gets the frontend that can accept it.
# shellcheck disable=SC2046
set -- $(frontends)
kill -STOP "$1"
client_start -d 60 load rsa-sha256 "$K/rsa3072.pub" 1 3600s
many=$STARTED
wait_until is_busy || fail 'the client with many requests has no answers'
kill -CONT "$1"
kill -STOP "$2"
wait_until is_idle || fail 'the frontend that was stopped goes on'
client_start load rsa-sha256 "$K/rsa3072.pub" 1 500
wait_until is_busy || fail 'the client with one request has no answers'
kill -CONT "$2"
wait "$STARTED" || fail "one at a time: $(tail -n 1 "$T/client.log")"
beside=$(p50)
kill "$many"
wait "$many" || fail 'the client with many requests failed'
[ "$beside" -le $((8 * alone)) ] ||
    fail "one request takes $beside us, alone $alone"
daemon_stop
