# Private keys without a public object: RSA tells its public part itself, EC
# needs the certificate or public key that the store names.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
p11 "$T/hsm" --delete-object --type pubkey --id 01
p11 "$T/hsm" --delete-object --type pubkey --id 02
p11 "$T/hsm" --delete-object --type pubkey --id 03
token_owner "$T/hsm"
config <<END
private_key_stores:
$(token_store "$(token_uri object=rsa)")
$(token_store "$(token_uri object=p256)")
  certificate: $T/hsm/p256.pub
$(token_store "$(token_uri object=p384)")
END
daemon_start
contains "$LOG" 'ready keys=2 failed=1'
client sign pkcs1 "$T/hsm/rsa.pub" , sign ecdsa "$T/hsm/p256.pub"
ctl show keys >"$T/out"
contains "$T/out" 'failed.*object=p384'
daemon_stop

# The public key of another key is found out before it does harm.
config <<END
private_key_stores:
$(token_store "$(token_uri object=rsa)")
$(token_store "$(token_uri object=p256)")
  certificate: $T/hsm/p384.pub
END
daemon_start
contains "$LOG" 'ready keys=1 failed=1'
daemon_stop
