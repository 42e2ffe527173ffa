"""A disk that is full, cannot be written or is damaged: a clear error, no acknowledgement without its commit, a server that
still answers what it can, and everything stored once after the disk is well again."""
import base64
import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import threading
import time
import unittest
import urllib.error

from alarm_screen import AlarmScreen
from ward import BINARY, PATIENCE_S, Client, Refused, ServerTest, wait_until

DISK_MB = 24
QUIET_S = 1.5  # long enough for acknowledgements that must not come to have come


def can_mount():
    return os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0 \
        and subprocess.run(["umount", "/mnt"], capture_output=True).returncode == 0


class Disk(ServerTest):
    def values_sent(self, client, first, count):
        """Published, not waited for; each with its number, so that a resend is known. Message identifiers by number."""
        return {number: client.client.publish("vigil/m/telemetry", json.dumps({"heart_rate": number, "seq": number}), qos=1).mid
                for number in range(first, first + count)}

    def acknowledged(self, sent):
        return {number for number, mid in sent.items() if mid in self.client.acknowledged}

    def ward(self):
        self.make_token()
        self.server.start()
        self.patient = self.add_patient("P")
        self.device_token = self.add_device("m", self.patient)
        self.client = Client(self.server, "m", self.device_token, clean=False)
        self.client.client.max_inflight_messages_set(1000)
        self.client.connect()
        self.addCleanup(self.client.client.loop_stop)

    def numbers(self):
        return [int(value) for value in self.values(self.patient, "heart_rate")]

    def failing(self):
        return self.get("/api/status")["log"]["failing"]

    def recovers(self, sent):
        """The device sends again what was never acknowledged; all of it is stored, each once."""
        wait_until("the log commits again", lambda: self.probe_commits())
        wait_until("everything is acknowledged", lambda: self.acknowledged(sent) == set(sent))
        self.assertIsNone(self.failing())
        self.assertEqual(sorted(number for number in self.numbers() if number in sent), sorted(sent))

    def probe_commits(self):
        with contextlib.suppress(Refused):
            self.post("/api/patients", {"display_name": "Probe"})
            return True
        return False


