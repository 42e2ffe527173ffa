"""Another site's page cannot make a signed-in browser change anything: every route that changes something, as the
sources list them, wants the token that only this server's own pages can read."""
import http.client
import json
import pathlib
import re
import unittest

from ward import HERE, PATIENCE_S, ServerTest

SOURCES = HERE.parent.parent / "src"
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


def routes():
    """(method, path, open to all) of each route of the API that changes something."""
    found = []
    for source in sorted((SOURCES / "share/api").glob("*.cpp")):
        for method, path, more in re.findall(r'\badd\(\s*"([A-Z]+)",\s*"(/[^"]*)",\s*([^;]*?)\)\s*;', source.read_text()):
            if method in CHANGES:
                found.append((method, path, more.strip().endswith("For::everyone")))
    return found


class Forgery(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()
        self.server.start()
        self.server.sign_in()
        self.cookie, self.csrf = self.server.cookie, self.server.csrf
        self.server.sign_in()
        self.csrf_of_another = self.server.csrf

    def ask(self, method, path, body="{}", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        sent = {"cookie": self.cookie, "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def test_every_change_wants_the_token_of_its_session(self):
        closed = [(method, re.sub(r"\{\w+\}", "admin", path)) for method, path, is_open in routes() if not is_open]
        self.assertGreaterEqual(len(closed), 20, "the routes of the API were found")
        closed += [("POST", "/fhir/Patient"), ("PUT", "/fhir/Patient/a"), ("PATCH", "/fhir/Patient/a"), ("DELETE", "/fhir/Patient/a"),
                   ("POST", "/fhir"), ("POST", "/fhir/$import"), ("POST", "/fhir/Patient/_search"), ("DELETE", "/fhir/Patient?name=x"),
                   ("POST", "/fhir/Subscription"), ("POST", "/fhir/Patient/$match")]
        self.assertIn(("POST", "/api/me/password"), closed)
        before = self.lines_of_audit()
        for method, path in closed:
            # A form of another site sends the cookie at most, and one of these types.
            for headers in ({}, {"x_vigil_csrf": ""}, {"x_vigil_csrf": "wrong"}, {"x_vigil_csrf": self.csrf_of_another},
                            {"content_type": "text/plain"}, {"content_type": "application/x-www-form-urlencoded"},
                            {"content_type": "multipart/form-data; boundary=x"}, {"origin": f"http://127.0.0.1:{self.server.port('http')}"},
                            {"x_http_method_override": "GET"}):
                with self.subTest(f"{method} {path} {headers}"):
                    status, text = self.ask(method, path, **headers)
                    self.assertEqual(status, 403, text[:200])
                    self.assertIn("X-Vigil-CSRF", text)
        self.assertEqual(self.lines_of_audit(), before, "none of them got to where it is decided")
        # A method in the query is no method either.
        self.assertEqual(self.ask("GET", "/api/accounts?_method=DELETE")[0], 200)
        status, _ = self.ask("POST", "/api/audit/checkpoint", x_vigil_csrf=self.csrf)
        self.assertEqual(status, 200, "with the right one it is done")

    def test_what_is_open_to_all_is_not_open_to_another_sites_page(self):
        opened = [(method, path) for method, path, is_open in routes() if is_open]
        for path in ("/api/session", "/api/session/factor", "/api/session/passkey", "/api/session/passkey/begin",
                     "/api/session/openid"):
            self.assertIn(("POST", path), opened, "each way to sign in")
        for method, path in opened:
            for origin in ("https://evil.example", "null", f"https://127.0.0.1.evil.example:{self.server.port('http')}"):
                with self.subTest(f"{method} {path} {origin}"):
                    body = json.dumps({"username": "admin", "password": self.server.admin_password})
                    self.assertEqual(self.ask(method, path, body, origin=origin)[0], 403)

    def test_a_stream_is_not_opened_from_another_sites_page(self):
        upgrade = {"upgrade": "websocket", "connection": "Upgrade", "sec_websocket_version": "13",
                   "sec_websocket_key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        own = f"http://127.0.0.1:{self.server.port('http')}"
        for origin, expected in (("https://evil.example", 403), ("null", 403), (own + ".evil.example", 403)):
            self.assertEqual(self.ask("GET", "/api/live", None, origin=origin, **upgrade)[0], expected, origin)
        self.assertEqual(self.ask("GET", "/api/live", None, **upgrade)[0], 403, "a browser says where its page is from")

    def test_a_page_of_another_origin_may_not_read_an_answer(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        for path in ("/api/patients", "/fhir/Patient", "/fhir/metadata", "/"):
            for method in ("GET", "OPTIONS"):
                connection.request(method, path, headers={"cookie": self.cookie, "origin": "https://evil.example"})
                answer = connection.getresponse()
                answer.read()
                self.assertIsNone(answer.getheader("access-control-allow-origin"), f"{method} {path}")
                self.assertIsNone(answer.getheader("access-control-allow-credentials"), f"{method} {path}")
        connection.close()


if __name__ == "__main__":
    unittest.main()
