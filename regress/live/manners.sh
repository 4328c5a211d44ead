# While signers have plenty to do, the frontend does not interrupt them
# (SCHED_BATCH); with one request at a time, and afterwards, it may.  When there
# is somebody with one request at a time, too, they yield to it; when that is
# for another store, it interrupts them.
# run-as: both
. "$(dirname "$0")/lib.sh"

token_init
put_key p256 pkcs8-pem "$T/p256.key"
config <<END
loglevel: 0
private_key_stores:
- file: $T/p256.key
$(token_store "$(token_uri object=p256)")
END
daemon_start

# policy: of the frontend, as in sched.h
policy() {
	sed 's/.*) //' "/proc/$(frontends)/stat" | cut -d' ' -f39
}

is_batch() {
	[ "$(policy)" -eq 3 ]
}

is_normal() {
	[ "$(policy)" -eq 0 ]
}

is_normal || fail "begins with policy $(policy)"
client -d 1 load ecdsa-sha256 "$K/p256.pub" 1 500
is_normal || fail "one request at a time: policy $(policy)"
client_start -d 128 load ecdsa-sha256 "$K/p256.pub" 1 3600s
wait_until is_batch || fail 'the frontend interrupts its signers'
lacks "$LOG" 'is in a hurry'
client -d 1 load ecdsa-sha256 "$K/p256.pub" 1 200
wait_log 'signer.*: the frontend is in a hurry frontend=0'
kill "$STARTED"
wait "$STARTED" || fail "the load failed: $(tail -n 1 "$T/client.log")"
wait_until is_normal || fail 'and so it stays'
client -d 1 load ecdsa-sha256 "$K/p256.pub" 1 200
wait_log 'signer.*: the frontend has time frontend=0'
client_start -d 128 load ecdsa-sha256 "$K/p256.pub" 1 3600s
wait_until is_batch || fail 'the frontend interrupts its signers again'
client -d 1 load ecdsa-sha256 "$T/hsm/p256.pub" 1 100
wait_until is_normal || fail 'the other store is kept waiting'
kill "$STARTED"
wait "$STARTED" || fail "the load failed: $(tail -n 1 "$T/client.log")"
daemon_stop