@unittest.skipUnless(can_mount(), "needs root to mount a small disk")
class Full(Disk):
    def setUp(self):
        super().setUp()
        self.disk = self.place / "disk"
        self.disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0700", "none", self.disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.disk])
        self.server.folder = str(self.disk / "data")
        os.mkdir(self.server.folder, 0o700)
        # What it says goes elsewhere than to the full disk.
        os.symlink(self.place / "stderr", self.server.folder + ".stderr")

    def fill(self):
        """Takes all the room that is left."""
        with open(self.disk / "filler", "ab", buffering=0) as filler, contextlib.suppress(OSError):
            for size in (1 << 20, 4096):
                with contextlib.suppress(OSError):
                    while filler.write(b"\0" * size) == size:
                        pass

    def send_until_full(self):
        """Sends until acknowledgements stop. SQLite goes on for a while in the room its journal has."""
        sent, end = {}, time.monotonic() + PATIENCE_S
        while self.failing() is None:
            self.assertLess(time.monotonic(), end, "the disk never became full")
            sent.update(self.values_sent(self.client, 1000 + len(sent), 200))
            time.sleep(0.05)
        return sent

    def test_a_full_disk(self):
        self.ward()
        self.client.publish("vigil/m/telemetry", {"heart_rate": 60, "seq": 60})
        live = self.watch_live()
        screen = AlarmScreen(self.server, self.token)
        self.addCleanup(screen.close)
        self.fill()
        sent = self.send_until_full()
        self.assertRegex(self.failing(), r"^since .* nothing can be stored: .*full")
        self.assertRegex(self.server.errors(), r"nothing can be stored: .*full")
        # No acknowledgement leaves for what is not committed.
        after = self.values_sent(self.client, 100_000, 50)
        time.sleep(QUIET_S)
        self.assertEqual(self.acknowledged(after), set())
        # Who watches still sees it, marked as not stored.
        self.assertIn("not_stored", live())
        # And watched they are, and told so.
        told = screen.until(lambda it: "not_stored" in it.alarms(self.patient)).alarms(self.patient)["not_stored"]
        self.assertEqual((told["priority"], told["audible"]), ("high", True))
        # What needs a record is refused in words, and nothing stands still.
        with self.assertRaises(Refused) as refused:
            self.post("/api/patients", {"display_name": "Nobody"})
        self.assertIn(refused.exception.status, (500, 503))
        self.assertIsNone(self.server.process.poll())
        (self.disk / "filler").unlink()
        self.recovers({**sent, **after})
        screen.until(lambda it: it.beds and "not_stored" not in it.alarms(self.patient))
        self.assertEqual(self.server.stop(), 0)

    def watch_live(self):
        """The live stream of the patient; a function that gives what has come so far."""
        link = socket.create_connection(("127.0.0.1", self.server.port("http")))
        self.addCleanup(link.close)
        link.sendall(b"GET /api/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nAuthorization: Bearer " +
                     self.token.encode() + b"\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
                     base64.b64encode(os.urandom(16)) + b"\r\n\r\n")
        self.assertIn(b" 101 ", link.recv(4096))
        ask = json.dumps({"type": "subscribe", "patients": [self.patient], "metrics": "all"}).encode()
        link.sendall(bytes([0x81, 0x80 | len(ask)]) + b"\0\0\0\0" + ask)
        said = []

        def read():
            with contextlib.suppress(OSError):
                while more := link.recv(65536):
                    said.append(more)
        threading.Thread(target=read, daemon=True).start()
        return lambda: b"".join(said).decode(errors="replace")

    def test_people_go_on_reading_and_it_is_on_record_once_there_is_room(self):
        """docs/decisions/0016-audit-on-a-full-disk.md"""
        held_max = 60
        config = self.place / "vigil.toml"
        config.write_text(f"[audit]\nheld_lines_max = {held_max}\n")
        self.server.options = ("--config", str(config))
        self.ward()
        self.server.sign_in()
        sent = {}
        self.fill()
        sent = self.send_until_full()
        ward, patient = "/api/ward", f"/api/patients/{self.patient}"

        def audit():
            return self.get("/api/status")["audit"]

        def read_until_unwritable():
            self.server.get(ward)
            return "the audit cannot be written" in self.server.errors()

        wait_until("the audit cannot be written", read_until_unwritable)
        written = self.lines_of_audit()
        # Who is signed in is shown the ward, and whoever comes for the next shift signs in.
        self.server.sign_in()
        self.assertIn("Test P", self.server.get(patient).decode())
        # A program, an export and a change wait.
        for what, ask in {
                "program": lambda: self.get(patient),
                "export": lambda: self.read(f"/api/series/raw?patient={self.patient}&metric=heart_rate&format=csv"),
                "change": lambda: self.post("/api/patients", {"display_name": "Nobody"})}.items():
            with self.subTest(what), self.assertRaises(Refused) as refused:
                ask()
            self.assertIn(refused.exception.status, (500, 503), what)
        self.assertRegex(self.server.errors(), r"vigil: since .* the audit cannot be written: .*full")
        wait_until("the status is of now", lambda: audit()["held_lines"] > 0)
        self.assertRegex(self.call("GET", "/metrics"), r"(?m)^vigil_audit_unwritable 1$")
        # What is held is bounded.
        read = 0
        with self.assertRaises(Refused) as refused:
            while True:
                self.read(ward)
                read += 1
                self.assertLess(read, 2 * held_max)
        self.assertEqual(refused.exception.status, 503)
        wait_until("it says so", lambda: audit()["refusing"])
        held = audit()["held_lines"]
        (self.disk / "filler").unlink()
        wait_until("the audit is written again", lambda: audit()["unwritable_since"] is None)
        self.assertGreaterEqual(audit()["written_late"], held)
        self.assertGreaterEqual(self.lines_of_audit(), written + held)
        self.assertRegex(self.server.errors(), r"the audit is written again; \d+ lines")
        self.assertNotIn("Test P", self.server.errors())
        self.recovers(sent)
        self.assertEqual(self.server.stop(), 0)

    def read(self, path):
        """As whoever is signed in."""
        try:
            return self.server.get(path)
        except urllib.error.HTTPError as refused:
            with refused:
                raise Refused(refused.code, refused.read().decode()) from None

    def test_a_kill_while_it_is_full(self):
        self.ward()
        self.fill()
        sent = self.send_until_full()
        self.server.kill()
        self.client.cut()
        acknowledged = self.acknowledged(sent)
        (self.disk / "filler").unlink()
        self.server.start()
        self.assertLessEqual(acknowledged, set(self.numbers()))
        self.client.connect()
        self.recovers(sent)
        self.assertEqual(self.server.stop(), 0)
        self.assertTrue(self.server.command("verify")["sound"])

    def test_a_start_on_a_full_disk(self):
        self.ward()
        self.client.publish("vigil/m/telemetry", {"heart_rate": 60, "seq": 60})
        self.assertEqual(self.server.stop(), 0)
        self.client.cut()
        self.fill()
        try:
            self.server.start()
        except AssertionError as error:
            self.assertRegex(str(error), r"vigil: .*full")
        else:
            self.server.kill()
        (self.disk / "filler").unlink()
        self.server.start()
        self.assertEqual(self.numbers(), [60])


