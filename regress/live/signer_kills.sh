# Two hundred signers killed under load, each at any moment of its life, also
# while it starts: no request is lost or fails, and nothing is left of the dead.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fault.lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
  signers: 4
END
daemon_start
wait_until full 4 || fail 'the signers never came up'
before=$(fds)
load_start ecdsa-sha256 "$K/p256.pub" 4 -d 16
load_start ping - 1
wait_number requests -ge 1000

# Any signer, whatever it is doing just now, at random moments.
# shellcheck disable=SC2046
python3 - "$DAEMON" 200 "$(launcher)" $(frontends) >"$T/kills" 2>&1 <<'END' &
import os, random, signal, sys, time
parent, kills, *others = map(int, sys.argv[1:])
dead = set(others)
while len(dead) < kills + len(others):
    time.sleep(random.random() * 0.2)
    with open(f"/proc/{parent}/task/{parent}/children") as f:
        signers = {int(pid) for pid in f.read().split()} - dead
    if signers:
        victim = random.choice(sorted(signers))
        os.kill(victim, signal.SIGKILL)
        dead.add(victim)
END
killer=$!
background "$killer"
WAIT_TRIES=2000 wait_until gone "$killer" || fail 'kills take too long'
wait "$killer" || fail "killer: $(cat "$T/kills")"
loads_stop
WAIT_TRIES=400 wait_until full 4 || fail "no replacement: $(ctl show signers)"
[ -z "$(zombies)" ] || fail 'processes that nobody waited for'
few_fds() {
	[ "$(fds)" -le "$before" ]
}
wait_until few_fds || fail "descriptors: $before before, $(fds) after"
[ "$(number 'signer restarts')" -eq 200 ] || fail 'not 200 restarts'
ctl reload >"$T/out" || fail "$(cat "$T/out")"
[ "$(number 'signer restarts')" -eq 200 ] || fail 'a reload forgets restarts'
client sign ecdsa "$K/p256.pub" 20
daemon_stop
