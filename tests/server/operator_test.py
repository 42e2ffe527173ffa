"""What an operator relies on: revoked rights end at once, accounts are managed from the command line, old data goes by
rule, where a value came from is told exactly, and the server says how it does."""
import base64
import contextlib
import gzip
import hashlib
import http.client
import json
import socket
import struct
import subprocess
import time
import unittest

from ward import BINARY, PATIENCE_S, Client, Refused, ServerTest, connect_packet, publish_packet, wait_until
from websocket import WebSocket

NOT_AUTHORIZED, ADMINISTRATIVE_ACTION = 0x87, 0x98  # MQTT 5.0 2.4
POLICY_VIOLATION = 1008  # RFC 6455 7.4.1


class LiveStream(WebSocket):
    def __init__(self, server, **headers):
        super().__init__(server, "/api/live", **headers)

    def watch(self):
        """Subscribes to everyone; returns once the stream is there."""
        self.send({"type": "subscribe", "patients": "all", "metrics": "all", "waveforms": False})
        while True:
            opcode, payload = self.frame()
            if opcode == 1 and json.loads(payload)["type"] == "snapshot":
                return self

    def close_code(self):
        while True:
            opcode, payload = self.frame()
            if opcode == 8:
                return struct.unpack(">H", payload[:2])[0]


class Watched:
    """An MQTT 5 client, on the wire: Paho passes over the reason of a short DISCONNECT."""

    CONNACK, PUBACK, DISCONNECT = 0x20, 0x40, 0xE0

    def __init__(self, server, user, password):
        self.socket = socket.create_connection(("127.0.0.1", server.port("mqtt")), timeout=PATIENCE_S)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(connect_packet(user, password, version=5))
        kind, body = self.packet()
        assert kind == self.CONNACK, kind
        self.answer = body[1]

    def packet(self):
        kind, length = self.file.read(2)
        return kind, self.file.read(length)

    def publish(self, topic, message):
        self.socket.sendall(publish_packet(topic, json.dumps(message).encode(), 1, version=5))
        kind, _ = self.packet()
        assert kind == self.PUBACK, kind

    def end_reason(self):
        kind, body = self.packet()
        assert kind == self.DISCONNECT, kind
        assert self.file.read(1) == b"", "hung up after it"
        return body[0]


