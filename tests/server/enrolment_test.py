#!/usr/bin/python3
"""Devices enrol by one-time codes and renew their certificates over EST, as openssl and curl do it, and the
simulator; what is not in order gets nothing; whoever is revoked is out at once."""
import base64
import json
import pathlib
import re
import socket
import ssl
import subprocess
import unittest

from ward import BINARY, PATIENCE_S, Client, Refused, Server, ServerTest, packet, text, wait_until

EST = "/.well-known/est"


class TlsServer(Server):
    listeners = {"http": "127.0.0.1:0", "https": "127.0.0.1:0", "mqtt": "off", "mqtts": "127.0.0.1:0"}


def openssl(*words, stdin=b""):
    done = subprocess.run(["openssl", *words], input=stdin, capture_output=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class EnrolmentTest(ServerTest):
    server_class = TlsServer
    config = ""

    def setUp(self):
        super().setUp()
        (self.place / "vigil.toml").write_text(self.config)
        self.server.options = ("--config", str(self.place / "vigil.toml"))
        self.make_token()
        self.server.start()
        self.authority = self.server.folder + "/vigil-ca.pem"

    def offer(self, device, **more):
        return self.post(f"/api/devices/{device}/enrolment", more)["code"]

    def request(self, name, *more, kind=("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")):
        """A key in NAME.key, and its request, in base64."""
        return base64.b64encode(openssl("req", "-new", "-newkey", *kind, "-nodes", "-keyout", str(self.place / f"{name}.key"),
                                        "-subj", f"/CN={name}", "-outform", "DER", *more))

    def curl(self, operation, *more, body=None, port="https"):
        """Status and body."""
        sent = ("--header", "Content-Type: application/pkcs10", "--data-binary", "@-") if body is not None else ()
        done = subprocess.run(["curl", "--silent", "--show-error", "--cacert", self.authority, "--max-time", str(PATIENCE_S),
                               "--write-out", "\n%{http_code}", *sent, *more,
                               f"https://localhost:{self.server.port(port)}{EST}{operation}"],
                              input=body, capture_output=True, timeout=PATIENCE_S + 5)
        if done.returncode != 0:
            return 0, done.stderr.decode()
        text, status = done.stdout.decode().rsplit("\n", 1)
        return int(status), text

    def enrol(self, device, code, body, **more):
        return self.curl("/simpleenroll", "--user", f"{device}:{code}", body=body, **more)

    def renew(self, device, body, certificate=None, port="mqtts"):
        certificate, key = self.files(certificate or device)
        return self.curl("/simplereenroll", "--cert", certificate, "--key", key, body=body, port=port)

    def keep(self, name, answer):
        """The certificate of an answer, in NAME.crt; as text."""
        status, words = answer
        self.assertEqual(status, 200, words)
        pem = openssl("pkcs7", "-inform", "DER", "-print_certs", stdin=base64.b64decode(words))
        (self.place / f"{name}.crt").write_bytes(pem)
        return openssl("x509", "-noout", "-text", stdin=pem).decode()

    def enrolled(self, device):
        self.add_device(device, credential="enrolment")
        return self.keep(device, self.enrol(device, self.offer(device), self.request(device)))

    def files(self, name):
        return str(self.place / f"{name}.crt"), str(self.place / f"{name}.key")

    def lets_in(self, device, name=None):
        """Whether MQTT takes the certificate, shown without a name."""
        context = ssl.create_default_context(cafile=self.authority)
        context.load_cert_chain(*self.files(name or device))
        try:
            with socket.create_connection(("127.0.0.1", self.server.port("mqtts")), timeout=PATIENCE_S) as plain, \
                    context.wrap_socket(plain, server_hostname="127.0.0.1") as wire:
                wire.sendall(packet(0x10, text("MQTT") + bytes([4, 2, 0, 60]) + text(device)))
                return wire.recv(4) == b"\x20\x02\x00\x00"
        except (ssl.SSLError, ConnectionError):
            return False

    def connect(self, device, name=None):
        client = Client(self.server, None, None, client_id=device)
        client.client.tls_set(self.authority, *self.files(name or device))
        self.addCleanup(client.close)
        client.connect(port=self.server.port("mqtts"))
        self.assertEqual(client.answer, 0)
        return client

    def add_device(self, name, patient=None, **more):
        return self.post("/api/devices", {"id": name, **more})["secret"]

    def certificates(self, device):
        return self.get(f"/api/devices/{device}/certificates")["certificates"]


class Enrolling(EnrolmentTest):
    def test_a_device_enrols_publishes_renews_and_is_revoked(self):
        shown = self.enrolled("monitor-1")
        self.assertIn("Subject: CN = monitor-1", shown)
        self.assertIn("URI:urn:vigil:device:monitor-1", shown)
        self.assertIn("TLS Web Client Authentication", shown)
        patient = self.add_patient("MRN-1")
        self.post("/api/devices/monitor-1/attach", {"patient": patient, "from": "2026-01-01T00:00:00Z"})
        first = self.connect("monitor-1")
        first.publish("vigil/monitor-1/telemetry", {"heart_rate": 72})
        self.assertEqual(self.values(patient, "heart_rate"), ["72"])

        self.keep("renewed", self.renew("monitor-1", self.request("renewed")))
        self.assertEqual(sorted(each["state"] for each in self.certificates("monitor-1")), ["good", "good"])
        self.assertEqual(self.get("/api/devices/monitor-1")["device"]["certificate"]["origin"], "renewed")
        second = self.connect("monitor-1", "renewed")
        second.publish("vigil/monitor-1/telemetry", {"heart_rate": 73})

        self.call("DELETE", "/api/devices/monitor-1/credentials")
        wait_until("the open connection is cut", lambda: not second.client.is_connected())
        for name in ("monitor-1", "renewed"):
            self.assertFalse(self.lets_in("monitor-1", name), name)
            answer = self.renew("monitor-1", self.request("again"), certificate=name)
            self.assertEqual(answer, (403, "the certificate was revoked or is not known\n"))
        self.server.kill()
        self.server.start()
        self.assertFalse(self.lets_in("monitor-1", "renewed"), "a restart does not forgive")

    def test_a_code_is_one_devices_once_for_a_while_and_can_be_taken_back(self):
        self.add_device("a", credential="enrolment")
        self.add_device("b", credential="enrolment")
        body = self.request("a")
        code = self.offer("a")
        wrong = self.enrol("a", "0000-0000-0000-0000-0000", body)
        self.assertEqual(wrong, (401, "the device or its code is not valid\n"))
        self.assertEqual(self.enrol("b", code, body), wrong)
        self.assertEqual(self.enrol("nobody", code, body), wrong)
        self.keep("a", self.enrol("a", code.lower().replace("-", " "), body))
        self.assertEqual(self.enrol("a", code, body), wrong, "used")
        self.assertEqual(self.enrol("a", self.offer("a"), body)[0], 200)
        code = self.offer("b", good_for_s=1)
        wait_until("the code has expired", lambda: self.get("/api/devices/b")["device"]["enrolment"] is None)
        self.assertEqual(self.enrol("b", code, body), wrong)
        code = self.offer("b")
        self.call("DELETE", "/api/devices/b/enrolment")
        self.assertEqual(self.enrol("b", code, body), wrong)
        for file in (self.place / "data").glob("*.db*"):
            self.assertNotIn(code.replace("-", "").encode(), file.read_bytes(), file)

    def test_a_code_lives_through_a_restart(self):
        self.add_device("a", credential="enrolment")
        code = self.offer("a")
        self.server.kill()
        self.server.start()
        self.keep("a", self.enrol("a", code, self.request("a")))
        self.assertTrue(self.lets_in("a"))

    def test_guesses_have_to_wait_and_do_not_use_the_code_up(self):
        self.add_device("a", credential="enrolment")
        code = self.offer("a")
        body = self.request("a")
        answers = [self.enrol("a", "nonsense", body)[0]]
        while answers[-1] == 401 and len(answers) < 15:
            answers.append(self.enrol("a", "nonsense", body)[0])
        self.assertEqual(set(answers[:5]), {401})
        self.assertEqual(answers[-1], 429)
        listed = self.get("/api/devices/a/certificates")
        self.assertEqual(listed["enrolment"]["wrong_tries"], 0)
        status = wait_until("the wait is over", lambda: (found := self.enrol("a", code, body))[0] == 200 and found)
        self.assertEqual(status[0], 200)

    def test_what_is_no_request_is_told_so_and_uses_nothing_up(self):
        self.add_device("a", credential="enrolment")
        code = self.offer("a")
        good = self.request("a")
        broken = bytearray(base64.b64decode(good))
        broken[-1] ^= 1
        for body, status, saying in (
                (b"nonsense!", 400, "base64"), (b"MIIB", 400, "certification request"),
                (base64.b64encode(broken), 400, "."),
                (self.request("small", kind=("rsa:512",)), 400, "P-256"),
                (self.request("large", kind=("rsa:2048",)), 400, "P-256"),
                (self.request("odd", kind=("ec", "-pkeyopt", "ec_paramgen_curve:secp256k1")), 400, "P-256"),
                (b"A" * 30_000, 413, "8 KiB")):
            found = self.enrol("a", code, body)
            self.assertEqual(found[0], status, found)
            self.assertRegex(found[1], saying)
        shown = self.keep("a", self.enrol("a", code, self.request(
            "b", "-addext", "subjectAltName=URI:urn:vigil:device:b,DNS:vigil.example", "-addext",
            "basicConstraints=critical,CA:TRUE", "-addext", "extendedKeyUsage=serverAuth")))
        self.assertIn("Subject: CN = a\n", shown)
        self.assertIn("CA:FALSE", shown)
        for smuggled in ("urn:vigil:device:b", "vigil.example", "Server Authentication"):
            self.assertNotIn(smuggled, shown)

    def test_whom_to_trust_and_what_to_send_is_told_to_anybody(self):
        status, text = self.curl("/cacerts")
        self.assertEqual(status, 200)
        pem = openssl("pkcs7", "-inform", "DER", "-print_certs", stdin=base64.b64decode(text)).decode()
        body = re.compile(r"-----BEGIN.*-----END CERTIFICATE-----", re.DOTALL)
        self.assertEqual(body.search(pem)[0], body.search(pathlib.Path(self.authority).read_text())[0])
        parsed = openssl("asn1parse", "-inform", "DER", stdin=base64.b64decode(self.curl("/csrattrs")[1])).decode()
        for name in ("id-ecPublicKey", "prime256v1", "ecdsa-with-SHA256"):
            self.assertIn(name, parsed)
        self.assertEqual(self.curl("/serverkeygen", body=b"")[0], 404)

    def test_no_page_is_asked_for_a_certificate_and_no_request_is_taken_in_clear(self):
        def hello(port, *alpn):
            return openssl("s_client", "-connect", f"localhost:{self.server.port(port)}", "-CAfile", self.authority,
                           "-verify_return_error", *alpn, stdin=b"").decode()

        self.assertIn("No client certificate CA names sent", hello("https", "-alpn", "http/1.1"))
        self.assertIn("Acceptable client certificate CA names", hello("mqtts", "-alpn", "http/1.1"))
        self.assertIn("ALPN protocol: http/1.1", hello("mqtts", "-alpn", "h2,http/1.1"))
        self.assertIn("ALPN protocol: mqtt", hello("mqtts", "-alpn", "mqtt"))
        with self.assertRaises(Refused) as refused:
            self.get(EST + "/cacerts")  # over plain HTTP
        self.assertEqual(refused.exception.status, 403)
        done = subprocess.run(["curl", "--silent", "--cacert", self.authority, "--write-out", "%{http_code}",
                               f"https://localhost:{self.server.port('mqtts')}/api/status"], capture_output=True, text=True)
        self.assertTrue(done.stdout.endswith("404"), "EST, and nothing else: " + done.stdout)

    def test_a_certificate_is_shown_where_it_is_asked_for(self):
        self.enrolled("a")
        status, words = self.renew("a", self.request("b"), port="https")
        self.assertEqual(status, 403)
        self.assertIn("MQTT over TLS", words)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=a",
                "-keyout", str(self.place / "self.key"), "-out", str(self.place / "self.crt"))
        status, words = self.renew("a", self.request("b"), certificate="self")
        self.assertEqual(status, 0, "TLS itself refuses what this authority did not sign")
        self.assertRegex(words, "alert|unknown ca|SSL")

    def test_a_lost_answer_is_made_good_and_leaves_nothing_over(self):
        self.enrolled("a")
        self.keep("lost", self.renew("a", self.request("lost")))
        self.keep("second", self.renew("a", self.request("second")))
        self.assertFalse(self.lets_in("a", "lost"))
        self.assertTrue(self.lets_in("a", "second"))
        self.keep("third", self.renew("a", self.request("third"), certificate="second"))
        self.assertFalse(self.lets_in("a"), "it has shown that it holds the second")
        self.assertEqual(sorted(each["state"] for each in self.certificates("a")), ["good", "good", "revoked", "revoked"])

    def test_the_command_line_offers_and_takes_back(self):
        options = ("--server", self.server.url(""), "--api-token", self.token)

        def vigil(*words):
            return subprocess.run([BINARY, *words, *options], capture_output=True, text=True, timeout=PATIENCE_S)

        added = vigil("device", "add", "pump-1", "--enrol")
        self.assertEqual(added.returncode, 0, added.stderr)
        code = re.search(r"code +(\S+)", added.stdout)[1]
        self.assertRegex(code, r"\A[0-9A-Z]{4}(-[0-9A-Z]{4}){4}\Z")
        self.assertIn("simpleenroll", added.stdout)
        newer = json.loads(vigil("device", "enrol", "pump-1", "--for", "2h", "--json").stdout)["code"]
        self.assertEqual(self.enrol("pump-1", code, self.request("pump-1"))[0], 401, "another took its place")
        self.keep("pump-1", self.enrol("pump-1", newer, self.request("pump-1")))
        self.assertRegex(vigil("device", "certificates", "pump-1").stdout, r"[0-9a-f]{32} +\S+Z +good +enrolled")
        self.assertEqual(vigil("device", "enrol", "pump-1", "--take-back").returncode, 4, "it was used")
        self.assertEqual(vigil("device", "enrol", "pump-1", "--for", "31d").returncode, 3)


