# The PIN from a file, by pin_file and by pin-source; a file that others
# may read is refused.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
token_init other
(umask 077 && printf '%s\n' "$PIN" >"$T/pin")
printf '%s\n' "$PIN" >"$T/open-pin"
uri=$(token_uri object=rsa)
second=$(token_uri object=p384)
config <<END
private_key_stores:
$(token_store "${uri%&pin-value=*}")
  pin_file: $T/pin
$(token_store "${second%&pin-value=*}&pin-source=file:$T/pin" other)
END
daemon_start
contains "$LOG" 'ready keys=2 failed=0'
client sign pkcs1 "$T/hsm/rsa.pub" , sign ecdsa "$T/other/p384.pub"
daemon_stop

config <<END
private_key_stores:
$(token_store "${uri%&pin-value=*}")
  pin_file: $T/open-pin
END
daemon_refuses "$T/open-pin.*(mode|permission|access)"
lacks "$LOG" "$PIN"
