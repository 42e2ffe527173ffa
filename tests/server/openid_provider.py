"""A provider of OpenID Connect (Core 1.0, Discovery 1.0) over HTTP: signs in whoever it was told to, at once, and
keeps to the standard except where a test bends it. Keys and signatures are the openssl command's."""
import base64
import hashlib
import http.server
import json
import pathlib
import secrets
import subprocess
import tempfile
import threading
import time
import urllib.parse


def base64url(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else data.encode()).rstrip(b"=").decode()


class Key:
    """RSA, 2,048 bits."""

    def __init__(self, folder, kid):
        self.kid, self.path = kid, str(pathlib.Path(folder) / f"{kid}.pem")
        subprocess.run(["openssl", "genrsa", "-out", self.path, "2048"], check=True, capture_output=True)
        said = subprocess.run(["openssl", "rsa", "-in", self.path, "-noout", "-modulus"], check=True, capture_output=True, text=True)
        self.modulus = bytes.fromhex(said.stdout.strip().split("=")[1])

    def public(self):
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": base64url(self.modulus), "e": "AQAB"}

    def sign(self, text):
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.path], input=text.encode(), check=True,
                              capture_output=True).stdout


class Provider:
    client_id, client_secret = "vigil/ward", "s3cret & more"

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="vigil-provider-")
        self.key = Key(self.folder.name, "first")
        self.published = [self.key]
        self.person = {"preferred_username": "nurse"}
        self.codes = {}  # what was granted: challenge, nonce, redirect_uri, claims
        self.bend_claims = lambda claims: claims
        self.bend_token = lambda token: token
        self.refuses = ""  # an error of RFC 6749 4.1.2.1
        self.metadata = {}
        self.asked = []  # paths, in order
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path.split("?")[0])
                outer.get(self)

            def do_POST(self):
                outer.asked.append(self.path)
                outer.post(self, self.rfile.read(int(self.headers["content-length"])).decode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def new_key(self, kid):
        self.key = Key(self.folder.name, kid)

    @staticmethod
    def answer(handler, body, status=200, **fields):
        text = json.dumps(body).encode()
        handler.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(text)), **fields}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(text)

    def get(self, handler):
        path, _, query = handler.path.partition("?")
        if path == "/.well-known/openid-configuration":
            return self.answer(handler, {"issuer": self.issuer, "authorization_endpoint": self.issuer + "/authorize?tenant=1",
                                         "token_endpoint": self.issuer + "/token", "jwks_uri": self.issuer + "/keys",
                                         "response_types_supported": ["code"], "subject_types_supported": ["public"],
                                         "id_token_signing_alg_values_supported": ["RS256"], **self.metadata})
        if path == "/keys":
            return self.answer(handler, {"keys": [key.public() for key in self.published]})
        if path == "/authorize":
            return self.answer(handler, {}, 302, location=self.authorize(dict(urllib.parse.parse_qsl(query))))
        return self.answer(handler, {}, 404)

    def authorize(self, asked):
        """Where the browser goes on to (Core 1.0 3.1.2.5)."""
        assert asked["tenant"] == "1" and asked["response_type"] == "code" and asked["client_id"] == self.client_id, asked
        assert "openid" in asked["scope"].split() and asked["code_challenge_method"] == "S256", asked
        answer = {"state": asked["state"], "iss": self.issuer}
        if self.refuses:
            answer["error"] = self.refuses
        else:
            answer["code"] = secrets.token_urlsafe(16)
            self.codes[answer["code"]] = asked
        return asked["redirect_uri"] + "?" + urllib.parse.urlencode(answer)

    def post(self, handler, body):
        if handler.path != "/token":
            return self.answer(handler, {}, 404)
        form = dict(urllib.parse.parse_qsl(body, strict_parsing=True))
        scheme, _, credentials = handler.headers.get("authorization", "").partition(" ")
        shown = [urllib.parse.unquote_plus(part) for part in base64.b64decode(credentials).decode().split(":")]
        if scheme != "Basic" or shown != [self.client_id, self.client_secret]:
            return self.answer(handler, {"error": "invalid_client"}, 401)
        granted = self.codes.pop(form["code"], None)  # a code is good once
        challenge = base64url(hashlib.sha256(form["code_verifier"].encode()).digest())
        if granted is None or granted["code_challenge"] != challenge or granted["redirect_uri"] != form["redirect_uri"] \
                or form["grant_type"] != "authorization_code":
            return self.answer(handler, {"error": "invalid_grant"}, 400)
        return self.answer(handler, {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer",
                                     "id_token": self.bend_token(self.token(granted["nonce"]))})

    def token(self, nonce):
        now = int(time.time())
        claims = self.bend_claims({"iss": self.issuer, "sub": "248289761001", "aud": self.client_id, "nonce": nonce, "iat": now,
                                   "exp": now + 300, "name": "Florence Nightingale", **self.person})
        signed = base64url(json.dumps({"alg": "RS256", "kid": self.key.kid})) + "." + base64url(json.dumps(claims))
        return signed + "." + base64url(self.key.sign(signed))
