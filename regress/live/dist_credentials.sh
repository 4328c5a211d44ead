# The PIN as a credential of systemd's: a file that only root may read, in a
# directory that only root may look into, both read-only, and a service that
# is root without the right to pass over modes; as dist/credentials.conf has
# it, whose two names fit together.
# run-as: root
. "$(dirname "$0")/lib.sh"

DROPIN=$TOP/dist/credentials.conf
name=$(sed -n 's/^LoadCredential=\([^:]*\):\/.*/\1/p' "$DROPIN")
[ -n "$name" ] || fail 'no LoadCredential'
contains "$DROPIN" "pin_file: /run/credentials/keylessd.service/$name\$"
contains "$DROPIN" "^#LoadCredentialEncrypted=$name:/"
contains "$DROPIN" "encrypt --name=$name "

bounds=-all
for cap in $(sed -n 's/^CapabilityBoundingSet=//p' \
    "$TOP/dist/keylessd.service"); do
	bounds=$bounds,+$(echo "${cap#CAP_}" | tr '[:upper:]' '[:lower:]')
done
case $bounds in
*dac*)	fail "the service passes over modes: $bounds" ;;
esac

token_init
need_programs
mkdir -m 700 "$T/credentials"
printf '%s' "$PIN" >"$T/credentials/$name"
chmod 400 "$T/credentials/$name"
chmod 500 "$T/credentials"
uri=$(token_uri object=p256)
config <<END
private_key_stores:
$(token_store "${uri%&pin-value=*}")
  pin_file: $T/credentials/$name
END
setpriv --bounding-set="$bounds" --inh-caps=-all --no-new-privs \
    "$KEYLESSD" -d -f "$CONF" -s "$SIGNER" >"$LOG" 2>&1 </dev/null &
DAEMON=$!
WAIT_TRIES=600 wait_until daemon_decided || fail 'neither serves nor ends'
alive "$DAEMON" || fail 'keylessd ended instead of serving'
# shellcheck disable=SC2034
PORT=$(sed -n 's/.*listening address=127\.0\.0\.1:\([0-9]*\)$/\1/p' "$LOG")
contains "$LOG" 'ready keys=1 failed=0'
client sign ecdsa "$T/hsm/p256.pub" 10
# It is opened again, for signers of a new configuration.
ctl reload >"$T/out"
client sign ecdsa "$T/hsm/p256.pub" 10
daemon_stop
lacks "$LOG" "$PIN"
