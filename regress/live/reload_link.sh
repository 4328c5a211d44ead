# The configuration file is a symbolic link, as some that deploy make it: a
# reload reads the file that it leads to then.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
put_key p384 pkcs8-pem "$T/b.key"
config <<END
private_key_stores:
- file: $T/a.key
END
mv "$CONF" "$T/first.conf"
ln -s first.conf "$CONF"
daemon_start
sed "s|$T/a.key|$T/b.key|" "$T/first.conf" >"$T/second.conf"
ln -s second.conf "$T/new"
mv "$T/new" "$CONF"
rm "$T/first.conf"
ctl reload >"$T/out"
contains "$T/out" '^reloaded: 1 keys added, 1 removed, 0 kept, 0 failed$'
client sign ecdsa "$K/p384.pub"
daemon_stop
