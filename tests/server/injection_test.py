"""Names, ids and paths that mean something elsewhere mean nothing here: header fields, markup, entities, files."""
import http.client
import json
import unittest
import urllib.parse

from ward import PATIENCE_S, ServerTest
from wire import Wire, request

NAMES = ["<img src=x onerror=alert(1)>", "\"><script>alert(1)</script>", "a\r\nSet-Cookie: own=1", "a\r\n\r\nHTTP/1.1 200 OK", "{{7*7}}",
         "'; DROP TABLE resource; --", "../../../etc/passwd", "=HYPERLINK(\"http://evil.example\")", "%0d%0aX-Own: 1", "\u202egnp.exe",
         "a\u2028b", "\U0001fac0"]
BOMB = """<?xml version="1.0"?><!DOCTYPE Patient [<!ENTITY secret SYSTEM "file:///etc/passwd"><!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><Patient xmlns="http://hl7.org/fhir"><name><text value="&secret;&b;"/></name></Patient>"""


class Injection(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()
        web = self.place / "web"
        web.mkdir()
        (web / "index.html").write_text("<!doctype html><title>Vigil</title>")
        (self.place / "secret.txt").write_text("the secret beside the web folder")
        self.server.options = ("--web", str(web))
        self.server.start()

    def ask(self, method, path, body=None, **headers):
        """Status, fields in lower case, body. `path` as it stands on the wire."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        sent = {"authorization": f"Bearer {self.token}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body if body is None or isinstance(body, (bytes, str)) else json.dumps(body), sent)
        answer = connection.getresponse()
        fields, text = {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        connection.close()
        return answer.status, fields, text

    def is_data(self, fields):
        """What came is taken for data by a browser, whatever is in it."""
        self.assertRegex(fields["content-type"], r"^(application/(fhir\+)?json|text/plain)\b")
        self.assertEqual(fields["x-content-type-options"], "nosniff")
        self.assertNotIn("x-own", fields)
        self.assertNotIn("set-cookie", fields)

    def test_names_come_back_as_they_were_given_and_as_data(self):
        for number, name in enumerate(NAMES):
            with self.subTest(name):
                status, fields, text = self.ask("POST", "/fhir/Patient", {"resourceType": "Patient", "name": [{"text": name}]},
                                                content_type="application/fhir+json")
                self.is_data(fields)
                if status == 201:
                    self.assertRegex(fields["location"], r"/fhir/Patient/[A-Za-z0-9.-]+/_history/1$")
                    status, fields, text = self.ask("GET", f"/fhir/Patient/{json.loads(text)['id']}")
                    self.assertEqual(json.loads(text)["name"][0]["text"], name)
                else:
                    self.assertIn(status, (400, 422), text)
                self.is_data(fields)
                status, fields, text = self.ask("POST", "/api/patients", {"display_name": name, "identifier": f"X-{number}"})
                self.is_data(fields)
                if status == 200 or status == 201:
                    self.assertEqual(self.get(f"/api/patients/{json.loads(text)['id']}")["patient"]["display_name"], name)
                else:
                    self.assertEqual(status, 400, text)
                quoted = urllib.parse.quote(name)
                for path in (f"/fhir/Patient?name={quoted}", f"/api/patients?q={quoted}", f"/fhir/Patient/{urllib.parse.quote(name, safe='')}",
                             f"/api/devices/{urllib.parse.quote(name, safe='')}", f"/fhir/{urllib.parse.quote(name, safe='')}"):
                    self.is_data(self.ask("GET", path)[1])

    def test_ids_that_are_none_are_refused(self):
        for id in ("a\r\nX-Own: 1", "a/../b", "<b>", "a b", "a\u00e9", "", "x" * 65):
            with self.subTest(id):
                status, fields, _ = self.ask("PUT", "/fhir/Patient/" + urllib.parse.quote(id, safe=""), {"resourceType": "Patient", "id": id},
                                             content_type="application/fhir+json")
                self.assertIn(status, (400, 404, 405, 422))
                self.is_data(fields)
        for name in ("a\r\nX-Own: 1", "a/b", "#", "+", "a b", "<b>", ""):
            with self.subTest(name):
                status, fields, _ = self.ask("POST", "/api/devices", {"id": name})
                self.assertEqual(status, 400)
                self.is_data(fields)

    def test_xml_is_not_read(self):
        for media in ("application/fhir+xml", "application/xml", "text/xml", "application/xhtml+xml", "image/svg+xml"):
            for method, path in (("POST", "/fhir/Patient"), ("PUT", "/fhir/Patient/a"), ("POST", "/fhir"), ("POST", "/fhir/Patient/$validate")):
                with self.subTest(f"{method} {path} {media}"):
                    status, fields, text = self.ask(method, path, BOMB, content_type=media)
                    self.assertEqual(status, 415)
                    self.is_data(fields)
                    self.assertNotIn("root:", text)
        self.assertEqual(self.ask("POST", "/fhir/Patient", BOMB, content_type="application/fhir+json")[0], 400)
        self.assertEqual(self.ask("GET", "/fhir/Patient", accept="application/fhir+xml")[0], 406)

    def test_no_path_leads_out(self):
        climbs = ["/../secret.txt", "/../../../../../../etc/passwd", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt",
                  "/..%5csecret.txt", "/..;/secret.txt", "/....//secret.txt", "/a/../../secret.txt", "/a/%2e%2e/%2e%2e/secret.txt", "//etc/passwd.txt",
                  "/%252e%252e/secret.txt", "/..%c0%afsecret.txt", "/index.html%00.txt", "/file:///etc/passwd.txt", "/./../secret.txt",
                  "/fhir/../../secret.txt", "/api/../../secret.txt"]
        for path in climbs:
            with self.subTest(path):
                with Wire(self.server.port("http")) as wire:
                    status, _, body = wire.send(request("GET", path, [f"Authorization: Bearer {self.token}"])).answer()
                self.assertIn(status, (400, 401, 404), body[:200])
                self.assertNotIn(b"secret", body.replace(path.encode(), b""))
                self.assertNotIn(b"root:", body)
        for inside in ("keys/master.key", "vigil.db", "export/x"):
            for path in (f"/fhir/$export-poll/{inside}", f"/fhir/$export-poll/..%2f..%2f{inside}", f"/fhir/$export-file/..%2f..%2f{inside}",
                         f"/fhir/export/..%2f{inside}", f"/data/{inside}", f"/{inside}"):
                with self.subTest(path):
                    status, _, body = self.ask("GET", path)
                    self.assertIn(status, (200, 400, 404, 405, 422))
                    self.assertNotIn("SQLite format", body)
                    if status == 200:
                        self.assertIn("<title>Vigil</title>", body, "an address of the web app")

    def tearDown(self):
        self.assertEqual(self.server.errors(), "")


if __name__ == "__main__":
    unittest.main()
