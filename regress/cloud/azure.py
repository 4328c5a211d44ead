"""Azure Key Vault and Managed HSM, Entra ID and managed identities.

The shapes are those of the REST API "Key Vault keys 7.4", of the Microsoft
identity platform's client credentials flow, and of the Instance Metadata
Service."""
import re
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from common import (Refused, b64url, jwt_verify, sign_digest, unb64url)

VERSION = "0123456789abcdef0123456789abcdef"
TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "99999999-8888-7777-6666-555555555555"
CURVES = {256: ("P-256", "ES256"), 384: ("P-384", "ES384"),
          521: ("P-521", "ES512")}


def error(status, code, message, inner=None):
    body = {"error": {"code": code, "message": message}}
    if inner:
        body["error"]["innererror"] = {"code": inner}
    return Refused(status, body)


def to_bytes(n, size=None):
    return n.to_bytes(size or (n.bit_length() + 7) // 8, "big")


class Azure:
    def __init__(self, world):
        self.world = world

    def audience(self, request):
        host = request.headers.get("Host", "").split(":")[0]
        if host.count(".") >= 2 and not host[0].isdigit():
            return "https://" + host.split(".", 1)[1]
        return self.world.get("audience", "https://vault.azure.net")

    # ---- the vault

    def check_token(self, request):
        audience = self.audience(request)
        token = request.bearer()
        if token is None or not self.world.holds(token, audience):
            refused = error(401, "Unauthorized", "AKV10000: Request is "
                            "missing a Bearer or PoP token.")
            refused.headers["WWW-Authenticate"] = (
                'Bearer authorization="https://login.microsoftonline.com/'
                '%s", resource="%s"' % (TENANT, audience))
            raise refused

    def find(self, name):
        key = self.world.private(name)
        if key is None or self.world.has("deleted", name):
            raise error(404, "KeyNotFound", "A key with (name/id) %s was not "
                        "found in this key vault." % name)
        if self.world.has("forbidden", name):
            raise error(403, "Forbidden", "The user, group or application "
                        "does not have keys permission on key vault.",
                        "ForbiddenByPolicy")
        return key

    def kid(self, request, name):
        return "https://%s/keys/%s/%s" % (request.headers["Host"], name,
                                          VERSION)

    def jwk(self, request, name, key):
        hsm = "-HSM" if self.world.has("hsm", name) else ""
        jwk = {"kid": self.kid(request, name),
               "key_ops": self.world.get("key_ops", "sign verify").split()}
        numbers = key.public_key().public_numbers()
        if isinstance(key, rsa.RSAPrivateKey):
            jwk.update(kty="RSA" + hsm, n=b64url(to_bytes(numbers.n)),
                       e=b64url(to_bytes(numbers.e)))
        else:
            size = (key.key_size + 7) // 8
            jwk.update(kty="EC" + hsm, crv=CURVES[key.key_size][0],
                       x=b64url(to_bytes(numbers.x, size)),
                       y=b64url(to_bytes(numbers.y, size)))
        return jwk

    def get_key(self, request, name):
        key = self.find(name)
        now = int(time.time())
        return {"key": self.jwk(request, name, key),
                "attributes": {
                    "enabled": not self.world.has("disabled", name),
                    "created": now, "updated": now,
                    "recoveryLevel": "Recoverable+Purgeable"}}

    def sign(self, request, name):
        key = self.find(name)
        if self.world.has("disabled", name):
            raise error(403, "Forbidden", "Operation sign is not allowed on "
                        "a disabled key.", "KeyDisabled")
        body = request.json()
        alg = body["alg"]
        digest = unb64url(body["value"])
        self.world.log("azure sign key=%s alg=%s" % (name, alg))
        try:
            signature = self.signature(key, alg, digest)
        except (ValueError, KeyError) as e:
            raise error(400, "BadParameter", str(e))
        if self.world.count_down("corrupt"):
            signature = signature[:-1]
        return {"kid": self.kid(request, name), "value": b64url(signature)}

    @staticmethod
    def signature(key, alg, digest):
        kind, bits = alg[:2], alg[2:]
        if isinstance(key, rsa.RSAPrivateKey):
            if kind not in ("RS", "PS"):
                raise ValueError("algorithm does not fit the key")
            return sign_digest(key, digest, bits, kind == "PS")
        if alg != CURVES[key.key_size][1]:
            raise ValueError("algorithm does not fit the key")
        der = sign_digest(key, digest, bits)
        size = (key.key_size + 7) // 8
        r, s = utils.decode_dss_signature(der)
        return to_bytes(r, size) + to_bytes(s, size)

    # ---- tokens

    @staticmethod
    def no_token(code, text):
        return Refused(401, {"error": "invalid_client",
                             "error_description": "AADSTS%d: %s" %
                             (code, text), "error_codes": [code]})

    def check_assertion(self, assertion, url):
        try:
            if self.world.get("federated"):
                public = serialization.load_pem_public_key(
                    self.world.read("federation.pub"))
                _, claims = jwt_verify(assertion, public, ["RS256"])
                if claims["aud"] != "api://AzureADTokenExchange":
                    raise ValueError("audience")
                return
            cert = x509.load_pem_x509_certificate(
                self.world.read("client.pem"))
            header, claims = jwt_verify(assertion, cert.public_key(),
                                        ["PS256"])
            if (header["x5t#S256"] != b64url(
                    cert.fingerprint(hashes.SHA256()))
                    or claims["iss"] != CLIENT or claims["sub"] != CLIENT
                    or claims["aud"] != url or not claims["jti"]):
                raise ValueError("claims")
        except Exception as e:
            raise self.no_token(700027, "Client assertion failed signature "
                                "validation. %r" % e)

    def token(self, request, tenant):
        form = request.form()
        scope = form["scope"]
        if (tenant != TENANT or form["client_id"] != CLIENT
                or form["grant_type"] != "client_credentials"
                or not scope.endswith("/.default")):
            raise Refused(400, {"error": "invalid_request"})
        how = "secret"
        if "client_assertion" in form:
            how = "federated" if self.world.get("federated") else "certificate"
            if form["client_assertion_type"] != (
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"):
                raise Refused(400, {"error": "invalid_request"})
            self.check_assertion(form["client_assertion"], "https://%s%s" %
                                 (request.headers["Host"], request.path))
        elif form["client_secret"] != self.world.get("secret"):
            raise self.no_token(7000215, "Invalid client secret provided. "
                                "Ensure the secret being sent in the request "
                                "is the client secret value, not the client "
                                "secret ID.")
        self.world.log("azure token by=" + how)
        token, life = self.world.issue(scope[:-len("/.default")])
        return {"token_type": "Bearer", "expires_in": life,
                "ext_expires_in": life, "access_token": token}

    def managed(self, request):
        if (request.headers.get("Metadata") != "true"
                or request.query["api-version"] != "2018-02-01"):
            raise Refused(400, {"error": "invalid_request",
                                "error_description":
                                "Required metadata header not specified"})
        if self.world.count_down("updating"):
            raise Refused(410, "")
        self.world.log("azure token by=managed client=" +
                       request.query.get("client_id", "-"))
        token, life = self.world.issue(request.query["resource"])
        return {"access_token": token, "expires_in": str(life),
                "expires_on": str(int(time.time()) + life),
                "resource": request.query["resource"],
                "token_type": "Bearer", "client_id": CLIENT}

    def app_service(self, request):
        if (request.headers.get("X-IDENTITY-HEADER") !=
                self.world.get("secret")
                or request.query["api-version"] != "2019-08-01"):
            raise Refused(401, {"statusCode": 401, "message": "no"})
        self.world.log("azure token by=app")
        token, life = self.world.issue(request.query["resource"])
        return {"access_token": token,
                "expires_on": str(int(time.time()) + life),
                "resource": request.query["resource"],
                "token_type": "Bearer"}

    # ---- which is which

    def answer(self, request):
        """The answer; None if the request is for someone else."""
        path = request.path
        match = re.fullmatch(r"/([^/]+)/oauth2/v2\.0/token", path)
        if match and request.method == "POST":
            return self.token(request, match[1])
        match = re.fullmatch(r"/keys/([^/]+)(?:/([^/]+))?(/sign)?", path)
        if not match:
            return None
        if request.query.get("api-version") != "7.4":
            raise error(400, "BadParameter", "api-version")
        self.check_token(request)
        name, version, sign = match.groups()
        if version not in (None, VERSION):
            raise error(404, "KeyNotFound", "no such version")
        if request.method == "POST" and sign and version:
            return self.sign(request, name)
        if request.method == "GET" and not sign:
            return self.get_key(request, name)
        raise error(405, "MethodNotAllowed", "no")

    def answer_local(self, request):
        """The same, of the plain services inside a machine."""
        if request.path == "/metadata/identity/oauth2/token":
            return self.managed(request)
        if request.path == "/msi/token":
            return self.app_service(request)
        return None
