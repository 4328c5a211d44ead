"""mkjwt.py KEY AUDIENCE: a token as a cluster gives it to its workloads."""
import json
import sys
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

sys.dont_write_bytecode = True

from common import b64url  # noqa: E402

with open(sys.argv[1], "rb") as f:
    key = serialization.load_pem_private_key(f.read(), None)
now = int(time.time())
parts = ({"alg": "RS256", "kid": "cluster"},
         {"iss": "https://cluster.example", "sub": "system:tests",
          "aud": sys.argv[2], "iat": now, "exp": now + 3600})
text = ".".join(b64url(json.dumps(part).encode()) for part in parts)
print(text + "." + b64url(key.sign(text.encode(), padding.PKCS1v15(),
                                   hashes.SHA256())))
