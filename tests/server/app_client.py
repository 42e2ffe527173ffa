"""Apps as their makers write them: PKCE, signed assertions, redirects (SMART App Launch 2.2)."""
import base64
import hashlib
import http.client
import json
import secrets
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from ward import PATIENCE_S

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(value, size=None):
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Key:
    """ES384, or RS384."""

    def __init__(self, name="k1", kind="EC"):
        self.name, self.kind = name, kind
        self.key = (ec.generate_private_key(ec.SECP384R1()) if kind == "EC"
                    else rsa.generate_private_key(public_exponent=65537, key_size=2048))
        self.algorithm = "ES384" if kind == "EC" else "RS384"

    def public(self):
        numbers = self.key.public_key().public_numbers()
        if self.kind == "EC":
            return {"kty": "EC", "crv": "P-384", "kid": self.name, "alg": "ES384", "use": "sig",
                    "x": number(numbers.x, 48), "y": number(numbers.y, 48)}
        return {"kty": "RSA", "kid": self.name, "alg": "RS384", "use": "sig", "n": number(numbers.n), "e": number(numbers.e)}

    def jwks(self):
        return {"keys": [self.public()]}

    def sign(self, claims, **header):
        head = {"alg": self.algorithm, "kid": self.name, "typ": "JWT"} | header
        text = b64(json.dumps(head).encode()) + "." + b64(json.dumps(claims).encode())
        if self.kind == "EC":
            r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA384())))
            signature = r.to_bytes(48, "big") + s.to_bytes(48, "big")
        else:
            signature = self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA384())
        return text + "." + b64(signature)


class Answered:
    def __init__(self, status, headers, text):
        self.status, self.text = status, text
        self.headers = {name.lower(): value for name, value in headers}
        self.body = json.loads(text) if text[:1] in "{[" and text else None


def ask(server, method, path, form=None, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port("http"), timeout=PATIENCE_S)
    data = None
    if form is not None:
        data, headers = urllib.parse.urlencode(form), {"content-type": "application/x-www-form-urlencoded"} | headers
    if body is not None:
        data, headers = json.dumps(body), {"content-type": "application/json"} | headers
    connection.request(method, path, data, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return Answered(answer.status, answer.getheaders(), text)


class App:
    """What it is registered as, and what it holds."""

    def __init__(self, server, client_id, redirect_uri="https://growth.example/callback", key=None):
        self.server, self.client_id, self.redirect_uri, self.key = server, client_id, redirect_uri, key
        self.verifier = self.state = None

    @property
    def base(self):
        return self.server.url("/fhir")

    def question(self, scope, **more):
        """The parameters of /oauth/authorize."""
        self.verifier, self.state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        challenge = b64(hashlib.sha256(self.verifier.encode()).digest())
        asked = {"response_type": "code", "client_id": self.client_id, "redirect_uri": self.redirect_uri, "scope": scope,
                 "state": self.state, "aud": self.base, "code_challenge": challenge, "code_challenge_method": "S256"} | more
        return {name: value for name, value in asked.items() if value is not None}

    def authorize(self, scope, **more):
        return ask(self.server, "GET", "/oauth/authorize?" + urllib.parse.urlencode(self.question(scope, **more)))

    def assertion(self, **claims):
        now = int(time.time())
        address = self.server.url("/oauth/token")
        given = {"iss": self.client_id, "sub": self.client_id, "aud": address, "iat": now, "exp": now + 240,
                 "jti": secrets.token_urlsafe(16)} | claims
        return self.key.sign({name: value for name, value in given.items() if value is not None})

    def proof(self):
        if self.key is None:
            return {"client_id": self.client_id}
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}

    def token(self, **form):
        return ask(self.server, "POST", "/oauth/token", self.proof() | form)

    def redeem(self, redirect, **more):
        """A code's redirect for tokens."""
        said = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(redirect).query))
        return self.token(**{"grant_type": "authorization_code", "code": said.get("code", ""), "redirect_uri": self.redirect_uri,
                             "code_verifier": self.verifier} | more)
