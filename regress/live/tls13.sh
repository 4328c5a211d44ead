# TLS 1.3 alone: the handshake, requests, and long messages.
# A server set to the other version refuses it.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
client -T 1.3 sign ecdsa "$K/p256.pub" 5 , ping 65528 , reconnect , ping 1
daemon_stop

config <<END
tls_protocols: [tlsv1.2]
private_key_stores:
- file: $T/a.key
END
daemon_start
client -T 1.3 -H
client -T 1.2 ping 1
daemon_stop