class Ending(EnrolmentTest):
    config = '[enrolment]\ncertificate_lifetime = "6s"\n'

    def test_what_has_ended_renews_and_opens_nothing(self):
        self.enrolled("a")
        self.assertTrue(self.lets_in("a"))
        wait_until("it has ended", lambda: self.get("/api/devices/a")["device"]["certificate"]["state"] == "ended")
        self.assertFalse(self.lets_in("a"))
        status, words = self.renew("a", self.request("b"))
        self.assertEqual(status, 0, "TLS itself refuses it")
        self.assertRegex(words, "expired|alert|SSL")
        wait_until("it is counted", lambda: 'vigil_device_certificates{state="ended"} 1' in self.get("/metrics"))
        self.keep("b", self.enrol("a", self.offer("a"), self.request("b")))
        self.assertEqual(len(self.certificates("a")), 1, "what has ended is forgotten with the next")


class Playing(EnrolmentTest):
    config = '[enrolment]\ncertificate_lifetime = "15s"\n'

    def test_the_simulator_enrols_and_renews(self):
        done = subprocess.run([BINARY, "simulate", "--beds", "2", "--home", "1", "--certificates", "--duration", "13s",
                               "--server", self.server.url(""), "--api-token", self.token,
                               "--mqtt", f"localhost:{self.server.port('mqtts')}", "--cafile", self.authority],
                              capture_output=True, text=True, timeout=3 * PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        totals = json.loads(done.stdout)
        self.assertGreater(totals["acknowledged"], 20)
        self.assertEqual(totals["refused"], 0)
        own = [device for device in self.get("/api/devices")["devices"] if device["gateway"] is None]
        self.assertEqual(len(own), 3)
        for device in own:
            self.assertEqual(device["certificate"]["origin"], "renewed", done.stderr)
            self.assertIn(f"vigil: {device['id']}: has renewed its certificate", done.stderr)


if __name__ == "__main__":
    unittest.main()
