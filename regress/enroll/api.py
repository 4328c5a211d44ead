"""The Cloudflare API of the tests, as far as it makes certificates.

    api.py DIR

Listens on loopback with TLS (DIR/api.pem, DIR/api.key), writes the ports of the
API, of a proxy, and of one that wants TLS to DIR/ports, and a line for each
request to DIR/requests.
How it answers is read from DIR/mode at each request: a number of requests that
this is for (or *) and what is to be done, one a line; without any it answers as
it should.  DIR/mkcert is the program that makes the certificates, by DIR/ca.pem
and DIR/ca.key, DIR/days says how long they last (seconds).
"""
import http.server
import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time

DIR = sys.argv[1]
lock = threading.Lock()


def path(name):
    return os.path.join(DIR, name)


def read(name):
    with open(path(name)) as f:
        return f.read()


def log(line):
    with lock, open(path("requests"), "a") as f:
        print(line, file=f)


def take_mode():
    """The first line that is not used up."""
    with lock:
        try:
            lines = read("mode").splitlines()
        except FileNotFoundError:
            return []
        if not lines:
            return []
        count, words = lines[0].split()[0], lines[0].split()[1:]
        if count != "*":
            lines[0] = " ".join([str(int(count) - 1)] + words)
            if int(count) <= 1:
                lines = lines[1:]
            with open(path("mode.new"), "w") as f:
                f.write("".join(line + "\n" for line in lines))
            os.rename(path("mode.new"), path("mode"))
        return words


def certify(text, hostname, begin, end):
    return subprocess.run(
        [path("mkcert"), path("ca.pem"), path("ca.key"), hostname, str(begin),
         str(end)], input=text.encode(), stdout=subprocess.PIPE,
        check=True).stdout.decode()


def error(code, message):
    return {"success": False, "errors": [{"code": code, "message": message}],
            "messages": [], "result": None}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, headers=(), cut=None):
        if not isinstance(body, str):
            body = json.dumps(body)
        data = body.encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:cut])
        if cut is not None:
            self.close_connection = True

    def authorized(self):
        return (self.headers.get("Authorization") ==
                "Bearer " + read("token").strip() or
                self.headers.get("X-Auth-User-Service-Key") ==
                read("token").strip())

    def certificate(self, words, q):
        begin, end, hostname, text = -3600, int(read("days")), \
            q["hostnames"][0], q["csr"]
        if words[:1] == ["host"]:
            hostname = words[1]
        elif words[:1] == ["key"]:
            text = read("api.key")
        elif words[:1] == ["times"]:
            begin, end = int(words[1]), int(words[2])
        return certify(text, hostname, begin, end)

    def do_POST(self):
        words = take_mode()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        q = json.loads(body)
        log("POST %s %s" % (self.path, " ".join(words)))
        if sorted(q) != ["csr", "hostnames", "request_type", "zone_id"] or \
                q["request_type"] != "keyless-certificate" or \
                q["zone_id"] != "0123456789abcdef":
            self.answer(400, error(1010, "bad request"))
        elif not self.authorized():
            self.answer(403, error(9109, "Invalid access token"))
        elif words[:1] == ["status"]:
            self.answer(int(words[1]), error(1000, "as ordered"),
                        [("Retry-After", w) for w in words[2:]])
        elif words[:1] == ["no"]:
            self.answer(200, error(1012, "Request must include a\x1b csr"))
        elif words[:1] == ["raw"]:
            self.answer(200, " ".join(words[1:]))
        elif words[:1] == ["close"]:
            self.close_connection = True
        else:
            if words[:1] == ["wait"]:
                while not os.path.exists(path(words[1])):
                    time.sleep(0.05)
            self.answer(200, {
                "success": True, "errors": [], "messages": [],
                "result": {"id": "1",
                           "certificate": self.certificate(words, q)}},
                        cut=100 if words[:1] == ["cut"] else None)


class Secure:
    def get_request(self):
        sock, address = super().get_request()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path("api.pem"), path("api.key"))
        return context.wrap_socket(
            sock, server_side=True, do_handshake_on_connect=False), address


class Server(Secure, socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        log("failed %r" % (sys.exc_info()[1],))


class Proxy(socketserver.BaseRequestHandler):
    def pump(self, a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(4096) or b"\r\n\r\n"
        log("proxy " + head.split(b"\r\n")[0].decode())
        with socket.create_connection(self.server.target) as other:
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            thread = threading.Thread(target=self.pump,
                                      args=(other, self.request))
            thread.start()
            self.pump(self.request, other)
            thread.join()


class ProxyServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


class SecureProxyServer(Secure, ProxyServer):
    def handle_error(self, request, address):
        log("proxy failed %r" % (sys.exc_info()[1],))


api = Server(("127.0.0.1", 0), Handler)
servers = [api]
for kind in ProxyServer, SecureProxyServer:
    proxy = kind(("127.0.0.1", 0), Proxy)
    proxy.target = api.server_address
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    servers.append(proxy)
with open(path("ports.new"), "w") as ports:
    print(*[server.server_address[1] for server in servers], file=ports)
os.rename(path("ports.new"), path("ports"))
api.serve_forever()
