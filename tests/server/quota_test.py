"""One who asks too much is told when to come back, and takes nothing from anybody else."""
import json
import socket
import unittest

from ward import PATIENCE_S, ServerTest, wait_until
from wire import Wire, request

BURST = 20
CONNECTIONS = 12


class Quota(ServerTest):
    def setUp(self):
        super().setUp()
        config = self.place / "vigil.toml"
        # So slow that what is used up stays so for the time of a test.
        config.write_text(f"[http]\nrequests_per_second = 1\nburst = {BURST}\nconnections_per_address_max = {CONNECTIONS}\n")
        self.server.options = ("--config", str(config))
        self.make_token()
        self.other = self.server.command("account", "token", "admin", "--name", "other", "--scope", "system/*.rs")["token"]
        self.server.start()

    def ask(self, wire, path, *fields):
        return wire.send(request("GET", path, fields)).answer()

    def until_refused(self, path, *fields):
        """How many were answered, and the refusal."""
        with Wire(self.server.port("http")) as wire:
            for count in range(3 * BURST):
                status, answer, body = self.ask(wire, path, *fields)
                if status == 429:
                    return count, answer, json.loads(body)
        self.fail("never refused")

    def bearer(self, token):
        return f"Authorization: Bearer {token}"

    def test_a_token_that_asks_too_much_waits_and_no_other_does(self):
        count, fields, body = self.until_refused("/api/patients", self.bearer(self.token))
        self.assertGreaterEqual(count, BURST)
        self.assertLess(count, 2 * BURST)
        self.assertEqual(fields["retry-after"], ["1"])
        self.assertEqual(body["error"]["kind"], "busy")
        with Wire(self.server.port("http")) as wire:
            self.assertEqual(self.ask(wire, "/api/patients", self.bearer(self.other))[0], 200)
            # The pages and the measures are not work that is asked for.
            self.assertNotEqual(self.ask(wire, "/", self.bearer(self.token))[0], 429)
        wait_until("it is counted", lambda: self.counted() >= 1)
        wait_until("it may ask again", lambda: self.once(self.token) == 200)

    def counted(self):
        with Wire(self.server.port("http")) as wire:
            status, _, text = self.ask(wire, "/metrics")
        self.assertEqual(status, 200)
        line = next(line for line in text.decode().splitlines() if line.startswith("vigil_http_requests_over_quota_total"))
        return float(line.split()[1])

    def once(self, token):
        with Wire(self.server.port("http")) as wire:
            return self.ask(wire, "/api/patients", self.bearer(token))[0]

    def test_fhir_says_so_in_an_outcome(self):
        _, fields, body = self.until_refused("/fhir/Patient", self.bearer(self.token))
        self.assertEqual(body["resourceType"], "OperationOutcome")
        self.assertEqual(body["issue"][0]["code"], "throttled")
        self.assertEqual(fields["retry-after"], ["1"])

    def test_a_made_up_credential_has_a_bucket_too_and_other_fields_give_no_second_one(self):
        count, _, _ = self.until_refused("/api/patients", self.bearer("vgl_made_up"))
        self.assertLess(count, 2 * BURST)
        body = json.dumps({"username": "admin", "password": self.server.admin_password})
        with Wire(self.server.port("http")) as wire:
            _, fields, _ = wire.send(request("POST", "/api/session", ["Content-Type: application/json"], body)).answer()
            cookie = fields["set-cookie"][0].split(";")[0]
            statuses = {self.ask(wire, "/api/patients", f"Cookie: more={number}; {cookie}", f"Authorization: Basic {number}")[0]
                        for number in range(2 * BURST)}
        self.assertEqual(statuses, {200, 429})

    def test_a_websocket_is_asked_for_like_anything_else(self):
        self.until_refused("/api/patients", self.bearer(self.token))
        with Wire(self.server.port("http")) as wire:
            status, _, _ = self.ask(wire, "/api/live", self.bearer(self.token), "Upgrade: websocket", "Connection: Upgrade",
                                    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")
        self.assertEqual(status, 429)

    def test_connections_from_one_address_are_bounded(self):
        links = []
        for _ in range(CONNECTIONS):
            links.append(socket.create_connection(("127.0.0.1", self.server.port("http")), timeout=PATIENCE_S))
            self.addCleanup(links[-1].close)
        for link in links:
            link.sendall(request("GET", "/metrics"))
            self.assertTrue(link.recv(12).startswith(b"HTTP/1.1"))
        with Wire(self.server.port("http")) as one_more:
            self.assertEqual(one_more.until_closed(), b"")
        links[0].close()
        wait_until("there is room again", self.is_answered)

    def is_answered(self):
        try:
            with Wire(self.server.port("http")) as wire:
                return self.ask(wire, "/metrics")[0] == 200
        except ConnectionError:
            return False


if __name__ == "__main__":
    unittest.main()
