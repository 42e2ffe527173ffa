"""What a person's browser does: signs in, keeps the cookie, sends the CSRF token back."""
import base64
import hashlib
import hmac
import http.client
import json
import time

from ward import PATIENCE_S


class Browser:
    def __init__(self, server, agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/139.0"):
        self.server, self.agent = server, agent
        self.cookie, self.csrf = "", ""

    def ask(self, method, path, body=None, **fields):
        """Status and body, read as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        fields = {"Cookie": self.cookie, "X-Vigil-CSRF": self.csrf, "User-Agent": self.agent, **fields}
        connection.request(method, path, None if body is None else json.dumps(body), fields)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.headers["set-cookie"]:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
        said = json.loads(text) if text else None
        if isinstance(said, dict) and "csrf" in said:
            self.csrf = said["csrf"]
        return answer.status, said

    def sign_in(self, name, password):
        return self.ask("POST", "/api/session", {"username": name, "password": password})

    def show_code(self, ticket, code):
        return self.ask("POST", "/api/session/factor", {"ticket": ticket, "code": code})


class App:
    """An authenticator app (RFC 6238)."""

    def __init__(self, secret):
        self.secret = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self.step = int(time.time()) // 30 - 1

    def code(self, step):
        mac = hmac.new(self.secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
        at = mac[19] & 15
        return f"{(int.from_bytes(mac[at:at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"

    def next(self):
        """A code that was not shown before. A test has three without waiting: of the step before, this and the next."""
        self.step += 1
        return self.code(self.step - 1)
