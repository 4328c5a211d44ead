# A key file that the signers' group may read is fine.
# run-as: root
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
chgrp "$SIGNER_USER" "$T/a.key"
chmod 640 "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
client sign ecdsa "$K/p256.pub"
daemon_stop
