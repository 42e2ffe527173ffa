"""Slow, silent, oversize and malformed clients do not disturb the others: good devices are acknowledged in time, the
pages answer, nothing is lost, and whoever misbehaves is shown the door."""
import base64
import os
import random
import resource
import selectors
import socket
import ssl
import statistics
import threading
import time
import unittest

from ward import PATIENCE_S, ServerTest, connect_packet, packet, publish_packet, text, wait_until

ATTACKERS_OF_A_KIND = 60
DOOR_S = 25  # the longest of the server's patience for a first byte, a head, a handshake: 20 s
SLOWEST_S = 2.0  # an acknowledgement on a machine that runs other tests beside this
MANY = 200


class GoodDevice(threading.Thread):
    """Sends a reading every 20 ms and waits for its PUBACK; keeps how long each took."""

    def __init__(self, port, name, token):
        super().__init__(daemon=True)
        self.port, self.name_, self.token = port, name, token
        self.latencies, self.error, self.ended = [], None, threading.Event()

    def run(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as link:
                link.sendall(connect_packet(self.name_, self.token))
                assert link.recv(4) == b"\x20\x02\x00\x00", "CONNACK"
                while not self.ended.wait(0.02):
                    number = len(self.latencies) + 1
                    began = time.monotonic()
                    body = b'{"heart_rate": %d, "seq": %d}' % (60 + number % 60, number)
                    link.sendall(publish_packet(f"vigil/{self.name_}/telemetry", body, number % 65000 + 1))
                    assert link.recv(4)[:1] == b"\x40", "PUBACK"
                    self.latencies.append(time.monotonic() - began)
        except (OSError, AssertionError) as error:
            self.error = error


class Attackers:
    """Open connections that drip bytes or say nothing, and the time at which the server ended each."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.open, self.closed = {}, []

    def add(self, kind, port, first=b"", drip=b""):
        link = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        link.setblocking(False)
        if first:
            link.send(first)
        self.open[link] = (kind, drip, time.monotonic())
        self.selector.register(link, selectors.EVENT_READ)

    def drip(self):
        for link, (_, drip, _) in self.open.items():
            if drip:
                try:
                    link.send(drip)
                except OSError:
                    pass  # seen as closed below

    def look(self):
        for key, _ in self.selector.select(0.05):
            link = key.fileobj
            try:
                if link.recv(65536):
                    continue
            except OSError:
                pass
            kind, _, since = self.open.pop(link)
            self.closed.append((kind, time.monotonic() - since))
            self.selector.unregister(link)
            link.close()

    def end(self):
        for link in self.open:
            link.close()
        self.selector.close()


class Hostile(ServerTest):
    def setUp(self):
        super().setUp()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.make_token()
        self.server.listeners = {name: "127.0.0.1:0" for name in ("http", "https", "mqtt", "mqtts")}
        self.server.start()
        self.patient = self.add_patient("P")
        self.good = []
        for number in range(3):
            name = f"good-{number}"
            self.good.append(GoodDevice(self.server.port("mqtt"), name, self.add_device(name, self.patient)))
        self.bad_token = self.add_device("bad")
        for device in self.good:
            device.start()
        wait_until("the good devices send", lambda: all(device.latencies for device in self.good))
        self.addCleanup(self.end_good)

    def end_good(self):
        for device in self.good:
            device.ended.set()
            device.join()

    def undisturbed(self):
        """The good ones were served throughout, and all of it is stored."""
        self.end_good()
        for device in self.good:
            self.assertIsNone(device.error)
            self.assertLess(max(device.latencies), SLOWEST_S)
            self.assertLess(statistics.median(device.latencies), SLOWEST_S / 10)
        counts = {series["device"]: series["count"] for series in self.get(f"/api/series?patient={self.patient}")["series"]}
        self.assertEqual(counts, {device.name_: len(device.latencies) for device in self.good})
        self.assertEqual(self.server.errors(), "")

    def link(self, listener="mqtt"):
        link = socket.create_connection(("127.0.0.1", self.server.port(listener)), timeout=PATIENCE_S)
        self.addCleanup(link.close)
        return link

    def said_until_closed(self, link):
        said = b""
        try:
            while more := link.recv(65536):
                said += more
        except ConnectionResetError:
            pass
        return said

    def test_slow_and_silent_clients_are_shown_the_door(self):
        attackers = Attackers()
        self.addCleanup(attackers.end)
        port = self.server.port
        slow_head = b"GET /api/ward HTTP/1.1\r\nHost: x\r\nX-Slow: "
        slow_body = b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{"
        hello = connect_packet("bad", self.bad_token)
        for _ in range(ATTACKERS_OF_A_KIND):
            attackers.add("HTTP head, a byte at a time", port("http"), slow_head, b"a")
            attackers.add("HTTP, silent", port("http"))
            attackers.add("MQTT CONNECT, a byte at a time", port("mqtt"), hello[:5], hello[5:6])
            attackers.add("MQTT, silent", port("mqtt"))
            attackers.add("TLS, silent", port("https"))
            attackers.add("TLS, a broken handshake", port("mqtts"), b"\x16\x03\x01\x02\x00\x01\x00")
        attackers.add("HTTP body, a byte at a time", port("http"), slow_body, b" ")
        end = time.monotonic() + DOOR_S
        next_drip = time.monotonic()
        while len(attackers.open) > 1 and time.monotonic() < end:
            if time.monotonic() > next_drip:
                next_drip += 0.5
                attackers.drip()
                self.get(f"/api/series/latest?patient={self.patient}")  # the pages answer meanwhile
            attackers.look()
        left = {kind for kind, _, _ in attackers.open.values()} - {"HTTP body, a byte at a time"}
        self.assertEqual(left, set(), "still open")
        self.undisturbed()

    def test_malformed_bytes_end_their_own_connection_only(self):
        rng = random.Random(7)
        hello = connect_packet("bad", self.bad_token)
        garbage = [rng.randbytes(rng.randrange(1, 400)) for _ in range(MANY)]
        garbage += [bytes([rng.randrange(256)]) + hello[1:] for _ in range(20)]
        for listener in ("mqtt", "http"):
            for bytes_ in garbage:
                with self.subTest(listener=listener, bytes=bytes_[:40]):
                    link = self.link(listener)
                    link.sendall(bytes_)
                    link.shutdown(socket.SHUT_WR)
                    self.said_until_closed(link)
                    link.close()
        # After a good CONNECT, too.
        for bytes_ in garbage[:MANY // 4]:
            link = self.link()
            link.sendall(hello)
            self.assertEqual(link.recv(4), b"\x20\x02\x00\x00")
            try:
                link.sendall(bytes_)
                link.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            self.said_until_closed(link)
            link.close()
        self.undisturbed()

    def test_oversize_requests_are_answered_and_not_read(self):
        link = self.link("http")
        link.sendall(b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n")
        self.assertRegex(self.said_until_closed(link), rb"^HTTP/1\.1 413 ")
        link = self.link("http")
        try:
            link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n")
        except ConnectionError:
            pass
        self.assertRegex(self.said_until_closed(link), rb"^HTTP/1\.1 431 |^$")
        link = self.link("http")
        link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        self.assertRegex(self.said_until_closed(link), rb"^HTTP/1\.1 400 ")
        # MQTT: the length is known from the first bytes; nobody waits for the rest.
        link = self.link()
        link.sendall(b"\x10\xff\xff\xff\x7f" + b"\x00\x04MQTT")
        self.assertIn(self.said_until_closed(link)[:1], (b"", b"\x20"))
        link = self.link()
        link.sendall(connect_packet("bad", self.bad_token, version=5))
        self.assertEqual(link.recv(65536)[:1], b"\x20")
        link.sendall(b"\x32\xff\xff\xff\x7f" + text("vigil/bad/telemetry"))
        self.assertEqual(self.said_until_closed(link)[:3:2], b"\xe0\x95")  # DISCONNECT, Packet too large
        self.undisturbed()

    def test_wrong_credentials_are_refused_and_counted(self):
        before = self.get("/api/status")["refused"]
        for number in range(MANY):
            link = self.link()
            link.sendall(connect_packet("bad" if number % 2 else f"nobody-{number}", "guess", version=4 + number % 2))
            said = self.said_until_closed(link)
            # Whoever guesses on and on is told to come back later.
            self.assertIn(said[3:4], (b"\x05", b"\x04", b"\x03") if number % 2 == 0 else (b"\x86", b"\x87"), said)
            link.close()
        # The status is a second old at most.
        wait_until("each is counted", lambda: self.get("/api/status")["refused"] - before >= MANY)
        self.assertEqual(self.get("/api/status")["refused"] - before, MANY)
        self.undisturbed()

    def test_a_subscriber_that_reads_nothing_slows_nobody(self):
        self.post("/api/accounts", {"username": "reader", "role": "service", "display_name": "Reader"})
        link = self.link()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.sendall(connect_packet("bad", self.bad_token))
        self.assertEqual(link.recv(4), b"\x20\x02\x00\x00")
        link.sendall(packet(0x82, b"\x00\x01" + text("vigil/bad/#") + b"\x01"))
        self.assertEqual(link.recv(5)[:1], b"\x90")
        # It asks for what it sends itself, and never takes it.
        body = b"x" * 50_000
        try:
            link.settimeout(3)
            for number in range(1, 400):
                link.sendall(publish_packet("vigil/bad/log", body, number))
        except OSError:
            pass
        self.undisturbed()

    def resident_bytes(self):
        with open(f"/proc/{self.server.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))

    def test_readers_that_take_nothing_of_what_they_asked_for(self):
        ask = b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.server.port("http")), timeout=PATIENCE_S) as one:
            one.sendall(ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            answer_bytes = len(self.said_until_closed(one))
        before = self.resident_bytes()
        for _ in range(ATTACKERS_OF_A_KIND):
            link = socket.socket()
            self.addCleanup(link.close)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            link.settimeout(PATIENCE_S)
            link.connect(("127.0.0.1", self.server.port("http")))
            link.sendall(ask * 100)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            self.get(f"/api/series/latest?patient={self.patient}")  # the pages answer meanwhile
        # Far from the hundred answers each that were asked for.
        self.assertLess(self.resident_bytes() - before, ATTACKERS_OF_A_KIND * (2 << 20) + 10 * answer_bytes)
        self.undisturbed()

    def test_websockets_that_break_the_rules(self):
        key = base64.b64encode(os.urandom(16))
        upgrade = (b"GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   b"Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n")
        for frame in (b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", b"\xf2\x80\x00\x00\x00\x00", b"\x82\x04MQTT",
                      b"\x81\x84\x00\x00\x00\x00text", b"\x89\xfe\x01\x00" + b"\x00" * 260):
            with self.subTest(frame[:8]):
                link = self.link("http")
                link.sendall(upgrade)
                self.assertRegex(link.recv(4096), rb"^HTTP/1\.1 101 ")
                link.sendall(frame)
                self.said_until_closed(link)
        for path, status in ((b"/nowhere", rb"40[14]"), (b"/api/live", rb"401")):
            link = self.link("http")
            link.sendall(upgrade.replace(b"/mqtt", path))
            self.assertRegex(link.recv(4096), rb"^HTTP/1\.1 " + status)
        self.undisturbed()

    def test_tls_that_is_none(self):
        for listener in ("https", "mqtts"):
            for bytes_ in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(500), connect_packet("bad", self.bad_token)):
                link = self.link(listener)
                link.sendall(bytes_)
                self.said_until_closed(link)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises(OSError):
            old.wrap_socket(self.link("https"))
        self.undisturbed()


if __name__ == "__main__":
    unittest.main()
