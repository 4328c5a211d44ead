"""Google Cloud KMS, its token services and its metadata server.

The shapes are those of the REST API of Cloud KMS v1, of OAuth 2.0 for
service accounts, of the Security Token Service and of IAM credentials."""
import json
import re
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from common import (Refused, b64, crc32c, jwt_verify, sign_digest, sign_raw,
                    spki)
import base64

SCOPE = "https://www.googleapis.com/auth/cloudkms"
CLOUD_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
EMAIL = "tests@project.iam.gserviceaccount.com"
POOL = ("//iam.googleapis.com/projects/1/locations/global/"
        "workloadIdentityPools/pool/providers/tests")
REFRESH = "1//refresh-3141"
NAME = r"projects/p/locations/l/keyRings/r/cryptoKeys/([^/:]+)" \
    r"/cryptoKeyVersions/1"


def error(code, status, message):
    return Refused(code, {"error": {"code": code, "message": message,
                                    "status": status}})


class Google:
    def __init__(self, world):
        self.world = world
        self.persons = set()        # tokens of users, not of accounts

    # ---- keys

    def check_token(self, request):
        token = request.bearer()
        if token is None or not self.world.holds(token, SCOPE):
            raise error(401, "UNAUTHENTICATED", "Request had invalid "
                        "authentication credentials.")
        project = request.headers.get("X-Goog-User-Project")
        if token in self.persons and project != "payer-1":
            raise error(403, "PERMISSION_DENIED", "Your application is "
                        "authenticating by using local Application Default "
                        "Credentials. The cloudkms.googleapis.com API "
                        "requires a quota project, which is not set by "
                        "default.")

    def find(self, request, name):
        key = self.world.private(name)
        resource = request.path[4:].split(":")[0].removesuffix("/publicKey")
        if key is None:
            raise error(404, "NOT_FOUND", resource + " not found.")
        if self.world.has("forbidden", name):
            raise error(403, "PERMISSION_DENIED", "Permission denied on "
                        "resource '%s' (or it may not exist)." % resource)
        for state, names in (("DISABLED", "disabled"),
                             ("DESTROY_SCHEDULED", "deleted")):
            if self.world.has(names, name):
                raise error(400, "FAILED_PRECONDITION", "%s is not enabled, "
                            "current state is: %s." % (resource, state))
        return key, resource

    def algorithm(self, name, key):
        told = self.world.get("algorithm." + name)
        if told:
            return told
        if isinstance(key, rsa.RSAPrivateKey):
            return "RSA_SIGN_PKCS1_%d_SHA256" % key.key_size
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return "EC_SIGN_P%d_SHA%d" % (key.key_size, key.key_size)
        return "EC_SIGN_ED25519"

    def public_key(self, request, name):
        key, resource = self.find(request, name)
        pem = spki(key, serialization.Encoding.PEM).decode()
        crc = crc32c(pem.encode())
        if self.world.count_down("corrupt"):
            crc ^= 1
        return {"pem": pem, "algorithm": self.algorithm(name, key),
                "pemCrc32c": str(crc), "name": resource,
                "protectionLevel": "HSM"}

    def check_sum(self, body, member, data):
        if int(body[member]) != crc32c(data):
            raise error(400, "INVALID_ARGUMENT",
                        "The checksum in field %s did not match." % member)

    def sign(self, request, name):
        key, resource = self.find(request, name)
        algorithm = self.algorithm(name, key)
        body = request.json()
        self.world.log("google sign key=%s algorithm=%s" % (name, algorithm))
        answer = {"name": resource, "protectionLevel": "HSM"}
        if "RAW" in algorithm or "ED25519" in algorithm:
            data = base64.b64decode(body["data"], validate=True)
            self.check_sum(body, "dataCrc32c", data)
            answer["verifiedDataCrc32c"] = True
            signature = sign_raw(key, data)
        else:
            bits = algorithm[-3:]
            (member, text), = body["digest"].items()
            digest = base64.b64decode(text, validate=True)
            if member != "sha" + bits:
                raise error(400, "INVALID_ARGUMENT", "digest is " + member)
            self.check_sum(body, "digestCrc32c", digest)
            answer["verifiedDigestCrc32c"] = True
            signature = sign_digest(key, digest, bits, "PSS" in algorithm)
        crc = crc32c(signature)
        if self.world.count_down("corrupt"):
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        if self.world.count_down("unverified"):
            answer = {"name": resource}
        answer.update(signature=b64(signature), signatureCrc32c=str(crc))
        return answer

    # ---- tokens

    def token(self, request):
        form = request.form()
        grant = form["grant_type"]
        if grant == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            account = json.loads(self.world.read("account.json"))
            public = serialization.load_pem_private_key(
                account["private_key"].encode(), None).public_key()
            try:
                header, claims = jwt_verify(form["assertion"], public,
                                            ["RS256"])
                url = "https://%s/token" % request.headers["Host"]
                if (claims["iss"] != EMAIL or claims["aud"] != url
                        or header["kid"] != account["private_key_id"]):
                    raise ValueError("claims")
            except Exception as e:
                raise Refused(400, {"error": "invalid_grant",
                                    "error_description":
                                    "Invalid JWT Signature. %r" % e})
            how, scope = "service-account", claims["scope"]
        elif (grant == "refresh_token" and form["refresh_token"] == REFRESH
              and form["client_secret"] == self.world.get("secret")):
            how, scope = "user", SCOPE
        else:
            raise Refused(400, {"error": "invalid_grant",
                                "error_description": "Bad Request"})
        self.world.log("google token by=" + how)
        token, life = self.world.issue(scope)
        if how == "user":
            self.persons.add(token)
        return {"access_token": token, "expires_in": life,
                "token_type": "Bearer"}

    def exchange(self, request):
        form = request.form()
        public = serialization.load_pem_public_key(
            self.world.read("federation.pub"))
        try:
            jwt_verify(form["subject_token"], public, ["RS256"])
            if (form["audience"] != POOL
                    or form["grant_type"] !=
                    "urn:ietf:params:oauth:grant-type:token-exchange"
                    or form["requested_token_type"] !=
                    "urn:ietf:params:oauth:token-type:access_token"
                    or form["subject_token_type"] !=
                    "urn:ietf:params:oauth:token-type:jwt"):
                raise ValueError("form")
        except Exception as e:
            raise Refused(400, {"error": "invalid_grant",
                                "error_description": repr(e)})
        self.world.log("google token by=exchange")
        token, life = self.world.issue(form["scope"])
        return {"access_token": token, "expires_in": life,
                "issued_token_type":
                "urn:ietf:params:oauth:token-type:access_token",
                "token_type": "Bearer"}

    def impersonate(self, request):
        token = request.bearer()
        body = request.json()
        if token is None or not self.world.holds(token, CLOUD_SCOPE):
            raise error(401, "UNAUTHENTICATED", "no")
        if body["lifetime"] != "3600s":
            raise error(400, "INVALID_ARGUMENT", "lifetime")
        self.world.log("google token by=impersonation")
        token, life = self.world.issue(" ".join(body["scope"]))
        return {"accessToken": token, "expireTime": time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + life))}

    def metadata(self, request):
        if request.headers.get("Metadata-Flavor") != "Google":
            raise Refused(403, "Missing required header")
        self.world.log("google token by=metadata")
        token, life = self.world.issue(SCOPE)
        return {"access_token": token, "expires_in": life,
                "token_type": "Bearer"}

    # ---- which is which

    def answer(self, request):
        path = request.path
        if request.method == "POST" and path == "/token":
            return self.token(request)
        if request.method == "POST" and path == "/v1/token":
            return self.exchange(request)
        if path == ("/v1/projects/-/serviceAccounts/%s:generateAccessToken"
                    % EMAIL):
            return self.impersonate(request)
        match = re.fullmatch("/v1/%s(/publicKey|:asymmetricSign)" % NAME,
                             path)
        if not match:
            return None
        self.check_token(request)
        if match[2] == "/publicKey" and request.method == "GET":
            return self.public_key(request, match[1])
        if match[2] == ":asymmetricSign" and request.method == "POST":
            return self.sign(request, match[1])
        raise error(404, "NOT_FOUND", "no such method")

    def answer_local(self, request):
        if request.path == ("/computeMetadata/v1/instance/service-accounts/"
                            "default/token"):
            return self.metadata(request)
        return None
