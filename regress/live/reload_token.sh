# A reload with a token that has one session only: its new signer waits for the
# old one to leave, and its key is served all the time.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"

quirk_init
quirk_config "$(quirk_uri id=%02 max-sessions=1)" </dev/null
quirk max-sessions=1
daemon_start
client_start -d 4 load ecdsa-sha256 "$T/hsm/p256.pub" 2 4s
load=$STARTED
for round in 1 2; do
	ctl reload >"$T/out"
	contains "$T/out" \
	    '^reloaded: 0 keys added, 0 removed, 2 kept, 0 failed'
	wait_ctl "$SET +0 +ready" signers
	alive "$load" || fail "the load was over too early: round $round"
done
wait "$load" || fail 'requests were lost or failed'
contains "$T/client.log" '^load .* errors=0 bad=0 lost=0 '
daemon_stop

# A key whose certificate cannot be had any more is not served, and says so.
cp "$T/hsm/rsa.pub" "$T/cert.pub"
{
	quirk_store "$(quirk_uri id=%01 max-sessions=1)"
	echo "  certificate: $T/cert.pub"
} >>"$CONF"
daemon_start
rm "$T/cert.pub"
ctl reload >"$T/out"
contains "$T/out" '^reloaded: 0 keys added, 1 removed, 2 kept, 1 failed'
ctl show keys >"$T/out"
contains "$T/out" '^failed .*id=%01.*'
signs p256 5
daemon_stop
