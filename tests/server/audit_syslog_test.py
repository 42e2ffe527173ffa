"""The audit at a syslog collector: every line, in order, without a gap, whatever breaks; and nothing to whom the site does not know."""
import http.client
import os
import re
import subprocess
import threading
import xml.etree.ElementTree as ET

from syslog_collector import Authority, Collector
from ward import BINARY, Refused, ServerTest, wait_until

HEADER = re.compile(rb"<8[45]>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z \S+ vigil \d+ IHE\+RFC-3881 - \xef\xbb\xbf(?=<\?xml)")
HOSTILE = "\"/><AuditMessage x='1'>&é\u2028]]>"


def parsed(message):
    header = HEADER.match(message)
    if not header:
        raise AssertionError(message[:200])
    return ET.fromstring(message[header.end():].decode())


def number_of(message):
    """Of the line that it is about."""
    found = [each.get("ParticipantObjectID") for each in parsed(message).findall("ParticipantObjectIdentification")
             if each.get("ParticipantObjectTypeCodeRole") == "13"]
    return int(found[0].rsplit("/AuditEvent/a", 1)[1])


class CollectorTest(ServerTest):
    client_ca = False

    def setUp(self):
        super().setUp()
        self.authority = Authority(self.place / "ca")
        certificate = self.authority.certificate("collector", "DNS:localhost")
        self.collector = Collector(certificate, self.authority.path if self.client_ca else None)
        self.addCleanup(self.collector.close)
        self.configure()
        self.make_token()

    def configure(self, **more):
        keys = {"syslog": f"localhost:{self.collector.port}", "syslog_ca": self.authority.path} | more
        (self.place / "site.toml").write_text("[audit]\n" + "".join(f'{key} = "{value}"\n' for key, value in keys.items()))
        self.server.options = ("--config", str(self.place / "site.toml"))

    def syslog(self):
        return self.get("/api/status")["audit"]["syslog"]

    def work(self, times=20):
        for number in range(times):
            self.get(f"/api/patients?q={number}")

    def newest(self):
        return self.get("/api/audit?limit=1")["lines"][0]["number"]

    def numbers(self):
        return [[number_of(message) for message in messages] for messages in self.collector.messages()]

    def has_all_up_to(self, line):
        return lambda: line in {number for each in self.numbers() for number in each}

    def assert_in_order_without_a_gap(self, last):
        """Each connection begins where all before it is known, and goes on line by line."""
        known = 0
        for numbers in self.numbers():
            if not numbers:
                continue
            self.assertLessEqual(numbers[0], known + 1, "a gap")
            self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
            known = max(known, numbers[-1])
        self.assertGreaterEqual(known, last)


