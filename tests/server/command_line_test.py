"""What scripts may rely on (docs/reference/cli.md): every command, on an idle data folder and on a running server."""
import csv
import io
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from ward import BINARY, HERE, PATIENCE_S, Client, Server, ServerTest, wait_until

WRONG_COMMAND_LINE, UNREADABLE, NOT_FOUND, CONFLICT, NOT_ALLOWED, BUSY, UNSUPPORTED, OWN_FAULT = 2, 3, 4, 5, 6, 7, 8, 10


def run(*words, stdin="", env=None):
    return subprocess.run([BINARY, *words], input=stdin, capture_output=True, text=True, timeout=PATIENCE_S,
                          env={**os.environ, **(env or {})})


class CommandTest(unittest.TestCase):
    def done(self, result, status=0):
        self.assertEqual(result.returncode, status, result.stderr + result.stdout)
        return result.stdout

    def refused(self, result, status, saying):
        """A failure has its status, says why in one line, and prints nothing else."""
        self.assertEqual(result.returncode, status, result.stderr + result.stdout)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Avigil: [^\n]+\n\Z")
        self.assertRegex(result.stderr, saying)


class EveryCommand:
    """The same on a folder and on a server: `vigil(…)` runs a command, `json(…)` reads its answer."""

    def json(self, *words, stdin=""):
        return json.loads(self.done(self.vigil(*words, "--json", stdin=stdin)))

    def test_patients(self):
        added = self.json("patient", "add", "MRN-7", "--name", "Ada Example", "--birth-date", "1957-02-03", "--sex", "female",
                          "--unit", "ICU 1", "--bed", "07")
        self.assertEqual((added["identifier"], added["birth_date"], added["bed"]), ("MRN-7", "1957-02-03", "07"))
        self.assertIn("Ben Example", self.done(self.vigil("patient", "add", "MRN-8", "--name", "Ben Example")))
        listed = self.json("patient", "list", "MRN-7")["patients"]
        self.assertEqual([patient["id"] for patient in listed], [added["id"]])
        self.assertRegex(self.done(self.vigil("patient", "list", "MRN-7")), r"MRN-7 +Ada Example")
        self.refused(self.vigil("patient", "add", "MRN-7", "--name", "Else"), CONFLICT, "identifier")
        self.refused(self.vigil("patient", "add", "MRN-9", "--name", "E", "--birth-date", "yesterday"), UNREADABLE, "birth_date")
        self.refused(self.vigil("patient", "add", "MRN-9", "--name", "E", "--sex", "f"), UNREADABLE, "sex")

    def test_devices(self):
        added = self.json("device", "add", "m-token", "--token", "--model", "A1", "--utc-offset", "60")
        self.assertEqual(added["secret"]["username"], "m-token")
        shown = self.done(self.vigil("device", "add", "m-default", "--display", "By the door"))
        self.assertRegex(shown, r"user name +m-default\ntoken +\S{20,} ")
        listed = {device["id"]: device for device in self.json("device", "list")["devices"]}
        self.assertEqual((listed["m-token"]["credential"], listed["m-token"]["model"]), ("token", "A1"))
        self.assertEqual(listed["m-default"]["display"], "By the door")
        self.assertRegex(self.done(self.vigil("device", "list")), r"m-token +never +token")
        self.refused(self.vigil("device", "add", "m-token"), CONFLICT, "m-token|taken|name")
        self.refused(self.vigil("device", "add", "a/b"), UNREADABLE, "id|name|device")
        behind = self.json("device", "add", "strap-1", "--gateway", "m-token")
        self.assertIsNone(behind["secret"])
        self.refused(self.vigil("device", "add", "strap-2", "--gateway", "nobody"), NOT_FOUND, "gateway")

    def test_a_device_is_changed(self):
        self.done(self.vigil("device", "add", "m-change", "--display", "By the door", "--model", "A1"))
        changed = self.json("device", "change", "m-change", "--model", "A2", "--utc-offset", "-60", "--clock-tolerance", "5m")
        self.assertEqual((changed["display"], changed["model"]), ("By the door", "A2"), "what is not named stays")
        self.assertEqual((changed["utc_offset_minutes"], changed["clock_tolerance_s"]), (-60, 300))
        changed = self.json("device", "change", "m-change", "--clock-tolerance", "site")
        self.assertEqual((changed["utc_offset_minutes"], changed["clock_tolerance_s"]), (-60, None))
        shown = self.done(self.vigil("device", "change", "m-change", "--display", "By the window"))
        self.assertRegex(shown, r"m-change.*By the window.*A2")
        self.refused(self.vigil("device", "change", "m-change", "--clock-tolerance", "soon"), UNREADABLE, "soon|duration")
        self.refused(self.vigil("device", "change", "m-change", "--utc-offset", "9999"), UNREADABLE, "offset")
        self.refused(self.vigil("device", "change", "m-change", "--utc-offset", "two"), WRONG_COMMAND_LINE, "utc-offset")
        self.refused(self.vigil("device", "change", "m-none", "--model", "A2"), NOT_FOUND, "device")

    def test_a_device_with_a_certificate(self):
        out = self.place / "certificates"
        out.mkdir(exist_ok=True)
        self.done(self.vigil("device", "add", "m-cert", "--certificate", "--out", str(out)))
        key = out / "m-cert.key"
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        checked = subprocess.run(["openssl", "verify", "-CAfile", str(out / "m-cert.ca.crt"), str(out / "m-cert.crt")],
                                 capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        secret = self.json("device", "add", "m-cert-2", "--certificate")["secret"]
        for part in ("certificate_pem", "private_key_pem", "authority_pem"):
            self.assertIn("-----BEGIN", secret[part])
        self.refused(self.vigil("device", "add", "m-cert-3", "--certificate", "--out", str(out / "nowhere")), NOT_FOUND,
                     "nowhere")
        self.refused(self.vigil("device", "add", "m", "--certificate", "--token"), WRONG_COMMAND_LINE, "--certificate")

    def test_a_device_on_a_patient(self):
        patient = self.json("patient", "add", "MRN-A", "--name", "A")["id"]
        other = self.json("patient", "add", "MRN-B", "--name", "B")["id"]
        self.done(self.vigil("device", "add", "m-attach"))
        span = ("--from", "2026-03-01T08:00:00+01:00", "--to", "2026-03-01T09:00:00Z")
        self.assertEqual(self.json("device", "attach", "m-attach", "MRN-A", *span)["association"]["patient"], patient)
        self.refused(self.vigil("device", "attach", "m-attach", other, *span), CONFLICT, "on another|correction|already")
        self.done(self.vigil("device", "attach", "m-attach", other, *span, "--correction"))
        now_on = self.json("device", "attach", "m-attach", "MRN-A")
        self.assertEqual(now_on["device"]["patient"], patient)
        self.assertIsNone(self.json("device", "detach", "m-attach")["device"]["patient"])
        self.refused(self.vigil("device", "detach", "m-attach"), CONFLICT, "nobody")
        self.refused(self.vigil("device", "attach", "m-attach", "MRN-A", "--from", "noon"), UNREADABLE, "from: ")
        self.refused(self.vigil("device", "attach", "m-attach", "MRN-none"), NOT_FOUND, "MRN-none")
        self.refused(self.vigil("device", "attach", "m-none", "MRN-A"), NOT_FOUND, "device")

    def test_accounts_and_tokens(self):
        password = "five large words in order"
        self.assertEqual(self.json("account", "add", "nurse", "--role", "clinician", "--display", "A Nurse",
                                   stdin=password + "\n")["role"], "clinician")
        self.done(self.vigil("account", "add", "bus", "--role", "service"))
        self.refused(self.vigil("account", "add", "nurse", "--role", "clinician", stdin=password), CONFLICT, "nurse|taken|name")
        self.refused(self.vigil("account", "add", "short", "--role", "clinician", stdin="1234"), UNREADABLE, "password")
        self.refused(self.vigil("account", "add", "king", "--role", "king", stdin=password), UNREADABLE, "role")
        token = self.json("account", "token", "bus", "--name", "integration", "--scope", "system/*.rs", "--expires", "90d")
        self.assertGreater(len(token["token"]), 30)
        self.refused(self.vigil("account", "token", "nobody", "--name", "x", "--scope", "system/*.rs"), NOT_FOUND, "account")
        self.refused(self.vigil("account", "token", "bus", "--name", "x", "--scope", "system/*.rs", "--expires", "soon"),
                     UNREADABLE, "soon|duration")
        self.refused(self.vigil("account", "token", "bus", "--name", "x", "--scope", "everything"), UNSUPPORTED, "scope")

    def test_series(self):
        lines = self.done(self.vigil("series", "read", "--patient", "MRN-1", "--metric", "heart_rate")).splitlines()
        self.assertEqual([json.loads(line)["value"] for line in lines], ["60", "61.0", "62.00"])
        some = self.vigil("series", "read", "--patient", "MRN-1", "--metric", "heart_rate", "--from", "2026-03-01T12:00:01Z",
                          "--to", "2026-03-01T13:00:02+01:00", "--format", "json")
        self.assertEqual([json.loads(line)["value"] for line in self.done(some).splitlines()], ["61.0"])
        table = self.done(self.vigil("series", "read", "--patient", "MRN-1", "--metric", "heart_rate", "--format", "csv"))
        rows = list(csv.DictReader(io.StringIO(table)))
        self.assertEqual([(row["filed_time"], row["value"], row["unit"]) for row in rows],
                         [(f"2026-03-01T12:00:0{n}Z", value, "/min") for n, value in enumerate(("60", "61.0", "62.00"))])
        self.assertEqual(self.done(self.vigil("series", "read", "--patient", "MRN-1", "--metric", "resp_rate")), "")
        of_none = self.vigil("series", "read", "--patient", "MRN-1", "--metric", "heart_rate", "--device", "none")
        self.refused(of_none, NOT_FOUND, "device")
        self.refused(self.vigil("series", "read", "--patient", "MRN-none", "--metric", "heart_rate"), NOT_FOUND, "MRN-none")
        self.refused(self.vigil("series", "read", "--patient", "MRN-1", "--metric", "charm"), NOT_FOUND, "metric")
        self.refused(self.vigil("series", "read", "--patient", "MRN-1", "--metric", "heart_rate", "--from", "then"), UNREADABLE,
                     "from")

    def test_quarantine(self):
        items = {item["device"]: item for item in self.json("quarantine", "list")["items"]}
        known, unknown = items["strap-9"]["id"], items["strap-10"]["id"]
        self.assertRegex(self.done(self.vigil("quarantine", "list")), re.escape(known) + r" +gateway-9 .*not registered")
        self.refused(self.vigil("quarantine", "replay", "0:999999"), NOT_FOUND, "quarantine")
        self.done(self.vigil("device", "add", "strap-9", "--gateway", "gateway-9"))
        self.assertEqual(self.json("quarantine", "replay", known)["readings"], 1)
        self.refused(self.vigil("quarantine", "replay", unknown), NOT_FOUND, "not registered")
        self.refused(self.vigil("quarantine", "replay", known), CONFLICT, "decided already")
        self.assertEqual([item["id"] for item in self.json("quarantine", "list", "--state", "replayed")["items"]], [known])
        self.refused(self.vigil("quarantine", "list", "--state", "lost"), UNREADABLE, "state")

    def test_backup_and_restore(self):
        backup, restored = str(self.place / "backup"), self.place / "restored"
        self.done(self.vigil("backup", backup))
        self.refused(self.vigil("backup", backup), CONFLICT, "backup")
        self.refused(run("restore", backup, "--data", str(restored)), NOT_FOUND, "keys")
        restored.mkdir(mode=0o700)
        shutil.copytree(self.folder / "keys", restored / "keys")
        self.done(run("restore", backup, "--data", str(restored)))
        self.refused(run("restore", backup, "--data", str(restored)), CONFLICT, "holds data already")
        self.assertTrue(json.loads(self.done(run("verify", "--data", str(restored), "--json")))["sound"])
        read = ("series", "read", "--patient", "MRN-1", "--metric", "heart_rate")
        self.assertEqual(self.done(run(*read, "--data", str(restored))), self.done(self.vigil(*read)))

    def test_verify(self):
        self.assertTrue(self.json("verify")["sound"])
        self.assertRegex(self.done(self.vigil("verify")), r"\Asound: ")

    def test_missing_and_unknown_words(self):
        for words in (("patient", "add"), ("patient", "add", "M"), ("patient",), ("series", "read", "--patient", "MRN-1"),
                      ("device", "attach", "m"), ("account", "add", "x"), ("quarantine", "replay"), ("backup",),
                      ("patient", "list", "--colour"), ("patient", "list", "a", "b")):
            with self.subTest(words):
                self.refused(self.vigil(*words), WRONG_COMMAND_LINE, "--help")
        self.refused(self.vigil("series", "read", "--patient", "MRN-1", "--metric", "heart_rate", "--format", "xml"),
                     WRONG_COMMAND_LINE, "xml")


def prepare(case, folder):
    """One patient with three readings, two messages in quarantine; idle at the end."""
    server = Server(BINARY, str(folder))
    patient = server.command("patient", "add", "MRN-1", "--name", "Test One")["id"]
    tokens = {name: server.command("device", "add", name)["secret"]["password"] for name in ("monitor-1", "gateway-9")}
    server.command("device", "attach", "monitor-1", patient, "--from", "2026-01-01T00:00:00Z")
    server.start()
    try:
        monitor = Client(server, "monitor-1", tokens["monitor-1"]).connect()
        # Stored readings are believed once the clock was seen to be right.
        monitor.publish("vigil/monitor-1/telemetry", {"spo2": 97, "ts": time.time()})
        for second, value in enumerate(("60", "61.0", "62.00")):
            monitor.publish("vigil/monitor-1/telemetry",
                            '{"heart_rate": %s, "ts": "2026-03-01T12:00:0%dZ", "stored": true}' % (value, second))
        gateway = Client(server, "gateway-9", tokens["gateway-9"]).connect()
        for strap in ("strap-9", "strap-10"):
            gateway.publish(f"vigil/gateway-9/sub/{strap}/telemetry", {"heart_rate": 70})
        monitor.close()
        gateway.close()
        case.assertEqual(server.stop(), 0)
    except BaseException:
        server.kill()
        raise
    return server


class OnAFolder(EveryCommand, CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="vigil-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        cls.folder = cls.place / "data"
        prepare(cls(), cls.folder)

    def runTest(self):
        """For unittest: `prepare` needs a case."""

    def vigil(self, *words, stdin=""):
        return run(*words, stdin=stdin, env={"VIGIL_DATA": str(self.folder)})


class OnAServer(EveryCommand, CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="vigil-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        cls.folder = cls.place / "data"
        cls.server = prepare(cls(), cls.folder)
        cls.server.listeners = {"http": "off", "https": "127.0.0.1:0", "mqtt": "127.0.0.1:0", "mqtts": "off"}
        cls.token = cls.server.command("account", "token", "admin", "--name", "test", "--scope", "system/*.cruds", "--scope",
                                       "vigil/administer")["token"]
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        cls.url = f"https://127.0.0.1:{cls.server.port('https')}"
        cls.authority = str(cls.folder / "keys/authority.pem")

    def runTest(self):
        """For unittest: `prepare` needs a case."""

    def vigil(self, *words, stdin="", token=None, url=None):
        group = words[0] in ("patient", "device", "account", "series", "quarantine") and len(words) == 1
        return run(*words, *(() if group else ("--ca", self.authority)), stdin=stdin,
                   env={"VIGIL_SERVER": url or self.url, "VIGIL_TOKEN": self.token if token is None else token})

    def test_the_folder_is_in_use(self):
        self.refused(run("patient", "list", "--data", str(self.folder)), CONFLICT, "another process|in use|--server")
        self.refused(run("rebuild", "--data", str(self.folder)), CONFLICT, "another process|in use")

    def test_a_server_that_does_not_know_or_trust(self):
        self.refused(self.vigil("patient", "list", token="vgl_wrong"), NOT_ALLOWED, "sign in|token")
        self.refused(self.vigil("patient", "list", token=""), UNREADABLE, "--api-token")
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            nobody = f"https://127.0.0.1:{unused.getsockname()[1]}"
            self.refused(self.vigil("patient", "list", url=nobody), BUSY, "refused")
        trusting_nobody = run("patient", "list", env={"VIGIL_SERVER": self.url, "VIGIL_TOKEN": self.token})
        self.assertNotEqual(trusting_nobody.returncode, 0)
        self.assertRegex(trusting_nobody.stderr, r"\Avigil: [^\n]*certificate[^\n]*\n\Z")

    def test_a_token_with_fewer_rights(self):
        reader = self.json("account", "token", "admin", "--name", "reader", "--scope", "system/*.rs")["token"]
        self.done(self.vigil("patient", "list", token=reader))
        self.refused(self.vigil("patient", "add", "MRN-R", "--name", "R", token=reader), NOT_ALLOWED, "may|allow|right|scope|forbidden")
        self.refused(self.vigil("account", "add", "x", "--role", "service", token=reader), NOT_ALLOWED, "may|allow|right|scope|forbidden")
        self.refused(self.vigil("backup", str(self.place / "stolen"), token=reader), NOT_ALLOWED, "may|allow|right|scope|forbidden")


class Folders(CommandTest):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="vigil-test-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)

    def test_what_only_reads_makes_no_folder(self):
        missing = self.place / "typing-mistake"
        for words in (("patient", "list"), ("device", "list"), ("series", "read", "--patient", "1", "--metric", "heart_rate"),
                      ("quarantine", "list"), ("verify",), ("backup", str(self.place / "backup")), ("rebuild",)):
            with self.subTest(words):
                self.refused(run(*words, "--data", str(missing)), NOT_FOUND, "typing-mistake")
                self.assertFalse(missing.exists())

    def test_a_folder_that_cannot_be_made(self):
        self.refused(run("patient", "add", "M", "--name", "N", "--data", "/proc/vigil"), OWN_FAULT, "/proc/vigil")

    def test_a_file_that_is_no_log(self):
        data = self.place / "data"
        self.done(run("patient", "add", "M", "--name", "N", "--data", str(data), env={"VIGIL_ADMIN_PASSWORD":
                                                                                     Server.admin_password}))
        for name, saying in (("log.db", "log.db"), ("vigil.db", "vigil.db")):
            with self.subTest(name):
                kept = (data / name).read_bytes()
                for suffix in ("-wal", "-shm"):
                    (data / (name + suffix)).unlink(missing_ok=True)
                (data / name).write_bytes(b"no database at all" * 1000)
                result = run("patient", "list", "--data", str(data))
                self.assertNotEqual(result.returncode, 0)
                self.assertRegex(result.stderr, r"\Avigil: [^\n]*" + saying + r"[^\n]*\n\Z")
                (data / name).write_bytes(kept)

    def test_verify_finds_damage(self):
        """Wherever it is: keys of a page that are out of order once had it read the same commits for ever."""
        whole = self.place / "whole"
        prepare(self, whole)
        for _ in range(8):
            damage = os.urandom(64)
            with self.subTest(damage=damage.hex()):
                data = self.place / damage.hex()[:16]
                shutil.copytree(whole, data)
                with open(data / "log.db", "r+b") as log:
                    body = log.read()
                    log.seek(len(body) // 2)
                    log.write(damage)
                result = run("verify", "--data", str(data))
                self.assertNotEqual(result.returncode, 0, result.stdout)
                self.assertLess(len(result.stderr), 100_000)


class Serve(ServerTest):
    def serve(self, *words, env=None):
        return subprocess.Popen([BINARY, "serve", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env={**os.environ, **(env or {})})

    def failed(self, status, saying, *words, env=None):
        result = run("serve", *words, env=env)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Avigil: [^\n]+\n\Z")
        self.assertRegex(result.stderr, saying)

    def test_one_line_says_ready_with_every_address(self):
        self.server.listeners = {name: "127.0.0.1:0" for name in ("http", "https", "mqtt", "mqtts")}
        self.server.start()
        self.assertEqual(set(self.server.addresses), {"http", "https", "mqtt", "mqtts"})
        for name in self.server.addresses:
            self.assertNotEqual(self.server.port(name), 0)
            socket.create_connection(("127.0.0.1", self.server.port(name)), timeout=PATIENCE_S).close()
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.process.communicate(timeout=PATIENCE_S)[0], "")
        self.assertEqual(self.server.process.returncode, 0)

    def test_what_is_off_is_not_listened_on(self):
        self.server.listeners = {"http": "127.0.0.1:0", "https": "off", "mqtts": "off"}
        self.server.start()
        self.assertEqual(set(self.server.addresses), {"http"})

    def test_signals_end_it_well(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                self.server.start()
                self.server.process.send_signal(number)
                self.assertEqual(self.server.process.wait(PATIENCE_S), 0)
                self.server.process.stdout.close()
        self.assertEqual(self.server.errors(), "")

    def test_sigterm_finishes_what_is_in_flight(self):
        self.make_token()
        self.server.start()
        patient = self.add_patient("P")
        client = Client(self.server, "m", self.add_device("m", patient)).connect()
        infos = [client.client.publish("vigil/m/telemetry", json.dumps({"heart_rate": 60 + n % 40, "seq": n}), qos=1)
                 for n in range(500)]
        wait_until("the first acknowledgement", infos[0].is_published)
        self.assertEqual(self.server.stop(), 0)
        client.cut()
        acknowledged = sum(info.is_published() for info in infos)
        self.server.start()
        self.assertGreaterEqual(len(self.raw(patient, "heart_rate")), acknowledged)

    def sign_in(self, password):
        body = json.dumps({"username": "admin", "password": password}).encode()
        request = urllib.request.Request(self.server.url("/api/session"), data=body, method="POST")
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code

    def test_the_first_administrators_password(self):
        self.server.admin_password = "chosen by whoever installs it"
        self.server.start()
        self.assertEqual(self.sign_in("chosen by whoever installs it"), 200)
        self.assertEqual(self.server.errors(), "")
        # It is for an empty folder: later it changes nothing.
        self.assertEqual(self.server.stop(), 0)
        self.server.admin_password = "another one that is long enough"
        self.server.start()
        self.assertEqual(self.sign_in("another one that is long enough"), 401)
        self.assertEqual(self.sign_in("chosen by whoever installs it"), 200)

    def test_without_one_a_password_is_made_and_left_where_no_log_has_it(self):
        self.server.admin_password = ""
        self.server.start()
        told = re.fullmatch(r"vigil: the administrator is admin, the password stands in (\S+): delete .*\n", self.server.errors())
        file = pathlib.Path(told[1])
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        password = file.read_text().strip()
        self.assertNotIn(password, self.server.errors())
        self.assertEqual(self.sign_in(password), 200)
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        self.assertEqual(self.server.errors().count("the administrator is admin"), 1)

    def test_a_person_at_a_terminal_is_shown_it(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("VIGIL_ADMIN_PASSWORD")}
        data = self.place / "terminal"
        process = subprocess.Popen([BINARY, "serve", "--data", str(data), "--http", "127.0.0.1:0", "--https", "off", "--mqtts", "off"],
                                   stdout=subprocess.PIPE, stderr=theirs, env=environment)
        os.close(theirs)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertRegex(os.read(ours, 4096).decode(), r"^vigil: the administrator is admin, the password \S+ \(shown once\)\r?\n")
        self.assertFalse((data / "admin-password").exists())

    def test_what_it_cannot_start_with(self):
        data = ("--data", str(self.place / "data"))
        quiet = ("--https", "off", "--mqtts", "off")
        config = self.place / "vigil.toml"
        self.failed(UNREADABLE, "password", *data, *quiet, env={"VIGIL_ADMIN_PASSWORD": "short"})
        self.failed(UNREADABLE, "no address", *data, *quiet, "--http", "localhost", env={"VIGIL_ADMIN_PASSWORD": "long enough words"})
        self.failed(NOT_FOUND, "nowhere.toml", *data, "--config", str(self.place / "nowhere.toml"))
        config.write_text('data = "x"\ncolour = "blue"\n')
        self.failed(UNREADABLE, r"vigil\.toml:2: .*colour", *data, "--config", str(config))
        config.write_text("data = \n")
        self.failed(UNREADABLE, r"vigil\.toml:1", *data, "--config", str(config))
        self.failed(WRONG_COMMAND_LINE, "--colour", *data, "--colour", "blue")
        self.failed(UNREADABLE, "VIGIL_RETENTION_LOG|retention.log", *data, env={"VIGIL_RETENTION_LOG": "long"})
        with socket.create_server(("127.0.0.1", 0)) as other:
            self.failed(CONFLICT, "in use", *data, *quiet, "--http", f"127.0.0.1:{other.getsockname()[1]}",
                        env={"VIGIL_ADMIN_PASSWORD": "long enough words"})

    def test_two_servers_on_one_folder(self):
        self.server.start()
        self.failed(CONFLICT, "another process|in use", "--data", self.server.folder, "--http", "127.0.0.1:0", "--https", "off",
                    "--mqtts", "off")

    def test_settings_from_file_environment_and_command_line(self):
        config = self.place / "vigil.toml"
        config.write_text('[listen]\nhttp = "127.0.0.1:0"\nhttps = "off"\nmqtts = "off"\nmqtt = "127.0.0.1:0"\n')
        process = self.serve("--data", str(self.place / "data"), "--config", str(config), "--mqtt", "off",
                             env={"VIGIL_LISTEN_HTTPS": "127.0.0.1:0", "VIGIL_LISTEN_MQTT": "127.0.0.1:0",
                                  "VIGIL_ADMIN_PASSWORD": "long enough words"})
        self.addCleanup(process.communicate)
        self.addCleanup(process.terminate)
        self.assertEqual(set(json.loads(process.stdout.readline())["addresses"]), {"http", "https"})


class Words(CommandTest):
    """docs/reference/cli.md and `--help` say the same."""

    def commands(self):
        """Every subcommand, as `--help` lists them."""
        def below(words):
            text = self.done(run(*words, "--help"))
            self.assertRegex(text, r"\S")
            listed = re.findall(r"^  ([a-z-]+) {2,}\S", text.partition("Subcommands:")[2], re.MULTILINE)
            itself = [" ".join(words)] if not listed or words and "[SUBCOMMAND]" in text else []
            return itself + [each for name in listed for each in below([*words, name])]
        return below([])

    def test_every_command_teaches_and_is_documented(self):
        reference = (HERE.parent.parent / "docs/reference/cli.md").read_text()
        for command in self.commands():
            with self.subTest(command):
                self.assertIn(f"vigil {command}", reference)

    def test_every_documented_command_is_there(self):
        reference = (HERE.parent.parent / "docs/reference/cli.md").read_text()
        there = set(self.commands())
        for documented in re.findall(r"`vigil ((?:[a-z-]+ ?)+)", reference):
            words = documented.split()
            with self.subTest(documented):
                self.assertTrue({" ".join(words[:1]), " ".join(words[:2])} & there, documented)

    def test_a_failure_that_is_the_command_lines(self):
        self.refused(run(), WRONG_COMMAND_LINE, "--help")
        self.refused(run("frobnicate"), WRONG_COMMAND_LINE, "frobnicate")
        self.refused(run("patient", "add", "M"), WRONG_COMMAND_LINE, "--name.*vigil patient add --help")

    def test_the_version(self):
        self.assertRegex(self.done(run("--version")), r"\A\d+\.\d+\.\d+\n\Z")

    def test_the_settings_are_the_documented_ones(self):
        reference = (HERE.parent.parent / "docs/reference/configuration.md").read_text()
        printed = self.done(run("config"))
        self.assertIn("| `retention.log` |", printed)
        for row in printed.splitlines():
            self.assertIn(row, reference)


if __name__ == "__main__":
    unittest.main()