@unittest.skipUnless(can_mount(), "needs root to mount a disk read-only")
class ReadOnly(Disk):
    def test_a_folder_that_cannot_be_written(self):
        self.ward()
        self.client.close()
        self.assertEqual(self.server.stop(), 0)
        folder = self.server.folder
        subprocess.run(["mount", "--bind", folder, folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", folder])
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        for words in (("serve", "--http", "127.0.0.1:0", "--https", "off", "--mqtts", "off"), ("patient", "list")):
            with self.subTest(words):
                done = subprocess.run([BINARY, *words, "--data", folder], capture_output=True, text=True, timeout=PATIENCE_S)
                self.assertNotEqual(done.returncode, 0)
                self.assertRegex(done.stderr, r"\Avigil: [^\n]*(read-only|Read-only)[^\n]*\n\Z")


class Damaged(Disk):
    def ward_of_three_commits(self):
        self.ward()
        for number in (61, 62, 63):
            self.client.publish("vigil/m/telemetry", {"heart_rate": number, "seq": number})
        self.client.close()

    def test_a_damaged_commit_of_the_log(self):
        """What the chunks do not hold yet is read from the log: the rest of it is served."""
        self.ward_of_three_commits()
        self.server.kill()
        with contextlib.closing(sqlite3.connect(self.place / "data/log.db")) as log, log:
            rows = [row for row, in log.execute("SELECT first_offset FROM commits ORDER BY 1 DESC LIMIT 6")]
            holding = [row for row in rows if log.execute("SELECT length(body) FROM commits WHERE first_offset = ?",
                                                          (row,)).fetchone()[0] > 100]
            log.execute("UPDATE commits SET body = zeroblob(length(body)) WHERE first_offset = ?", (holding[1],))
        self.server.start()
        self.assertRegex(self.server.errors(), "damaged")
        numbers = self.numbers()
        self.assertEqual(len(numbers), 2)
        self.assertLess(set(numbers), {61, 62, 63})
        self.assertEqual(self.server.stop(), 0)
        done = subprocess.run([BINARY, "verify", "--data", self.server.folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, 10)
        self.assertIn("damaged", done.stdout)

    def test_a_damaged_chunk(self):
        """Its own series says so, the others are answered."""
        self.ward_of_three_commits()
        other = self.add_patient("Q")
        client = Client(self.server, "n", self.add_device("n", other)).connect()
        client.publish("vigil/n/telemetry", {"heart_rate": 64, "seq": 1})
        client.close()
        self.assertEqual(self.server.stop(), 0)
        with contextlib.closing(sqlite3.connect(self.place / "data/vigil.db")) as store, store:
            store.execute("UPDATE chunks SET body = zeroblob(length(body)) WHERE patient = ?", (int(self.patient),))
        self.server.start()
        with self.assertRaises(Refused) as refused:
            self.get(f"/api/series/raw?patient={self.patient}&metric=heart_rate")
        self.assertEqual(refused.exception.status, 500)
        self.assertEqual(self.values(other, "heart_rate"), ["64"])
        self.assertEqual(self.server.stop(), 0)
        done = subprocess.run([BINARY, "verify", "--data", self.server.folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, 10)
        # The log still holds it all.
        self.server.command("rebuild")
        self.server.start()
        self.assertEqual(self.numbers(), [61, 62, 63])


class FileSize(Disk):
    """The same without root: files that may not grow."""

    def test_a_log_that_may_not_grow(self):
        self.ward()
        self.client.publish("vigil/m/telemetry", {"heart_rate": 60, "seq": 60})
        grown = max(file.stat().st_size for file in (self.place / "data").iterdir() if file.is_file())
        pid = str(self.server.process.pid)
        subprocess.run(["prlimit", "--pid", pid, f"--fsize={grown}:unlimited"], check=True)
        sent, end = {}, time.monotonic() + PATIENCE_S
        while self.failing() is None:
            self.assertLess(time.monotonic(), end, "the log never failed")
            sent.update(self.values_sent(self.client, 1000 + len(sent), 200))
            time.sleep(0.05)
        self.assertIsNone(self.server.process.poll())
        subprocess.run(["prlimit", "--pid", pid, "--fsize=unlimited"], check=True)
        self.recovers(sent)


if __name__ == "__main__":
    unittest.main()