class AuditSyslog(CollectorTest):
    def test_every_line_arrives_as_a_message_of_its_own(self):
        self.server.start()
        self.post("/api/accounts", {"username": "nia", "role": "nurse", "password": "a long enough password"})
        token = self.post("/api/accounts/nia/tokens", {"name": HOSTILE, "scopes": ["system/*.cruds"]})["token"]
        patient = self.add_patient("MRN-1")
        with self.assertRaises(Refused):
            self.call("GET", f"/api/patients/{patient}", token=token)
        wait_until("all arrive", self.has_all_up_to(self.newest()))
        lines = {line["number"]: line for line in self.get("/api/audit?limit=1000")["lines"]}
        for message in [each for messages in self.collector.messages() for each in messages]:
            event, line = parsed(message), lines[number_of(message)]
            said = event.find("EventIdentification")
            self.assertEqual(said.get("EventOutcomeIndicator"), "0" if line["permitted"] else "8")
            self.assertEqual(said.get("EventDateTime")[:19], line["time"][:19])
            users = [each.get("UserID") for each in event.findall("ActiveParticipant") if each.get("UserIsRequestor") == "true"]
            self.assertEqual(users, [line["who"]] if line["who"] else users)
            self.assertEqual({each.get("ParticipantObjectID") for each in event.findall("ParticipantObjectIdentification")
                              if each.get("ParticipantObjectTypeCode") == "1"}, set(line["patients"]) - {"0"})
        denied = next(message for messages in self.collector.messages() for message in messages if message.startswith(b"<84>"))
        event = parsed(denied)
        self.assertEqual(event.find("EventIdentification/EventOutcomeDescription").text, "this patient is not in your care")
        self.assertEqual(event.find("EventIdentification/PurposeOfUse").get("csd-code"), "TREAT")
        self.assertEqual(event.findall("ActiveParticipant")[0].get("UserID"), HOSTILE)

    def test_cut_off_killed_and_restarted_no_line_is_lost_and_none_is_out_of_order(self):
        self.collector.cut_after = 20_000
        self.server.start()
        ended = threading.Event()

        def busy():
            while not ended.is_set():
                try:
                    self.work(1)
                except (OSError, Refused, http.client.HTTPException):
                    pass

        worker = threading.Thread(target=busy)
        worker.start()
        wait_until("it is cut off twice", lambda: len(self.collector.connections) >= 2)
        self.collector.close()
        lines = self.lines_of_audit()
        wait_until("the ward goes on", lambda: self.lines_of_audit() > lines + 50)
        self.server.kill()
        self.collector.cut_after = None
        self.collector.open()
        self.server.start()
        wait_until("it is there again", lambda: len(self.collector.connections) >= 3)
        self.server.kill()
        self.server.start()
        ended.set()
        worker.join()
        last = self.newest()
        wait_until("all arrive", self.has_all_up_to(last))
        self.assert_in_order_without_a_gap(last)

    def test_what_was_received_is_not_sent_again_after_an_orderly_stop(self):
        self.server.start()
        self.work()
        before = self.newest()
        wait_until("all arrive", self.has_all_up_to(before))
        self.work(5)
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.work(3)
        wait_until("new lines arrive", self.has_all_up_to(self.newest()))
        numbers = [number for each in self.numbers() for number in each]
        self.assertEqual(numbers, sorted(set(numbers)), "none twice")
        wait_until("it is known", lambda: self.syslog()["received"] > before)
        self.assertEqual((self.syslog()["problem"], self.syslog()["failures"]), (None, 0))

    def test_a_collector_of_another_authority_is_told_nothing_and_the_lag_shows(self):
        self.configure(syslog_ca=Authority(self.place / "other").path)
        self.server.start()
        self.work()
        wait_until("the status says so", lambda: "not trusted" in (self.syslog()["problem"] or ""))
        status = self.syslog()
        self.assertEqual((status["collector"], status["received"], status["connected"]), (f"localhost:{self.collector.port}", 0, False))
        self.assertGreater(status["lag_lines"], 20)
        self.assertGreater(status["lag_s"], 0)
        self.assertRegex(self.call("GET", "/metrics"), r"(?m)^vigil_audit_syslog_lag_lines [1-9]")
        self.assertEqual(self.collector.messages(), [])
        self.assertIn("the audit does not get to", self.server.errors())

    def test_a_collector_of_another_name_is_told_nothing(self):
        self.configure(syslog_name="collector.example")
        self.server.start()
        self.work()
        wait_until("the status says so", lambda: "not trusted" in (self.syslog()["problem"] or ""))
        self.assertEqual([messages for messages in self.collector.messages() if messages], [])


class OwnCertificate(CollectorTest):
    client_ca = True

    def test_the_server_shows_its_own_where_the_collector_asks_for_one(self):
        certificate, key = self.authority.certificate("ward", "DNS:ward.example")
        self.configure(syslog_certificate=certificate, syslog_key=key)
        self.server.start()
        self.work()
        wait_until("all arrive", self.has_all_up_to(self.newest()))
        self.assertEqual(dict(self.collector.connections[0].shown["subjectAltName"]), {"DNS": "ward.example"})


class Typing(ServerTest):
    def test_what_makes_no_sense_is_refused_at_the_start(self):
        for key, value, said in (("SYSLOG", "udp://collector:514", "no syslog over plain TCP or UDP"), ("SYSLOG", "collector:0", "HOST:PORT"),
                                 ("SYSLOG_CA", "ca.pem", "audit.syslog, which says where to, is missing")):
            done = subprocess.run([BINARY, "serve", "--data", str(self.place / "data"), "--http", "127.0.0.1:0", "--https", "off", "--mqtts", "off"],
                                  env={**os.environ, f"VIGIL_AUDIT_{key}": value}, capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(said, done.stderr)
