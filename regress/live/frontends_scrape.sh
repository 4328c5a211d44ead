# The metrics of several frontends are read while these count on: no number
# goes back, and none is beyond all that can be.
# run-as: any
. "$(dirname "$0")/lib.sh"

unset KEYLESS_FRONTENDS
put_key p256 pkcs8-pem "$T/a.key"
config <<END
frontends: 2
metrics_listen: ["$T/http.sock"]
private_key_stores:
- file: $T/a.key
END
daemon_start
client raw 0100000300000001999999 || fail 'what is no request is not answered'
client_start -d 64 load ping - 8 60s
python3 - "$T/http.sock" <<'END' || fail 'see above'
import http.client
import socket
import sys

class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(sys.argv[1])

def scrape():
    connection = Connection("localhost")
    connection.request("GET", "/metrics")
    numbers = {}
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith("keyless_requests{"):
            name, value = line.rsplit(" ", 1)
            numbers[name] = int(value)
    return numbers

before = scrape()
for i in range(2000):
    now = scrape()
    for name in now:
        if not before[name] <= now[name] < 1 << 60:
            sys.exit(f"{name} was {before[name]}, is {now[name]}")
    before = now
if before['keyless_requests{opcode="unknown"}'] != 1:
    sys.exit(f"not one without an opcode: {before}")
if before['keyless_requests{opcode="OpPing"}'] == 0:
    sys.exit("nobody asked meanwhile")
END
daemon_stop