class OperatorTest(ServerTest):
    def start(self):
        self.server.start()
        self.server.sign_in()

    def setUp(self):
        super().setUp()
        self.make_token()

    def add_account(self, name, role="clinician", password="a long enough pass phrase"):
        self.post("/api/accounts", {"username": name, "display_name": name, "role": role, "password": password})
        return password

    def sign_in(self, name, password):
        """The session's cookie."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        connection.request("POST", "/api/session", json.dumps({"username": name, "password": password}))
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200, answer.read())
        return answer.headers["set-cookie"].split(";")[0]

    def status_with(self, cookie=None, token=None):
        return self.ask("/api/devices", **({"cookie": cookie} if cookie else {"authorization": f"Bearer {token}"}))[0]

    def ask(self, path, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


class Revocation(OperatorTest):
    def test_a_device_whose_credentials_are_revoked_is_cut_off_at_once(self):
        self.start()
        patient = self.add_patient("MRN-1")
        token = self.add_device("pump", patient)
        other_token = self.add_device("scale")
        pump, scale = Watched(self.server, "pump", token), Watched(self.server, "scale", other_token)
        pump.publish("vigil/pump/telemetry", {"heart_rate": 71})
        self.call("DELETE", "/api/devices/pump/credentials")
        self.assertEqual(pump.end_reason(), NOT_AUTHORIZED)
        self.assertNotEqual(Watched(self.server, "pump", token).answer, 0, "it may not come back")
        self.assertEqual(self.values(patient, "heart_rate"), ["71"], "its readings stay")
        scale.publish("vigil/scale/telemetry", {"body_weight": 80})  # nobody else is disturbed
        with self.assertRaises(Refused) as nothing_left:
            self.call("DELETE", "/api/devices/pump/credentials")
        self.assertEqual(nothing_left.exception.status, 409)

    def test_a_new_token_ends_the_connection_made_with_the_old_one(self):
        self.start()
        old = self.add_device("pump")
        pump = Watched(self.server, "pump", old)
        new = self.post("/api/devices/pump/credentials", {"type": "token"})["secret"]["password"]
        self.assertEqual(pump.end_reason(), ADMINISTRATIVE_ACTION)
        self.assertNotEqual(Watched(self.server, "pump", old).answer, 0)
        self.assertEqual(Watched(self.server, "pump", new).answer, 0)

    def test_a_disabled_account_has_no_session_no_stream_no_token_and_no_connection_left(self):
        self.start()
        password = self.add_account("nurse")
        cookie = self.sign_in("nurse", password)
        token = self.post("/api/accounts/nurse/tokens", {"name": "script", "scopes": ["system/*.rs"]})["token"]
        stream = LiveStream(self.server, Cookie=cookie).watch()
        token_stream = LiveStream(self.server, Authorization=f"Bearer {token}").watch()
        connection = Watched(self.server, "nurse", password)
        own = self.sign_in("admin", self.server.admin_password)
        self.call("PATCH", "/api/accounts/nurse", {"enabled": False})
        self.assertEqual(self.status_with(cookie=cookie), 401)
        self.assertEqual(self.status_with(token=token), 401)
        self.assertEqual(stream.close_code(), POLICY_VIOLATION)
        self.assertEqual(token_stream.close_code(), POLICY_VIOLATION)
        self.assertEqual(connection.end_reason(), NOT_AUTHORIZED)
        self.assertEqual(self.status_with(cookie=own), 200, "nobody else is signed out")
        self.call("PATCH", "/api/accounts/nurse", {"enabled": True})
        self.assertEqual(self.status_with(cookie=cookie), 401, "the old session does not come back")
        self.assertEqual(self.status_with(token=token), 200)

    def test_a_new_password_or_role_ends_sessions_and_a_new_name_does_not(self):
        self.start()
        password = self.add_account("nurse")
        cookie = self.sign_in("nurse", password)
        self.call("PATCH", "/api/accounts/nurse", {"display_name": "Nora Nurse"})
        self.assertEqual(self.status_with(cookie=cookie), 200)
        stream = LiveStream(self.server, Cookie=cookie).watch()
        connection = Watched(self.server, "nurse", password)
        self.call("PATCH", "/api/accounts/nurse", {"password": "another long pass phrase"})
        self.assertEqual(stream.close_code(), POLICY_VIOLATION)
        self.assertEqual(connection.end_reason(), ADMINISTRATIVE_ACTION)
        self.assertEqual(self.status_with(cookie=cookie), 401)
        cookie = self.sign_in("nurse", "another long pass phrase")
        self.call("PATCH", "/api/accounts/nurse", {"role": "engineer"})
        self.assertEqual(self.status_with(cookie=cookie), 401)

    def test_a_revoked_token_ends_with_its_stream_and_other_ways_in_stay(self):
        self.start()
        password = self.add_account("nurse")
        cookie = self.sign_in("nurse", password)
        tokens = [self.post("/api/accounts/nurse/tokens", {"name": name, "scopes": ["system/*.rs"]})["token"]
                  for name in ("first", "second")]
        stream = LiveStream(self.server, Authorization=f"Bearer {tokens[0]}").watch()
        listed = self.get("/api/accounts/nurse/tokens")["tokens"]
        self.assertEqual([(token["name"], token["scopes"], token["expires"]) for token in listed],
                         [("first", ["system/*.rs"], None), ("second", ["system/*.rs"], None)])
        self.assertNotIn(tokens[0], json.dumps(listed), "a secret is shown once")
        self.call("DELETE", f"/api/accounts/nurse/tokens/{listed[0]['id']}")
        self.assertEqual(stream.close_code(), POLICY_VIOLATION)
        self.assertEqual(self.status_with(token=tokens[0]), 401)
        self.assertEqual(self.status_with(token=tokens[1]), 200)
        self.assertEqual(self.status_with(cookie=cookie), 200)

    def test_signing_somebody_out_ends_every_session_of_theirs(self):
        self.start()
        password = self.add_account("nurse")
        cookies = [self.sign_in("nurse", password) for _ in range(2)]
        stream = LiveStream(self.server, Cookie=cookies[0]).watch()
        self.assertEqual(self.call("DELETE", "/api/accounts/nurse/sessions")["ended"], 2)
        self.assertEqual(stream.close_code(), POLICY_VIOLATION)
        self.assertEqual([self.status_with(cookie=cookie) for cookie in cookies], [401, 401])

    def test_only_administrators_change_accounts(self):
        self.start()
        self.add_account("nurse")
        reader = self.post("/api/accounts/nurse/tokens", {"name": "r", "scopes": ["system/*.cruds"]})["token"]
        for method, path, body in (("GET", "/api/accounts", None), ("PATCH", "/api/accounts/nurse", {"role": "administrator"}),
                                   ("GET", "/api/accounts/nurse/tokens", None), ("DELETE", "/api/accounts/nurse/sessions", None),
                                   ("DELETE", "/api/accounts/nurse/tokens/1", None)):
            with self.assertRaises(Refused) as refused:
                self.call(method, path, body, token=reader)
            self.assertEqual(refused.exception.status, 403, path)
        with self.assertRaises(Refused) as last_one:
            self.call("PATCH", "/api/accounts/admin", {"enabled": False})
        self.assertEqual(last_one.exception.status, 409)


class Accounts(OperatorTest):
    def vigil(self, *words, stdin=""):
        done = subprocess.run([BINARY, *words, "--data", self.server.folder], input=stdin, capture_output=True, text=True,
                              timeout=PATIENCE_S)
        return done.returncode, done.stdout + done.stderr

    def test_people_are_managed_from_the_command_line(self):
        for word in ("account", "user"):  # one thing, two names
            name = f"nurse-{word}"
            self.assertEqual(self.vigil(word, "add", name, "--role", "clinician", stdin="a long enough pass phrase\n")[0], 0)
            self.assertRegex(self.vigil(word, "list")[1], rf"{name} +clinician +enabled")
            self.assertEqual(self.vigil(word, "change", name, "--role", "engineer")[0], 0)
            self.assertEqual(self.vigil(word, "disable", name)[0], 0)
            self.assertRegex(self.vigil(word, "list")[1], rf"{name} +engineer +disabled")
            self.assertEqual(self.vigil(word, "enable", name)[0], 0)
            self.assertEqual(self.vigil(word, "token", name, "--name", "script", "--scope", "system/*.rs")[0], 0)
            status, text = self.vigil(word, "tokens", name)
            self.assertEqual(status, 0)
            number = next(line.split()[0] for line in text.splitlines() if "script" in line)
            self.assertEqual(self.vigil(word, "revoke", name, number)[0], 0)
            self.assertRegex(self.vigil(word, "tokens", name)[1], "(?m)^0 tokens$")
            self.assertEqual(self.vigil(word, "revoke", name, number)[0], 4)
            self.assertEqual(self.vigil(word, "password", name, stdin="another long pass phrase\n")[0], 0)
            self.assertEqual(self.vigil(word, "password", name, stdin="short\n")[0], 3)
        self.start()
        self.sign_in("nurse-user", "another long pass phrase")

    def test_a_device_gets_a_new_credential_and_loses_it(self):
        self.server.command("device", "add", "pump")
        first = self.server.command("device", "credential", "pump")["secret"]["password"]
        second = self.server.command("device", "credential", "pump", "--token")["secret"]["password"]
        self.assertNotEqual(first, second)
        self.assertEqual(self.server.command("device", "revoke", "pump")["credential"], "none")
        self.assertEqual(self.vigil("device", "revoke", "pump")[0], 5)
        self.assertEqual(self.vigil("device", "revoke", "nobody")[0], 4)


class Provenance(OperatorTest):
    def test_each_value_leads_to_its_own_message_also_where_times_are_the_same(self):
        self.start()
        patient = self.add_patient("MRN-1")
        monitor = Client(self.server, "monitor", self.add_device("monitor", patient)).connect()
        now = int(time.time() * 1000)
        sent = [{"heart_rate": 70, "spo2": 97, "ts": now}, {"heart_rate": 71, "ts": now}, {"spo2": 98, "heart_rate": 72, "ts": now},
                {"heart_rate": 70, "ts": now + 1000}]
        for message in sent:
            monitor.publish("vigil/monitor/telemetry", message)
        for reading in self.raw(patient, "heart_rate"):
            query = "&".join(f"{name}={reading[name]}" for name in ("device", "metric", "channel", "sequence", "value"))
            found = self.get(f"/api/messages?at={reading['filed_time']}&{query}")
            told = json.loads(base64.b64decode(found["bytes"]))
            self.assertEqual(str(told["heart_rate"]), reading["value"])
            self.assertEqual(found["receive_time"][:19], reading["receive_time"][:19])
            by_position = self.get(f"/api/messages?position={found['position']}")
            self.assertEqual(by_position["bytes"], found["bytes"])
        reading = self.raw(patient, "heart_rate")[0]
        with self.assertRaises(Refused) as several:
            self.get(f"/api/messages?device=monitor&metric=heart_rate&at={reading['filed_time']}")
        self.assertEqual(several.exception.status, 409)

    def test_a_value_read_out_of_quarantine_leads_to_what_was_quarantined(self):
        self.start()
        patient = self.add_patient("MRN-1")
        gateway = Client(self.server, "gateway", self.add_device("gateway")).connect()
        payload = json.dumps({"heart_rate": 64, "ts": int(time.time() * 1000)})
        gateway.publish("vigil/gateway/sub/sensor/telemetry", payload)
        (item,) = wait_until("it is in quarantine", lambda: self.get("/api/quarantine")["items"])
        self.add_device("sensor", patient, gateway="gateway")
        self.post(f"/api/quarantine/{item['id']}/replay")
        (reading,) = wait_until("it was read", lambda: self.raw(patient, "heart_rate"))
        found = self.get(f"/api/messages?device=sensor&metric=heart_rate&at={reading['filed_time']}&value=64")
        self.assertEqual(base64.b64decode(found["bytes"]).decode(), payload)


class Retention(OperatorTest):
    def setUp(self):
        super().setUp()
        self.config = self.place / "vigil.toml"
        self.server.options = ("--config", str(self.config))

    def test_the_raw_message_goes_its_digest_and_its_reading_stay_and_then_the_entry_goes(self):
        self.config.write_text('[retention]\nraw = "1s"\nlog = "1h"\n[store]\nflush_interval = "1s"\n')
        self.start()
        patient = self.add_patient("MRN-1")
        monitor = Client(self.server, "monitor", self.add_device("monitor", patient)).connect()
        payload = json.dumps({"heart_rate": 70})
        monitor.publish("vigil/monitor/telemetry", payload)
        (reading,) = self.raw(patient, "heart_rate")
        address = f"/api/messages?device=monitor&metric=heart_rate&at={reading['filed_time']}&value=70"
        gone = wait_until("the raw message goes", lambda: (lambda it: it if it["bytes"] is None else None)(self.get(address)))
        self.assertEqual(gone["sha256"], hashlib.sha256(payload.encode()).hexdigest())
        self.assertEqual(gone["size"], len(payload))
        self.assertEqual(self.values(patient, "heart_rate"), ["70"])
        self.assertTrue(self.post("/api/verify")["sound"])

        monitor.close()
        self.assertEqual(self.server.stop(), 0)
        self.config.write_text('[retention]\nlog = "1s"\n[store]\nflush_interval = "1s"\n')
        self.start()

        def status_of_message():
            with contextlib.suppress(Refused):
                self.add_patient(f"MRN-{time.time()}")  # the newest commit always stays
                self.get(address)
                return None
            return True
        wait_until("the entry goes", status_of_message)
        self.assertEqual(self.values(patient, "heart_rate"), ["70"])
        self.assertTrue(self.post("/api/verify")["sound"])
        self.server.kill()
        self.start()
        self.assertEqual(self.values(patient, "heart_rate"), ["70"])
        self.assertEqual(self.get("/api/devices/monitor")["device"]["patient"], patient,
                         "who is on what outlives the entries that said so")

    def test_a_sites_own_metric_keeps_its_meaning_whatever_becomes_of_the_configuration(self):
        def configure(*keys):
            self.config.write_text("".join(f'[[metric]]\nkey = "{key}"\nunit = "1"\n' for key in keys))
        configure("noise", "draught")
        self.start()
        patient = self.add_patient("MRN-1")
        token = self.add_device("monitor", patient)
        monitor = Client(self.server, "monitor", token).connect()
        monitor.publish("vigil/monitor/telemetry", {"noise": 41, "draught": 3})
        monitor.close()
        self.assertEqual(self.server.stop(), 0)
        configure("glare", "draught")
        self.start()
        self.assertEqual(self.values(patient, "noise"), ["41"], "readable, though nobody configures it any more")
        self.assertEqual(self.values(patient, "draught"), ["3"])
        self.assertEqual(self.values(patient, "glare"), [])


class Measures(OperatorTest):
    def test_prometheus_reads_metrics_on_this_machine(self):
        self.start()
        patient = self.add_patient("MRN-1")
        monitor = Client(self.server, "monitor-7", self.add_device("monitor-7", patient)).connect()
        for beat in range(3):
            monitor.publish("vigil/monitor-7/telemetry", {"heart_rate": 70 + beat})
        Client(self.server, "monitor-7", "wrong").connect().close()

        def metrics():
            status, headers, body = self.ask("/metrics")
            self.assertEqual((status, headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
            lines = body.decode().splitlines()
            return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}

        found = wait_until("it counts", lambda: (lambda it: it if it["vigil_messages_total"] == 3 else None)(metrics()))
        self.assertEqual(found["vigil_readings_total"], 3)
        self.assertEqual(found['vigil_connections{protocol="mqtt"}'], 1)
        self.assertEqual(found['vigil_sign_ins_refused_total{way="mqtt"}'], 1)
        self.assertGreaterEqual(found["vigil_commit_latency_seconds_count"], 1)
        self.assertEqual(found['vigil_commit_latency_seconds_bucket{le="+Inf"}'], found["vigil_commit_latency_seconds_count"])
        self.assertGreater(found["process_resident_memory_bytes"], 1e6)
        self.assertGreater(found['vigil_consumer_lag_entries{consumer="series"}'], 0, "readings are in memory until the flush")
        for text in ("MRN-1", "monitor-7"):
            self.assertNotIn(text, "\n".join(found), "labels name no patient and no device")
        self.assertEqual(self.ask("/metrics", x_forwarded_for="192.0.2.7")[0], 403, "a proxy speaks for others")
        self.assertEqual(self.ask("/metrics", method="POST")[0], 405)

    def test_metrics_can_ask_for_a_token(self):
        config = self.place / "vigil.toml"
        config.write_text('[metrics]\ntoken = "see me"\n')
        self.server.options = ("--config", str(config))
        self.start()
        self.assertEqual(self.ask("/metrics")[0], 403)
        self.assertEqual(self.ask("/metrics", authorization="Bearer see you")[0], 403)
        self.assertEqual(self.ask("/metrics", authorization="Bearer see me")[0], 200)

    def test_lag_is_the_age_of_the_oldest_entry_that_a_consumer_has_not_applied(self):
        self.start()
        self.add_device("monitor")
        began = time.monotonic()
        Client(self.server, "monitor", self.post("/api/devices/monitor/credentials", {"type": "token"})["secret"]["password"]
               ).connect().publish("vigil/monitor/telemetry", {"heart_rate": 70})

        def lag():
            consumers = {each["name"]: each for each in self.get("/api/status")["consumers"]}
            return consumers["series"]["lag_s"]
        first = wait_until("there is a lag", lag)
        self.assertLessEqual(first, time.monotonic() - began + 5)
        wait_until("it grows as time passes", lambda: lag() > first)


class Compression(OperatorTest):
    def test_answers_are_packed_for_who_can_read_it_and_say_the_same(self):
        self.start()
        patient = self.add_patient("MRN-1")
        monitor = Client(self.server, "monitor", self.add_device("monitor", patient)).connect()
        for beat in range(60):
            monitor.publish("vigil/monitor/telemetry", {"heart_rate": 40 + beat})
        mine = {"authorization": f"Bearer {self.token}"}
        for path in (f"/api/series/raw?patient={patient}&metric=heart_rate&to=2100-01-01T00:00:00Z",
                     f"/api/series/raw?patient={patient}&metric=heart_rate&format=csv&to=2100-01-01T00:00:00Z", "/api/catalogue"):
            _, plain_headers, plain = self.ask(path, **mine)
            self.assertIsNone(plain_headers["content-encoding"])
            _, headers, packed = self.ask(path, accept_encoding="gzip", **mine)
            self.assertEqual(headers["content-encoding"], "gzip", path)
            self.assertIn("accept-encoding", headers["vary"])
            self.assertLess(len(packed), len(plain) / 2)
            self.assertEqual(gzip.decompress(packed), plain, path)
        status, headers, _ = self.ask("/api/catalogue", accept_encoding="gzip", if_none_match=headers["etag"], **mine)
        self.assertEqual(status, 304)

    def test_an_answer_that_may_hold_a_secret_is_never_packed(self):
        self.start()
        self.add_device("pump")
        status, headers, body = self.ask("/api/devices/pump/credentials", "POST", '{"type": "certificate"}',
                                         authorization=f"Bearer {self.token}", accept_encoding="gzip")
        self.assertEqual(status, 201)
        self.assertGreater(len(body), 2000)
        self.assertIsNone(headers["content-encoding"])
        _, headers, _ = self.ask("/api/session", cookie=self.sign_in("admin", self.server.admin_password), accept_encoding="gzip")
        self.assertIsNone(headers["content-encoding"])


if __name__ == "__main__":
    unittest.main()
