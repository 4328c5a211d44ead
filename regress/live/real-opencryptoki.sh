# The software token of opencryptoki: an RSA key that cannot leave it, with
# all that it can do.
# run-as: root
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/module.lib.sh"
. "$(dirname "$0")/real.lib.sh"

ocki_init
config <<END
private_key_stores:
- uri: '$(real_uri "$OCKI" rsa)'
  signers: 2
END
daemon_start
contains "$LOG" 'ready keys=1 failed=0'
wait_ctl 'token regress +1 +ready' signers
client -t 20 -d 20 all "$REAL/rsa.pub"
client -t 20 sign pkcs1 "$REAL/rsa.pub" 5 , sign pss "$REAL/rsa.pub" 5 , \
    decrypt "$REAL/rsa.pub" 5
daemon_stop
