"""Nobody makes this server ask addresses of its own network: where the operator allows a URL by a host's name, the
addresses that the name leads to are looked at, for each connection, and redirects are not followed."""
import http.server
import json
import os
import queue
import subprocess
import threading
import unittest

from fhir_client import FhirTest
from ward import BINARY, PATIENCE_S, ServerTest, wait_until

NDJSON = "application/fhir+ndjson"
# A way to write 127.0.0.1 that the resolver knows: to this server it is a name like any other, and leads to loopback.
# So does a name whose owner answers 127.0.0.1 today and a public address tomorrow (DNS rebinding).
NAME = "127.1"


class Inside:
    """A server on this machine's loopback."""

    def __init__(self):
        self.asked, outer = queue.Queue(), self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.put(self.path)
                if self.path.startswith("/moved"):
                    self.send_response(302)
                    self.send_header("location", f"{outer.url('127.0.0.1')}/files/secret")
                    self.send_header("content-length", "0")
                    return self.end_headers()
                body = json.dumps({"resourceType": "Patient", "id": "found"}).encode() + b"\n"
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"] or 0))
                outer.asked.put(self.path)
                self.send_response(307 if self.path.startswith("/moved") else 200)
                self.send_header("location", f"{outer.url('127.0.0.1')}/files/secret")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, host):
        return f"http://{host}:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Outbound(FhirTest):
    networks = ""

    def setUp(self):
        self.inside = Inside()
        self.addCleanup(self.inside.close)
        allowed = f"{self.inside.url(NAME)}/files/ {self.inside.url('127.0.0.1')}/moved/"
        self.config = (f'[fhir]\nimport_sources = "{allowed}"\nsubscription_endpoints = "{allowed}"\n'
                       f'[outbound]\nnetworks = "{self.networks}"\n')
        super().setUp()

    def imported(self, url):
        """What an import from there says: how many resources, and its first error."""
        answer = self.ask("POST", "$import", {"inputFormat": NDJSON, "inputSource": "https://source.example",
                                             "input": [{"type": "Patient", "url": url}]}, prefer="respond-async")
        self.assertEqual(answer.status, 202, answer.text)
        location = answer.headers["content-location"]
        whole = wait_until("the import is whole", lambda: (lambda got: got if got.status == 200 else None)(self.ask("GET", location)), 120).body
        errors = [self.text(error["url"]) for error in whole["error"]]
        return whole["output"][0]["count"], errors[0] if errors else ""

    def text(self, url):
        return json.dumps(self.call("GET", "/fhir/" + url.split("/fhir/", 1)[1]))

    def subscribe(self, url):
        answer = self.ask("POST", "Subscription", {"resourceType": "Subscription", "status": "requested", "reason": "test",
                                                  "criteria": "Patient?", "channel": {"type": "rest-hook", "endpoint": url}})
        self.assertEqual(answer.status, 201, answer.text)
        id = answer.body["id"]
        wait_until("it is active", lambda: self.ask("GET", f"Subscription/{id}").body["status"] == "active")
        self.create({"resourceType": "Patient"})
        return id

    def failures(self, id):
        parameters = self.ask("GET", f"Subscription/{id}/$status").body["entry"][0]["resource"]["parameter"]
        return [json.dumps(one) for one in parameters if one["name"] == "error"]


class NotPublic(Outbound):
    def test_an_import_does_not_go_where_a_name_leads_inside(self):
        count, error = self.imported(f"{self.inside.url(NAME)}/files/secret")
        self.assertEqual(count, 0)
        self.assertIn("outbound.networks", error)
        self.assertTrue(self.inside.asked.empty())

    def test_nor_does_a_rest_hook(self):
        self.subscribe(f"{self.inside.url(NAME)}/files/hook")
        # One that may be told is told after it; by then the first was tried.
        self.subscribe(f"{self.inside.url('127.0.0.1')}/moved/hook")
        self.assertEqual(self.inside.asked.get(timeout=PATIENCE_S), "/moved/hook")
        self.assertTrue(self.inside.asked.empty() or set(self.all_asked()) == {"/moved/hook"})

    def all_asked(self):
        while not self.inside.asked.empty():
            yield self.inside.asked.get()

    def test_a_redirect_is_not_followed(self):
        count, error = self.imported(f"{self.inside.url('127.0.0.1')}/moved/file")
        self.assertEqual(count, 0)
        self.assertIn("302", error)
        self.assertEqual(list(self.all_asked()), ["/moved/file"])


class Named(Outbound):
    networks = "10.0.0.0/8 127.0.0.0/8"

    def test_a_network_that_the_operator_named_may_be_reached(self):
        self.assertEqual(self.imported(f"{self.inside.url(NAME)}/files/secret"), (1, ""))
        self.subscribe(f"{self.inside.url(NAME)}/files/hook")
        wait_until("the rest-hook is told", lambda: "/files/hook" in {self.inside.asked.get(timeout=PATIENCE_S)})


class Typing(ServerTest):
    def test_a_network_that_is_none_is_refused_at_the_start(self):
        done = subprocess.run([BINARY, "serve", "--data", str(self.place / "data"), "--http", "127.0.0.1:0", "--https", "off", "--mqtts", "off"],
                              env={**os.environ, "VIGIL_OUTBOUND_NETWORKS": "10.0.0.0/33"}, capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("10.0.0.0/33", done.stderr)


if __name__ == "__main__":
    unittest.main()
