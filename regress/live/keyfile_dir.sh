# A directory of keys is walked: directories in it too, whatever their names;
# hidden ones and symbolic links to directories are passed over.
# run-as: both
. "$(dirname "$0")/lib.sh"

mkdir -p "$T/keys/site.key/deep" "$T/keys/.old" "$T/elsewhere"
put_key p256 pkcs8-pem "$T/keys/top.key"
put_key p384 pkcs8-pem "$T/keys/site.key/deep/site.key"
put_key p521 pkcs8-pem "$T/keys/.old/hidden.key"
put_key ed25519 pkcs8-pem "$T/elsewhere/linked.key"
ln -s "$T/elsewhere" "$T/keys/link"
config <<END
private_key_stores:
- dir: $T/keys
END
daemon_start
contains "$LOG" 'ready keys=2 failed=0'
client sign ecdsa "$K/p256.pub" , sign ecdsa "$K/p384.pub"
client -e 2 sign ecdsa "$K/p521.pub"
daemon_stop
