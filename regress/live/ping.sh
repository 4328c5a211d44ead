# Pings of every interesting size come back as they are.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
client ping 0 , ping 1 , ping 1006 , ping 1007 , ping 1024 , ping 1025
# A payload of this size fills the longest message that there can be.
client ping 65528 3 , ping 16384 20
client -d 100 ping 100 1000
daemon_stop
