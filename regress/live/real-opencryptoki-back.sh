# The daemon behind opencryptoki dies: signers go on without it, but cannot
# be replaced.  When they are gone too, a key in a file is served all the
# time, requests for the token get error 1, and once the daemon is there
# again, signatures flow again soon, without anybody's help.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/real.lib.sh"

ocki_init
SET="token $REAL_TOKEN"
put_key p256 pkcs8-pem "$T/file.key"
config <<END
private_key_stores:
- file: $T/file.key
- uri: '$(real_uri "$OCKI" rsa)'
  signers: 2
END
daemon_start
wait_ctl "$SET +1 +ready" signers
neighbour_start
load_start rsa-pss-sha256 "$REAL/rsa.pub"

kill -KILL "$SLOTD"
wait_until gone "$SLOTD" || fail 'pkcsslotd does not end'
client -t 10 sign rsa-pss-sha256 "$REAL/rsa.pub" 20
for pid in $(token_signers); do
	kill -KILL "$pid"
done
away "$SET" "$REAL/rsa.pub" rsa-pss-sha256
ocki_start
back "$SET" "$REAL/rsa.pub" rsa-pss-sha256

load_stop
neighbour_stop
daemon_stop
