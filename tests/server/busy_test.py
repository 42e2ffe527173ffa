"""Everything at once: devices publish, people ask, watch, re-file, replay and back up, memory goes to disk each
second, and in the middle of it the server is told to stop. It has something to say only where it has a sanitizer
built in and that found something: `./dev server-test busy tsan`."""
import base64
import contextlib
import http.client
import json
import os
import random
import socket
import threading
import time
import unittest

from ward import PATIENCE_S, Client, Refused, ServerTest, wait_until

SECONDS = float(os.environ.get("VIGIL_BUSY_SECONDS", "6"))
BEGINNING = "2026-01-01T00:00:01Z"
CONFIG = '[store]\nflush_interval = "1s"\n'


class Busy(ServerTest):
    maxDiff = None  # what a sanitizer says is read whole

    def setUp(self):
        super().setUp()
        config = self.place / "vigil.toml"
        config.write_text(CONFIG)
        self.server.options = ("--config", str(config))
        self.server.listeners = {name: "127.0.0.1:0" for name in ("http", "https", "mqtt", "mqtts")}
        self.make_token()
        self.server.start()
        self.ending, self.errors, self.rounds = threading.Event(), [], {}
        self.patients = [self.add_patient(f"P{number}") for number in range(3)]
        self.devices = {f"device-{number}": self.add_device(f"device-{number}", self.patients[number % 3])
                        for number in range(4)}

    def again_and_again(self, name, work):
        """Until the server is told to stop; what fails before that fails the test."""
        self.rounds[name] = 0
        try:
            while not self.ending.is_set():
                work(self.rounds[name])
                self.rounds[name] += 1
        except (AssertionError, OSError, RuntimeError, ValueError, Refused, http.client.HTTPException) as error:
            if not self.ending.is_set():
                self.errors.append(f"{name}: {error!r}")

    def publisher(self, name, qos):
        client = Client(self.server, name, self.devices[name], clean=False).connect()
        client.subscribe(f"vigil/{name}/#", qos)
        began = int(time.time() * 1000)

        def publish(number):
            at = {"ts": began + number, "seq": number}
            client.client.publish(f"vigil/{name}/telemetry", json.dumps({"heart_rate": 60 + number % 60, "spo2": 97, **at}), qos)
            if number % 20 == 0:
                client.publish(f"vigil/{name}/telemetry", "what a device should not say", qos)
                client.publish(f"vigil/{name}/log", b"x" * 2000, qos, retain=True)
        self.again_and_again(name, publish)
        client.client.loop_stop()

    def asker(self, number):
        rng = random.Random(number)

        def ask(_):
            patient = rng.choice(self.patients)
            of_patient = f"patient={patient}&metric=heart_rate"
            self.get(rng.choice((
                "/api/ward", "/api/patients", f"/api/patients/{patient}", "/api/devices", "/api/devices/device-0",
                f"/api/series?patient={patient}", f"/api/series/latest?patient={patient}", f"/api/series/raw?{of_patient}",
                f"/api/series/raw?{of_patient}&order=desc&limit=10", f"/api/series/raw?{of_patient}&format=csv",
                f"/api/series/window?{of_patient}&from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z&points=100",
                "/api/quarantine", "/api/status", "/api/catalogue")))
        self.again_and_again(f"asker {number}", ask)

    def mover(self):
        """A device was on somebody else all along: its readings are filed anew."""
        def move(number):
            self.post("/api/devices/device-3/detach", {"at": BEGINNING})
            self.post("/api/devices/device-3/attach", {"patient": self.patients[number % 3], "from": BEGINNING})
        self.again_and_again("mover", move)

    def replayer(self):
        def replay(number):
            for item in self.get("/api/quarantine")["items"][:3]:
                if number % 2:
                    self.post(f"/api/quarantine/{item['id']}/replay")
                else:
                    with contextlib.suppress(Refused):  # decided meanwhile
                        self.post(f"/api/quarantine/{item['id']}/dismiss", {"note": "test"})
        self.again_and_again("replayer", replay)

    def keeper(self):
        def keep(number):
            self.post("/api/backup", {"folder": str(self.place / f"backup-{number}")})
            if number % 4 == 0:
                self.assertTrue(self.post("/api/verify")["sound"])
            with contextlib.suppress(Refused):  # after a few of them, told to wait
                self.post("/api/session", {"username": "admin", "password": "a guess"})
        self.again_and_again("keeper", keep)

    def viewer(self):
        def watch(_):
            with socket.create_connection(("127.0.0.1", self.server.port("http")), timeout=PATIENCE_S) as link:
                link.sendall(b"GET /api/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(os.urandom(16)) +
                             b"\r\nAuthorization: Bearer " + self.token.encode() + b"\r\n\r\n")
                self.assertIn(b" 101 ", link.recv(4096))
                ask = json.dumps({"type": "subscribe", "patients": "all", "metrics": "all", "waveforms": True}).encode()
                link.sendall(b"\x81" + bytes([0x80 | len(ask)]) + b"\x00" * 4 + ask)
                end = time.monotonic() + 2
                while time.monotonic() < end:
                    self.assertTrue(link.recv(65536))
        self.again_and_again("viewer", watch)

    def test_nothing_goes_wrong_where_threads_meet(self):
        threads = [threading.Thread(target=self.publisher, args=(name, 1 + number % 2))
                   for number, name in enumerate(self.devices)]
        threads += [threading.Thread(target=self.asker, args=(number,)) for number in range(2)]
        threads += [threading.Thread(target=work) for work in (self.mover, self.replayer, self.keeper, self.viewer)]
        for thread in threads:
            thread.start()
        self.ending.wait(SECONDS)
        wait_until("each has done its work once", lambda: self.errors or
                   len(self.rounds) == len(threads) and all(self.rounds.values()))
        self.ending.set()
        status = self.server.stop()
        for thread in threads:
            thread.join()
        self.assertEqual(self.server.errors(), "")
        self.assertEqual(status, 0)
        self.assertEqual(self.errors, [])
        if "VIGIL_BUSY_SECONDS" in os.environ:
            print(self.rounds)


if __name__ == "__main__":
    unittest.main()
