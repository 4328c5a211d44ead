"""The clouds of the tests, on loopback.

	server.py run DIR		serve; ports are written to DIR/ports
	server.py tell DIR NAME=VALUE ...	change how it behaves

DIR holds cert.pem and cert.key of the TLS server, and keys/NAME.pem, the keys
that it signs with.  Each request is a line of DIR/requests.log; DIR/token is
the last bearer token that was given out.  What can be told, beside what the
clouds' own files know:

	busy=N		the next N requests are answered with 429
	retry_after=S	with that header
	failing=N	the next N requests are answered with 503
	broken=N	the next N are not answered: the connection ends
	closing=N	after the next N answers the connection ends
	slow=MS		every request takes as long
	only=REGEX	all of this is for requests with such a path
	revoke=1	all tokens given out so far are good for nothing
"""
import http.client
import http.server
import itertools
import json
import os
import re
import select
import socket
import socketserver
import ssl
import sys
import threading
import time
from urllib.parse import parse_qsl, urlsplit

sys.dont_write_bytecode = True

from common import Refused, Request, World  # noqa: E402
import azure  # noqa: E402
import aws  # noqa: E402
import google  # noqa: E402

connections = itertools.count(1)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One segment an answer: headers and body together.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self):
        self.conn = next(connections)
        super().setup()

    def log_message(self, *args):
        pass

    def read(self):
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length", "0"))
        return Request(self.command, url.path, dict(parse_qsl(url.query)),
                       self.headers, self.rfile.read(length), self.conn)

    def send(self, status, body, headers):
        if not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def trouble(self, request):
        """What a test has ordered to go wrong; true: no answer at all."""
        world = self.server.world
        if not re.search(world.get("only"), request.path):
            return False
        time.sleep(int(world.get("slow", "0")) / 1000)
        if world.count_down("broken"):
            world.log("%s %s broken conn=%d" % (request.method, request.path,
                                                self.conn))
            self.close_connection = True
            return True
        headers = {}
        if world.get("retry_after"):
            headers["Retry-After"] = world.get("retry_after")
        if world.count_down("busy"):
            raise self.server.too_many(headers)
        if world.count_down("failing"):
            raise Refused(503, {"error": {"code": "ServiceUnavailable"}},
                          headers)
        return False

    def handle_request(self):
        world = self.server.world
        request = self.read()
        status, headers = 200, {}
        try:
            if self.trouble(request):
                return
            body = None
            for answer in self.server.answers:
                body = answer(request)
                if body is not None:
                    break
            if body is None:
                raise Refused(404, {"error": {"code": "NoSuchPlace"}})
        except Refused as e:
            status, body, headers = e.status, e.body, e.headers
        except Exception as e:
            status, body = 500, {"error": {"code": "Bug", "message": repr(e)}}
        if request.path != "/control":
            world.log("%s %s status=%d conn=%d host=%s" % (
                request.method, request.path, status, self.conn,
                request.headers.get("Host", "")))
        if world.count_down("closing"):
            self.close_connection = True
        self.send(status, body, headers)

    do_GET = do_POST = do_PUT = handle_request


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, world, answers, context=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.world = world
        self.answers = answers
        self.context = context

    def too_many(self, headers):
        # Each service has its own words; 429 is common to two of them.
        if self.world.get("cloud") == "aws":
            return Refused(400, {"__type": "ThrottlingException",
                                 "message": "Rate exceeded"}, headers)
        if self.world.get("cloud") == "google":
            return Refused(429, {"error": {
                "code": 429, "message": "Quota exceeded",
                "status": "RESOURCE_EXHAUSTED"}}, headers)
        return Refused(429, {"error": {"code": "Throttled",
                                       "message": "slow down"}}, headers)

    def get_request(self):
        sock, address = super().get_request()
        if self.context:
            # The handshake is made by the connection's own thread.
            sock = self.context.wrap_socket(sock, server_side=True,
                                            do_handshake_on_connect=False)
        return sock, address

    def handle_error(self, request, address):
        self.world.log("connection failed: %r" % (sys.exc_info()[1],))


class Proxy(socketserver.BaseRequestHandler):
    """CONNECT anywhere leads to the TLS server."""

    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            data = self.request.recv(4096)
            if not data:
                return
            head += data
        method, target, _ = head.split(b"\r\n")[0].decode().split()
        self.server.world.log("proxy %s %s" % (method, target))
        if method != "CONNECT":
            self.request.sendall(b"HTTP/1.1 405 No\r\n\r\n")
            return
        with socket.create_connection(self.server.target) as other:
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            self.pump(other)

    def pump(self, other):
        peers = {self.request: other, other: self.request}
        while True:
            for sock in select.select(list(peers), [], [])[0]:
                data = sock.recv(65536)
                if not data:
                    return
                peers[sock].sendall(data)


class ProxyServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, world, target):
        super().__init__(("127.0.0.1", 0), Proxy)
        self.world = world
        self.target = target


def control(world):
    """The plain service by which tests change the world."""

    def answer(request):
        if request.path != "/control" or request.method != "POST":
            return None
        for name, value in request.json().items():
            world.tell(name, value)
        return {}
    return answer


def run(directory):
    world = World(directory)
    clouds = [azure.Azure(world), google.Google(world), aws.Aws(world)]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(directory, "cert.pem"),
                            os.path.join(directory, "cert.key"))
    secure = Server(world, [c.answer for c in clouds], context)
    local = Server(world, [c.answer_local for c in clouds])
    steer = Server(World(directory), [control(world)])
    proxy = ProxyServer(world, secure.server_address)
    servers = [secure, local, steer, proxy]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    name = os.path.join(directory, "ports")
    with open(name + ".new", "w") as f:
        for server in servers:
            print(server.server_address[1], file=f)
    os.rename(name + ".new", name)
    threading.Event().wait()


def tell(directory, words):
    with open(os.path.join(directory, "ports")) as f:
        port = int(f.read().split()[2])
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = dict(word.split("=", 1) for word in words)
    conn.request("POST", "/control", json.dumps(body))
    if conn.getresponse().status != 200:
        sys.exit("server.py: not understood")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "run":
        run(sys.argv[2])
    elif len(sys.argv) > 3 and sys.argv[1] == "tell":
        tell(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(__doc__)
