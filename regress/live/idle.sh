# Connections that do nothing: one without a handshake is closed after
# handshake_timeout, one without requests after idle_timeout, and not before.
# run-as: any
. "$(dirname "$0")/lib.sh"

put_key p256 pkcs8-pem "$T/a.key"
config <<END
handshake_timeout: 500ms
idle_timeout: 2s
private_key_stores:
- file: $T/a.key
END
daemon_start
client sign ecdsa "$K/p256.pub" , hold 1 , ping 1 , hold 1 , ping 1 , closed 8
python3 - "$PORT" <<'END' || fail 'a connection without a handshake stays open'
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.settimeout(8)
try:
    sys.exit(s.recv(1000) != b"")
except ConnectionResetError:
    pass
END
daemon_stop
