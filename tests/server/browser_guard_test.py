"""What a browser is told not to do with an answer of this server, and the cookie of a sign-in."""
import json
import unittest

from ward import ServerTest
from wire import Wire, request

SIGN_IN = json.dumps({"username": "admin", "password": "correct horse battery staple"})


class BrowserGuard(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()
        web = self.place / "web"
        web.mkdir()
        (web / "index.html").write_text("<!doctype html><title>Vigil</title>")
        (web / "index-0a1b2c3d.js").write_text("0;")
        self.server.listeners = {"http": "127.0.0.1:0", "https": "127.0.0.1:0", "mqtt": "off", "mqtts": "off"}
        self.server.options = ("--web", str(web))
        self.server.start()
        self.bearer = f"Authorization: Bearer {self.token}"

    def ask(self, method, path, fields=(), body=b"", listener="http"):
        with Wire(self.server.port(listener), tls=listener == "https") as wire:
            return wire.send(request(method, path, fields, body)).answer()

    def policy(self, fields):
        (text,) = fields["content-security-policy"]
        return {words[0]: words[1:] for words in (part.split() for part in text.split(";"))}

    def test_every_answer_has_the_fields_that_bind_a_browser(self):
        patient = self.create_patient()
        asked = [("GET", "/"), ("GET", "/ward"), ("GET", "/index-0a1b2c3d.js"), ("GET", "/no.such"), ("GET", "/api/patients"),
                 ("GET", "/api/nothing"), ("GET", "/api/session"), ("GET", "/metrics"), ("GET", "/fhir/metadata"),
                 ("GET", f"/fhir/Patient/{patient}"), ("GET", "/fhir/Patient?name=x"), ("GET", "/fhir/Nothing/1"),
                 ("OPTIONS", "/fhir/Patient"), ("DELETE", "/"), ("GET", "/%zz"), ("G(T", "/")]
        for method, path in asked:
            for listener in ("http", "https"):
                with self.subTest(f"{listener}: {method} {path}"):
                    _, fields, _ = self.ask(method, path, [self.bearer], listener=listener)
                    for name, value in (("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"),
                                        ("cross-origin-opener-policy", "same-origin"),
                                        ("cross-origin-resource-policy", "same-origin"), ("x-frame-options", "DENY")):
                        self.assertEqual(fields.get(name), [value], name)
                    self.assertIn("camera=()", fields["permissions-policy"][0])
                    policy = self.policy(fields)
                    self.assertEqual(policy["frame-ancestors"], ["'none'"])
                    self.assertEqual(policy["base-uri"], ["'none'"])
                    self.assertEqual(len(fields["cache-control"]), 1)
                    # RFC 6797 7.2: not over a plain connection.
                    self.assertEqual(fields.get("strict-transport-security"),
                                     ["max-age=31536000"] if listener == "https" else None)

    def create_patient(self):
        status, _, body = self.ask("POST", "/fhir/Patient", [self.bearer, "Content-Type: application/fhir+json"],
                                   '{"resourceType": "Patient"}')
        self.assertEqual(status, 201)
        return json.loads(body)["id"]

    def test_a_page_runs_its_own_scripts_and_no_others(self):
        _, fields, _ = self.ask("GET", "/")
        policy = self.policy(fields)
        self.assertEqual(policy["default-src"], ["'self'"])
        self.assertEqual(policy["object-src"], ["'none'"])
        self.assertEqual(policy["form-action"], ["'self'"])
        self.assertNotIn("script-src", policy, "the default: from here, and never in line")
        self.assertNotIn("unsafe", fields["content-security-policy"][0])
        # Anything else that is opened as if it were a page runs nothing at all.
        for path in ("/api/patients", "/fhir/metadata"):
            _, fields, _ = self.ask("GET", path, [self.bearer])
            self.assertEqual(self.policy(fields)["default-src"], ["'none'"])

    def test_no_answer_with_data_of_patients_is_kept_by_a_cache(self):
        patient = self.create_patient()
        for path in ("/api/patients", "/api/ward", "/api/session", "/api/audit", "/api/series?patient=1",
                     f"/fhir/Patient/{patient}", f"/fhir/Patient/{patient}/_history/1", "/fhir/Patient", "/fhir/Nothing"):
            with self.subTest(path):
                _, fields, _ = self.ask("GET", path, [self.bearer])
                self.assertEqual(fields["cache-control"], ["no-store"])
        # A program that kept a version may still ask whether it is the newest.
        status, fields, _ = self.ask("GET", f"/fhir/Patient/{patient}", [self.bearer, 'If-None-Match: W/"1"'])
        self.assertEqual((status, fields["etag"], fields["cache-control"]), (304, ['W/"1"'], ["no-store"]))
        status, _, _ = self.ask("PUT", f"/fhir/Patient/{patient}", [self.bearer, 'If-Match: W/"7"', "Content-Type: application/fhir+json"],
                                json.dumps({"resourceType": "Patient", "id": patient}))
        self.assertEqual(status, 412)
        # The web app's own files hold no data.
        _, fields, _ = self.ask("GET", "/index-0a1b2c3d.js")
        self.assertIn("immutable", fields["cache-control"][0])

    def sign_in(self, listener):
        status, fields, body = self.ask("POST", "/api/session", ["Content-Type: application/json"], SIGN_IN, listener)
        self.assertEqual(status, 200)
        (cookie,) = fields["set-cookie"]
        return cookie, json.loads(body)["csrf"]

    def status_with(self, cookie, listener):
        return self.ask("GET", "/api/session", [f"Cookie: {cookie}"], listener=listener)[0]

    def test_over_tls_the_cookie_is_bound_to_this_host(self):
        cookie, csrf = self.sign_in("https")
        pair, *attributes = cookie.split("; ")
        self.assertTrue(pair.startswith("__Host-vigil_session="))
        self.assertEqual(set(attributes), {"HttpOnly", "SameSite=Strict", "Path=/", "Secure"})
        self.assertEqual(self.status_with(pair, "https"), 200)
        # What a plain page, or another host of the domain, could have set is not read.
        self.assertEqual(self.status_with(pair.removeprefix("__Host-"), "https"), 401)
        status, fields, _ = self.ask("DELETE", "/api/session", [f"Cookie: {pair}", f"X-Vigil-CSRF: {csrf}"], listener="https")
        self.assertEqual(status, 204)
        self.assertTrue(fields["set-cookie"][0].startswith("__Host-vigil_session=; "))
        self.assertIn("Secure", fields["set-cookie"][0])
        self.assertEqual(self.status_with(pair, "https"), 401)

    def test_on_a_plain_listener_it_is_not_secure_and_not_so_named(self):
        cookie, _ = self.sign_in("http")
        pair, *attributes = cookie.split("; ")
        self.assertTrue(pair.startswith("vigil_session="))
        self.assertEqual(set(attributes), {"HttpOnly", "SameSite=Strict", "Path=/"})
        self.assertEqual(self.status_with(pair, "http"), 200)

    def test_behind_a_proxy_that_speaks_tls_it_is(self):
        self.server.stop()
        config = self.place / "vigil.toml"
        config.write_text('[site]\npublic_url = "https://vigil.example"\n')
        self.server.options += ("--config", str(config))
        self.server.start()
        cookie, _ = self.sign_in("http")
        self.assertTrue(cookie.startswith("__Host-vigil_session="))
        self.assertTrue(cookie.endswith("; Secure"))
        self.assertEqual(self.status_with(cookie.split(";")[0], "http"), 200)


if __name__ == "__main__":
    unittest.main()
