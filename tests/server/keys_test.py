"""The keys of what is stored are rotated while the server works, moved into a token or a TPM and back, and nothing is lost: not by a
crash, not in a backup from before; and a key that is missing, wrong or another one is said in words (docs/guides/keys.md)."""
import http.client
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import threading
import time
import unittest

from backup_test import Publisher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from ward import BINARY, Client, Refused, Server, ServerTest, wait_until

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN, WRONG_PIN = "4711", "0815"


def key_file(path, data):
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def undo_versions(keys):
    """Writes subject.keys as it was before master keys had versions: without a head, each record wrapped by the root key itself."""
    root, data = (keys / "master.key").read_bytes(), (keys / "subject.keys").read_bytes()
    size = int.from_bytes(data[8:12], "big")
    wrap = data[12 + 4 + 8 + 1 + 1 + 1 + 8:][:60]  # behind version, time, count, length, kind, fingerprint
    master = AESGCM(root).decrypt(wrap[:12], wrap[12:], b"vigil master key")
    out = b""
    for at in range(12 + size + 4, len(data), 68):
        subject, nonce, sealed = data[at:at + 4], data[at + 4:at + 16], data[at + 16:at + 64]
        key = AESGCM(master).decrypt(nonce, sealed, b"vigil key " + subject)
        record = subject + nonce + AESGCM(root).encrypt(nonce, key, b"vigil key " + subject)
        out += record + crc32c(record).to_bytes(4, "big")
    (keys / "subject.keys").write_bytes(out)


