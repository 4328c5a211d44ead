"""AWS KMS, STS, and the credentials that instances and containers get.

The shapes are those of the KMS API reference (version 2014-11-01), of
Signature Version 4, of AssumeRoleWithWebIdentity and of IMDSv2."""
import hashlib
import hmac
import json
import re
import secrets
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from common import (Refused, b64, jwt_verify, sign_digest, sign_raw, spki)
import base64

REGION = "eu-central-1"
ARN = "arn:aws:kms:%s:111122223333:key/" % REGION
ALIAS = "arn:aws:kms:%s:111122223333:alias/" % REGION
ROLE = "arn:aws:iam::111122223333:role/tests"
KEY_ID = "AKIDEXAMPLE"


def error(name, message, status=400):
    return Refused(status, {"__type": name, "message": message},
                   {"Content-Type": "application/x-amz-json-1.1"})


def sts_error(status, code, message):
    return Refused(status, "<ErrorResponse><Error><Type>Sender</Type><Code>"
                   "%s</Code><Message>%s</Message></Error></ErrorResponse>" %
                   (code, message), {"Content-Type": "text/xml"})


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Aws:
    def __init__(self, world):
        self.world = world
        self.issued = {}        # key id: (secret, session token, expiry)

    def issue(self, how):
        life = int(self.world.get("token_life", "3600"))
        key = "ASIA" + secrets.token_hex(8).upper()
        self.issued[key] = (secrets.token_urlsafe(30),
                            secrets.token_urlsafe(300), time.time() + life)
        self.world.log("aws credentials by=%s life=%d" % (how, life))
        return key, time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                  time.gmtime(self.issued[key][2]))

    # ---- Signature Version 4

    def secret_of(self, key, request):
        if key == KEY_ID:
            return self.world.get("secret")
        if self.world.said.pop("revoke", ""):
            self.issued.clear()
        if key not in self.issued:
            raise error("UnrecognizedClientException",
                        "The security token included in the request is "
                        "invalid.")
        secret, session, expiry = self.issued[key]
        if request.headers.get("X-Amz-Security-Token") != session:
            raise error("UnrecognizedClientException", "token")
        if time.time() >= expiry:
            raise error("ExpiredTokenException", "The security token "
                        "included in the request is expired")
        return secret

    def check_signature(self, request):
        value = request.headers.get("Authorization")
        if value is None:
            raise error("MissingAuthenticationTokenException", "Missing "
                        "Authentication Token")
        match = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/"
            r"aws4_request, SignedHeaders=([a-z0-9;-]+), "
            r"Signature=([0-9a-f]{64})", value)
        if not match:
            raise error("IncompleteSignatureException", value)
        key, day, region, service, names, signature = match.groups()
        secret = self.secret_of(key, request)
        names = names.split(";")
        must = {"host", "x-amz-date", "x-amz-target", "content-type"}
        if "X-Amz-Security-Token" in request.headers:
            must.add("x-amz-security-token")
        if names != sorted(names) or not must <= set(names):
            raise error("InvalidSignatureException", "headers not signed")
        canonical = "%s\n/\n\n%s\n\n%s\n%s" % (
            request.method,
            "\n".join("%s:%s" % (n, request.headers[n]) for n in names),
            ";".join(names), hashlib.sha256(request.body).hexdigest())
        date = request.headers["X-Amz-Date"]
        scope = "%s/%s/%s/aws4_request" % (day, region, service)
        text = "AWS4-HMAC-SHA256\n%s\n%s\n%s" % (
            date, scope, hashlib.sha256(canonical.encode()).hexdigest())
        when = time.strptime(date + " UTC", "%Y%m%dT%H%M%SZ %Z")
        k = mac(("AWS4" + secret).encode(), day)
        for part in (region, service, "aws4_request", text):
            k = mac(k, part)
        if (k.hex() != signature or region != REGION or service != "kms"
                or not date.startswith(day)):
            # The real one repeats the request here, session token and all.
            raise error("InvalidSignatureException", "The request signature "
                        "we calculated does not match the signature you "
                        "provided.\n\nThe Canonical String for this request "
                        "should have been\n'" + canonical + "'")
        import calendar
        if abs(calendar.timegm(when) - time.time()) > 300:
            raise error("InvalidSignatureException", "Signature expired")

    # ---- keys

    def find(self, key_id):
        name = None
        if key_id.startswith(ARN):
            name = key_id[len(ARN):]
        elif key_id.startswith(ALIAS):
            name = self.world.get("alias." + key_id[len(ALIAS):])
        key = name and self.world.private(name)
        if not key:
            raise error("NotFoundException",
                        "Key '%s' does not exist" % key_id)
        if self.world.has("forbidden", name):
            raise error("AccessDeniedException", "User: arn:aws:iam::"
                        "111122223333:user/tests is not authorized to "
                        "perform: kms:Sign on resource: " + ARN + name)
        if self.world.has("disabled", name):
            raise error("DisabledException", ARN + name + " is disabled.")
        if self.world.has("deleted", name):
            raise error("KMSInvalidStateException", ARN + name +
                        " is pending deletion.")
        return name, key

    @staticmethod
    def algorithms(key):
        if isinstance(key, rsa.RSAPrivateKey):
            return ["RSASSA_%s_SHA_%s" % (kind, bits)
                    for kind in ("PSS", "PKCS1_V1_5")
                    for bits in ("256", "384", "512")]
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return ["ECDSA_SHA_%d" % {256: 256, 384: 384, 521: 512}[
                key.key_size]]
        return ["ED25519_SHA_512", "ED25519_PH_SHA_512"]

    def get_public_key(self, body):
        name, key = self.find(body["KeyId"])
        return {"KeyId": ARN + name,
                "PublicKey": b64(spki(key, serialization.Encoding.DER)),
                "KeyUsage": self.world.get("usage", "SIGN_VERIFY"),
                "SigningAlgorithms": self.algorithms(key)}

    def sign(self, body):
        name, key = self.find(body["KeyId"])
        algorithm = body["SigningAlgorithm"]
        if algorithm not in self.algorithms(key):
            raise error("InvalidKeyUsageException", algorithm)
        message = base64.b64decode(body["Message"], validate=True)
        self.world.log("aws sign key=%s algorithm=%s" % (name, algorithm))
        if algorithm == "ED25519_SHA_512":
            if body["MessageType"] != "RAW":
                raise error("ValidationException", "MessageType")
            signature = sign_raw(key, message)
        else:
            if body["MessageType"] != "DIGEST":
                raise error("ValidationException", "MessageType")
            try:
                signature = sign_digest(key, message, algorithm[-3:],
                                        "PSS" in algorithm)
            except ValueError as e:
                raise error("ValidationException", str(e))
        return {"KeyId": ARN + name, "Signature": b64(signature),
                "SigningAlgorithm": algorithm}

    # ---- credentials

    def assume_role(self, request):
        form = request.form()
        if (form["Action"] != "AssumeRoleWithWebIdentity"
                or form["Version"] != "2011-06-15"
                or form["RoleArn"] != ROLE or not form["RoleSessionName"]):
            raise sts_error(400, "ValidationError", "form")
        public = serialization.load_pem_public_key(
            self.world.read("federation.pub"))
        try:
            jwt_verify(form["WebIdentityToken"], public, ["RS256"])
        except Exception:
            raise sts_error(400, "InvalidIdentityToken",
                            "No OpenIDConnect provider found")
        key, expiry = self.issue("web-identity")
        secret, session, _ = self.issued[key]
        return (
            '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.'
            'amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>'
            "<SubjectFromWebIdentityToken>tests</SubjectFromWebIdentityToken>"
            "<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s"
            "</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>%s"
            "</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
            "</AssumeRoleWithWebIdentityResponse>" %
            (key, secret, session, expiry))

    def local(self, how):
        key, expiry = self.issue(how)
        secret, session, _ = self.issued[key]
        return {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": key,
                "SecretAccessKey": secret, "Token": session,
                "Expiration": expiry}

    # ---- which is which

    def answer(self, request):
        if request.path != "/" or request.method != "POST":
            return None
        target = request.headers.get("X-Amz-Target")
        if target is None:
            return self.assume_role(request)
        if request.headers["Content-Type"] != "application/x-amz-json-1.1":
            raise error("SerializationException", "Content-Type")
        self.check_signature(request)
        body = json.loads(request.body)
        if target == "TrentService.Sign":
            return self.sign(body)
        if target == "TrentService.GetPublicKey":
            return self.get_public_key(body)
        raise error("UnknownOperationException", target)

    def answer_local(self, request):
        path = request.path
        if path == "/latest/api/token" and request.method == "PUT":
            ttl = int(request.headers["X-aws-ec2-metadata-token-ttl-seconds"])
            assert 1 <= ttl <= 21600
            self.imds = secrets.token_urlsafe(40)
            return self.imds
        if path.startswith("/latest/meta-data/iam/security-credentials/"):
            if (request.headers.get("X-aws-ec2-metadata-token") !=
                    getattr(self, "imds", None)):
                raise Refused(401, "")
            role = path.rsplit("/", 1)[1]
            return self.local("instance") if role == "tests-role" else \
                "tests-role"
        if path == "/container":
            if (request.headers.get("Authorization") !=
                    self.world.get("secret")):
                raise Refused(400, {"code": "InvalidAuthorization",
                                    "message": "no"})
            return self.local("container")
        return None
