# Signers of a token killed under load, one after the other: nothing is lost,
# and those that come after them log in again.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
config <<END
private_key_stores:
$(token_store "$(token_uri object=p256)")
  signers: 2
END
daemon_start
full() {
	[ "$(ctl show signers | grep -c ' ready ')" -eq 2 ]
}
wait_until full || fail 'two signers never came up'
client_start -d 8 -s 4 load ecdsa-sha256 "$T/hsm/p256.pub" 2 4s
load=$STARTED
for round in 1 2; do
	kill -KILL "$(signers | sed -n "${round}p")"
	wait_log "signer died .*signal=9"
	WAIT_TRIES=400 wait_until full || fail 'no replacement'
done
wait "$load" || fail 'requests were lost or failed'
contains "$T/client.log" '^load .* errors=0 bad=0 lost=0 '
daemon_stop