class KeysTest(ServerTest):
    """A server whose [keys] come from a file, which a test writes anew."""

    def setUp(self):
        super().setUp()
        self.config = self.place / "vigil.toml"
        self.configure()
        self.server.options = ("--config", str(self.config))
        self.keys = pathlib.Path(self.server.folder) / "keys"

    def configure(self, **keys):
        self.config.write_text("[keys]\n" + "".join(f'{name} = "{value}"\n' for name, value in keys.items()))

    def begin(self):
        """An administrator's token, from the server itself: no command opens the folder meanwhile."""
        self.make_token()
        self.server.start()
        self.patient = self.add_patient("P")
        self.device = self.add_device("monitor", self.patient)
        self.measure(61)

    def make_token(self):
        self.token = self.command("account", "token", "admin", "--name", "test", "--scope", "system/*.cruds",
                                  "--scope", "vigil/administer")["token"]

    def command(self, *words):
        return self.server.command(*words, "--config", str(self.config))

    def fails(self, *words):
        """A command that does not work on this folder: its exit status and what it says."""
        done = subprocess.run([BINARY, *words, "--data", self.server.folder, "--config", str(self.config)], capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.returncode, done.stderr

    def measure(self, value):
        client = Client(self.server, "monitor", self.device).connect()
        client.publish("vigil/monitor/telemetry", {"heart_rate": value, "seq": value})
        client.close()
        wait_until("it is stored", lambda: str(value) in self.values(self.patient, "heart_rate"))

    def status(self):
        return self.get("/api/status")["keys"]

    def rotate(self):
        return self.post("/api/keys/rotate")

    def restart(self):
        self.assertEqual(self.server.stop(), 0)
        self.server.start()

    def assert_all_there(self, *values):
        self.assertEqual(self.values(self.patient, "heart_rate"), [str(value) for value in values])
        self.assertTrue(self.post("/api/verify")["sound"])


class Rotation(KeysTest):
    def test_the_folders_own_key_is_rotated_beside_the_running_server(self):
        self.begin()
        before = {name: (self.keys / name).read_bytes() for name in ("master.key", "subject.keys")}
        done = subprocess.run([BINARY, "keys", "rotate", "--server", self.server.url("").rstrip("/"), "--api-token", self.token],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("version 2 of the master key", done.stdout)
        status = self.status()
        self.assertEqual((status["version"], status["source"], status["rotation_due"], status["rotation"]["running"]), (2, "key", None, False))
        self.assertEqual(status["rotation"]["rewrapped"], status["keys"])
        for name, data in before.items():
            self.assertNotEqual((self.keys / name).read_bytes(), data)
        self.measure(62)
        self.restart()
        self.assert_all_there(61, 62)
        lines = self.get("/api/audit?what=rotate")["lines"]
        self.assertEqual([(line["who"], line["what"]) for line in lines],
                         [("admin", f"rotate keys.end: version 2, {status['keys']} keys"), ("admin", "rotate keys")])
        # Half of the folder put back from a copy of before is another key's, and said so.
        self.server.stop()
        (self.keys / "master.key").write_bytes(before["master.key"])
        code, said = self.fails("patient", "list")
        self.assertEqual(code, 5)
        self.assertIn("this is another key, its fingerprint", said)

    def test_the_idle_folder_is_rotated_too(self):
        self.begin()
        self.server.stop()
        self.assertEqual(self.command("keys", "rotate")["version"], 2)
        self.assertEqual(self.command("keys", "status")["keys"]["version"], 2)
        self.server.start()
        self.assert_all_there(61)

    def test_readings_are_acknowledged_while_keys_are_rotated(self):
        self.begin()
        client = Client(self.server, "busy", self.add_device("busy", self.patient)).connect()
        self.addCleanup(client.client.loop_stop)
        client.client.max_inflight_messages_set(100)
        publisher = Publisher(client, "busy")
        self.addCleanup(publisher.ended.set)
        publisher.start()
        versions, seen = [], 0
        for number in range(10):
            wait_until("readings come", lambda: len(publisher.acknowledged()) > seen + 20)
            seen = len(publisher.acknowledged())
            self.add_patient(f"new-{number}")
            versions.append(self.rotate()["version"])
        self.assertEqual(versions, list(range(2, 12)))
        publisher.ended.set()
        publisher.join()
        wait_until("all are acknowledged", lambda: len(publisher.acknowledged()) == len(publisher.sent))
        client.close()
        self.restart()
        kept = self.values(self.patient, "heart_rate")
        self.assertEqual(len(kept), 1 + len(publisher.sent))
        self.assertTrue(self.post("/api/verify")["sound"])

    def test_killed_at_any_time_nothing_is_lost(self):
        self.begin()
        values = [61]
        for number in range(8):
            ended = threading.Event()

            def rotate_on(ended=ended):
                while not ended.is_set():
                    try:
                        self.rotate()
                    except (OSError, http.client.HTTPException, Refused, ValueError):
                        return  # it was killed

            thread = threading.Thread(target=rotate_on)
            thread.start()
            values.append(62 + number)
            self.measure(values[-1])
            time.sleep(0.003 * number)
            self.server.kill()
            ended.set()
            thread.join()
            self.server.start()
            self.assert_all_there(*values)
            self.assertEqual([file.name for file in self.keys.iterdir() if file.suffix in (".new", ".next")], [])

    def test_a_backup_from_before_is_restored_with_the_keys_of_after_and_who_is_erased_stays_so(self):
        self.begin()
        gone = self.add_patient("GONE")
        self.post("/api/devices/monitor/detach")
        self.post("/api/devices/monitor/attach", {"patient": gone})
        client = Client(self.server, "monitor", self.device).connect()
        client.publish("vigil/monitor/telemetry", {"heart_rate": 99, "seq": 99})
        client.close()
        backup = self.place / "backup"
        self.post("/api/backup", {"folder": str(backup)})
        self.rotate()
        self.post(f"/api/patients/{gone}/erasure", {"reason": "asked", "identifier": "GONE"})
        self.rotate()
        self.server.stop()
        folder = self.place / "restored"
        folder.mkdir(mode=0o700)
        shutil.copytree(self.keys, folder / "keys")
        subprocess.run([BINARY, "restore", str(backup), "--data", str(folder)], check=True, capture_output=True)
        self.server = Server(BINARY, str(folder))
        self.server.start()
        self.assertEqual(self.values(self.patient, "heart_rate"), ["61"])
        self.assertTrue(self.post("/api/verify")["sound"])
        with self.assertRaises(Refused) as refused:
            self.values(gone, "heart_rate")
        self.assertEqual(refused.exception.status, 404)

    def test_a_folder_from_before_there_were_versions_goes_on_and_is_rotated(self):
        self.begin()
        self.server.stop()
        undo_versions(self.keys)
        self.server.start()
        self.assertEqual(self.status()["version"], 0)
        self.assert_all_there(61)
        self.assertEqual(self.rotate()["version"], 1)
        self.restart()
        self.assert_all_there(61)


class Sources(KeysTest):
    def test_a_root_key_from_the_environment_is_wiped_from_it(self):
        root = secrets.token_hex(32)
        self.configure(source="environment")
        code, said = self.fails("account", "token", "admin", "--name", "t", "--scope", "vigil/administer")
        self.assertEqual(code, 4)
        self.assertIn("VIGIL_KEYS_MASTER", said)
        os.environ["VIGIL_KEYS_MASTER"] = root
        self.addCleanup(os.environ.pop, "VIGIL_KEYS_MASTER", None)
        self.begin()
        self.assertFalse((self.keys / "master.key").exists())
        for name in ("environ", "cmdline"):
            self.assertNotIn(root.encode(), pathlib.Path(f"/proc/{self.server.process.pid}/{name}").read_bytes())
        self.restart()
        self.assert_all_there(61)
        self.assertNotIn(root, self.server.errors())
        self.server.stop()
        os.environ["VIGIL_KEYS_MASTER"] = secrets.token_hex(32)
        self.assertIn("another key", self.fails("patient", "list")[1])
        os.environ["VIGIL_KEYS_MASTER"] = "no hexadecimal digits"
        code, said = self.fails("patient", "list")
        self.assertEqual(code, 3)
        self.assertNotIn("no hexadecimal digits", said)

    def test_another_file_takes_the_place_of_the_one_before(self):
        one, two = (key_file(self.place / name, secrets.token_bytes(32)) for name in ("one", "two"))
        self.configure(master_file=one)
        self.begin()
        # The file of the configuration is read again: no restart.
        self.configure(master_file=two, previous_master_file=one)
        self.assertEqual(self.rotate()["version"], 2)
        self.restart()
        self.assert_all_there(61)
        self.configure(master_file=two)
        one.unlink()
        self.restart()
        self.assert_all_there(61)

    def test_a_crash_between_the_configuration_and_the_rotation_is_no_trap(self):
        one, two = (key_file(self.place / name, secrets.token_bytes(32)) for name in ("one", "two"))
        self.configure(master_file=one)
        self.begin()
        self.configure(master_file=two, previous_master_file=one)
        self.server.kill()
        self.server.start()
        self.assertIn("fingerprint", self.status()["rotation_due"])
        self.assertIn("`vigil keys rotate` moves them", self.server.errors())
        self.rotate()
        self.assertIsNone(self.status()["rotation_due"])
        self.assert_all_there(61)

    def test_the_recovery_key_opens_what_is_lost_otherwise(self):
        one, recovery = (key_file(self.place / name, secrets.token_bytes(32)) for name in ("one", "recovery"))
        self.configure(master_file=one, recovery_file=recovery)
        self.begin()
        self.assertEqual(len(self.status()["wrapped_by"]), 2)
        self.server.stop()
        away = recovery.rename(self.place / "in a safe")
        self.server.start()
        self.assert_all_there(61)
        with self.assertRaises(Refused):
            self.rotate()
        self.server.stop()
        one.unlink()
        self.assertIn("master key is missing", self.fails("patient", "list")[1])
        self.configure(master_file=away)
        self.server.start()
        self.assert_all_there(61)
        self.configure()
        self.rotate()
        away.unlink()
        self.restart()
        self.assert_all_there(61)


class Token(KeysTest):
    """A token of SoftHSM, in a folder of its own."""

    def setUp(self):
        for program in ("softhsm2-util", "pkcs11-tool"):
            if shutil.which(program) is None or not pathlib.Path(MODULE).exists():
                self.skipTest("there is no SoftHSM here: ./dev installs softhsm2 and opensc")
        super().setUp()
        (self.place / "tokens").mkdir()
        (self.place / "softhsm.conf").write_text(f"directories.tokendir = {self.place}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(self.place / "softhsm.conf")
        self.addCleanup(os.environ.pop, "SOFTHSM2_CONF", None)
        self.tool("softhsm2-util", "--init-token", "--free", "--label", "ward", "--pin", PIN, "--so-pin", "87654321")
        self.pin = key_file(self.place / "pin", f"{PIN}\n".encode())

    def tool(self, *words):
        subprocess.run(words, check=True, capture_output=True)

    def make_key(self, *words, label="vigil"):
        self.tool("pkcs11-tool", "--module", MODULE, "--token-label", "ward", "--login", "--pin", PIN, *words, "--label", label)

    def configure_token(self, **more):
        self.configure(**{"source": "pkcs11", "pkcs11_module": MODULE, "pkcs11_token": "ward", "pkcs11_key": "vigil",
                          "pkcs11_pin_file": self.pin} | more)

    def test_from_the_folder_into_the_token_and_from_key_to_key(self):
        self.make_key("--keygen", "--key-type", "AES:32")
        self.begin()
        self.configure_token()
        rotated = self.rotate()
        self.assertEqual(rotated["wrapped_by"], ["the PKCS #11 token 'ward', key 'vigil'"])
        self.assertFalse((self.keys / "master.key").exists(), "it opens nothing any more, and is gone")
        self.assertEqual(self.status()["source"], "pkcs11")
        self.measure(62)
        self.restart()
        self.assert_all_there(61, 62)
        self.make_key("--keypairgen", "--key-type", "rsa:2048", "--usage-decrypt", label="vigil-2")
        self.configure_token(pkcs11_key="vigil-2")
        self.restart()
        self.assertIn("'vigil-2'", self.status()["rotation_due"])
        self.assertIn("key 'vigil' opens nothing here any more", self.rotate()["left_to_do"][0])
        self.restart()
        self.assert_all_there(61, 62)
        said = self.server.errors() + json.dumps(self.get("/api/status"))
        self.assertNotIn(PIN, said)
        self.assertNotIn(PIN.encode(), pathlib.Path(f"/proc/{self.server.process.pid}/cmdline").read_bytes())

    def test_a_new_folder_may_begin_in_the_token_and_leave_it(self):
        self.make_key("--keygen", "--key-type", "AES:32")
        self.configure_token()
        self.begin()
        self.assertFalse((self.keys / "master.key").exists())
        self.configure()
        self.rotate()
        self.assertTrue((self.keys / "master.key").exists())
        self.tool("softhsm2-util", "--delete-token", "--token", "ward")
        self.restart()
        self.assert_all_there(61)

    def test_a_wrong_pin_a_missing_token_and_a_missing_key_are_refused_in_words(self):
        self.make_key("--keygen", "--key-type", "AES:32")
        self.configure_token()
        self.begin()
        self.server.stop()
        wrong = key_file(self.place / "wrong", WRONG_PIN.encode())
        self.configure_token(pkcs11_pin_file=wrong)
        code, said = self.fails("serve", "--http", "127.0.0.1:0", "--https", "off", "--mqtts", "off")
        self.assertEqual(code, 6, "the unit is not to start it again: tokens lock")
        self.assertIn("does not take the PIN in this file", said)
        self.assertNotIn(WRONG_PIN, said)
        unit = (pathlib.Path(__file__).parents[2] / "packaging/systemd/vigil.service").read_text()
        self.assertIn("RestartPreventExitStatus=6\n", unit)
        self.configure_token()
        self.server.start()
        self.assert_all_there(61)
        # The token is not asked for patients who come.
        tokens = self.place / "tokens"
        tokens.rename(self.place / "pulled out")
        tokens.mkdir()
        for number in range(70):
            self.add_patient(f"N{number}")
        with self.assertRaises(Refused):
            self.rotate()
        self.assertEqual(self.status()["version"], 1)
        self.assertIn("there is no PKCS #11 token", self.status()["rotation"]["failed"])
        self.server.stop()
        code, said = self.fails("patient", "list")
        self.assertEqual(code, 4)
        self.assertIn("there is no PKCS #11 token of this name: plug it in", said)
        tokens.rmdir()
        (self.place / "pulled out").rename(tokens)
        self.tool("pkcs11-tool", "--module", MODULE, "--token-label", "ward", "--login", "--pin", PIN, "--delete-object", "--type", "secrkey",
                  "--label", "vigil")
        code, said = self.fails("patient", "list")
        self.assertEqual(code, 4)
        self.assertIn("key", said)


class Tpm(KeysTest):
    """A TPM of swtpm, in a process of its own."""

    def setUp(self):
        if shutil.which("swtpm") is None:
            self.skipTest("there is no swtpm here: ./dev installs it")
        super().setUp()
        self.start_tpm("tpm")

    def start_tpm(self, name):
        state = self.place / name
        state.mkdir(exist_ok=True)
        socket = state / "socket"
        subprocess.run(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--server", f"type=unixio,path={socket}", "--ctrl",
                        f"type=unixio,path={socket}.ctrl", "--flags", "not-need-init,startup-clear", "--daemon", "--pid", f"file={state}/pid"],
                       check=True, capture_output=True)
        self.addCleanup(os.kill, int((state / "pid").read_text()), 15)
        self.tpm = f"swtpm:path={socket}"

    def test_into_the_tpm_and_on_another_machine_by_the_recovery_key(self):
        self.begin()
        recovery = key_file(self.place / "recovery", secrets.token_bytes(32))
        self.configure(source="tpm", tpm=self.tpm, recovery_file=recovery)
        self.assertEqual(self.rotate()["wrapped_by"][0], "the TPM of the machine it was made on")
        self.assertFalse((self.keys / "master.key").exists())
        self.restart()
        self.assert_all_there(61)
        self.server.stop()
        self.start_tpm("another")
        self.configure(source="tpm", tpm=self.tpm)
        code, said = self.fails("patient", "list")
        self.assertEqual(code, 5)
        self.assertIn("sealed to another TPM", said)
        self.configure(source="tpm", tpm=self.tpm, recovery_file=recovery)
        self.server.start()
        self.assertEqual(self.rotate()["version"], 3)
        recovery.unlink()
        self.restart()
        self.assert_all_there(61)
        self.server.stop()
        self.configure(source="tpm", tpm=f"swtpm:path={self.place}/nowhere")
        code, said = self.fails("patient", "list")
        self.assertEqual((code, said.count("\n")), (4, 1), said)


if __name__ == "__main__":
    unittest.main()
