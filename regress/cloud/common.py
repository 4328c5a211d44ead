"""What the three clouds of the tests have in common: keys, state, checks."""
import base64
import json
import os
import secrets
import struct
import threading
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import (
    ec, ed25519, padding, rsa, utils)

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(),
          "512": hashes.SHA512()}


class Refused(Exception):
    """An answer other than 200: status, body, more headers."""

    def __init__(self, status, body, headers=None):
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


class Request:
    """One HTTP request, and what becomes of it."""

    def __init__(self, method, path, query, headers, body, conn):
        self.method = method
        self.path = path
        self.query = query          # {name: value}
        self.headers = headers      # as of http.client: any case
        self.body = body            # bytes
        self.conn = conn            # number of the connection

    def json(self):
        return json.loads(self.body)

    def form(self):
        from urllib.parse import parse_qsl
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))

    def bearer(self):
        value = self.headers.get("Authorization", "")
        return value[7:] if value.startswith("Bearer ") else None


class World:
    """State that tests change by `server.py tell', and what is asked."""

    def __init__(self, directory):
        self.dir = directory
        self.lock = threading.Lock()
        self.said = {}          # what a test has said: texts
        self.tokens = {}        # token: (expiry, what it is good for)
        self.keys = {}          # as loaded: that takes a while
        self.log_file = open(os.path.join(directory, "requests.log"), "a",
                             buffering=1)

    def log(self, line):
        with self.lock:
            self.log_file.write(line + "\n")

    def tell(self, name, value):
        with self.lock:
            self.said[name] = value

    def get(self, name, default=""):
        return self.said.get(name, default)

    def has(self, name, item):
        """Whether a list of words holds one."""
        return item in self.get(name).split()

    def count_down(self, name):
        """Whether a counter that a test has set was above zero."""
        with self.lock:
            n = int(self.said.get(name, "0"))
            if n > 0:
                self.said[name] = str(n - 1)
            return n > 0

    def read(self, name):
        with open(os.path.join(self.dir, name), "rb") as f:
            return f.read()

    def private(self, name):
        """The private key of that name, or None."""
        try:
            pem = self.read("keys/" + name + ".pem")
        except OSError:
            return None
        if pem not in self.keys:
            self.keys[pem] = serialization.load_pem_private_key(pem, None)
        return self.keys[pem]

    def issue(self, audience):
        """A new bearer token, and how long it lasts."""
        token = secrets.token_urlsafe(400)
        life = int(self.get("token_life", "3600"))
        with self.lock:
            self.tokens[token] = (time.time() + life, audience)
        with open(os.path.join(self.dir, "token"), "w") as f:
            f.write(token)
        self.log("token audience=%s life=%d" % (audience, life))
        return token, life

    def holds(self, token, audience):
        with self.lock:
            if self.said.pop("revoke", ""):
                self.tokens.clear()
            expiry, good_for = self.tokens.get(token, (0, None))
        return time.time() < expiry and good_for == audience


def b64(data):
    return base64.b64encode(data).decode()


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64url(text):
    if "=" in text or "+" in text or "/" in text:
        raise ValueError("not base64url: " + text)
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def sign_digest(key, digest, bits, pss=False):
    """RSA or ECDSA (as DER) over a digest of SHA-bits."""
    algorithm = HASHES[bits]
    if len(digest) != algorithm.digest_size:
        raise ValueError("digest of %d bytes for SHA-%s" %
                         (len(digest), bits))
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(digest, ec.ECDSA(utils.Prehashed(algorithm)))
    pad = padding.PKCS1v15()
    if pss:
        pad = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
    return key.sign(digest, pad, utils.Prehashed(algorithm))


def sign_raw(key, data):
    """EMSA-PKCS1-v1_5 of what comes, whatever it is."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    assert isinstance(key, rsa.RSAPrivateKey)
    size = (key.key_size + 7) // 8
    if len(data) > size - 11:
        raise ValueError("data too long")
    block = b"\0\1" + b"\xff" * (size - len(data) - 3) + b"\0" + data
    numbers = key.private_numbers()
    value = pow(int.from_bytes(block, "big"), numbers.d,
                numbers.public_numbers.n)
    return value.to_bytes(size, "big")


def jwt_verify(token, public, algorithms):
    """Header and claims of a JWT whose signature and times are good."""
    head, claims, signature = token.split(".")
    header = json.loads(unb64url(head))
    if header["alg"] not in algorithms:
        raise ValueError("algorithm " + header["alg"])
    pad = padding.PKCS1v15()
    if header["alg"] == "PS256":
        pad = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    public.verify(unb64url(signature), (head + "." + claims).encode(), pad,
                  hashes.SHA256())
    claims = json.loads(unb64url(claims))
    now = time.time()
    if not claims.get("nbf", claims["iat"]) - 60 <= now < claims["exp"]:
        raise ValueError("not valid now")
    if claims["exp"] - claims["iat"] > 3600:
        raise ValueError("valid for too long")
    return header, claims


def spki(key, encoding):
    return key.public_key().public_bytes(
        encoding, serialization.PublicFormat.SubjectPublicKeyInfo)


def pack_crc(value):
    return str(struct.unpack(">I", struct.pack(">I", value))[0])
