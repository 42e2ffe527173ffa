"""What the server was told in confidence is nowhere that somebody else looks: ps, the environment, logs, crash dumps."""
import os
import pathlib
import resource
import secrets
import stat
import subprocess
import unittest

from ward import BINARY, ServerTest, wait_until
from wire import Wire, request


class Secrets(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()

    def proc(self, name, pid=None):
        return pathlib.Path(f"/proc/{pid or self.server.process.pid}/{name}")

    def nowhere(self, secret):
        secret = secret.encode()
        for name in ("cmdline", "environ"):
            self.assertNotIn(secret, self.proc(name).read_bytes(), name)
        self.assertNotIn(secret, self.server.errors().encode())

    def test_the_administrators_password_is_wiped_from_the_environment(self):
        self.server.admin_password = secrets.token_urlsafe(16)
        os.environ["VIGIL_METRICS_TOKEN"] = token = secrets.token_urlsafe(16)
        self.addCleanup(os.environ.pop, "VIGIL_METRICS_TOKEN", None)
        self.server.start()
        self.nowhere(self.server.admin_password)
        self.nowhere(token)
        with Wire(self.server.port("http")) as wire:
            status, _, _ = wire.send(request("GET", "/metrics", [f"Authorization: Bearer {token}"])).answer()
            self.assertEqual(status, 200, "it is known all the same")

    def test_the_password_of_the_first_administrator_from_a_file(self):
        folder, file = str(self.place / "new"), self.place / "password"
        file.write_text("from a file, as a secret is mounted\n")
        server = type(self.server)(BINARY, folder)
        server.admin_password = ""
        environment = {key: value for key, value in os.environ.items() if key != "VIGIL_ADMIN_PASSWORD"}
        environment["VIGIL_ADMIN_PASSWORD_FILE"] = str(file)
        done = subprocess.run([BINARY, "patient", "add", "M", "--name", "N", "--data", folder], env=environment, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), "no password was made up")
        server.start()
        self.addCleanup(server.kill)
        server.admin_password = "from a file, as a secret is mounted"
        server.sign_in()
        environment["VIGIL_ADMIN_PASSWORD_FILE"] = str(self.place / "missing")
        done = subprocess.run([BINARY, "patient", "add", "M", "--name", "N", "--data", str(self.place / "third")], env=environment, capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("VIGIL_ADMIN_PASSWORD_FILE", done.stderr)

    def test_a_token_on_the_command_line_is_gone_from_ps(self):
        self.server.start()
        for words in (["--api-token", self.token], [f"--api-token={self.token}"]):
            with self.subTest(words):
                # It waits for the new password.
                process = subprocess.Popen([BINARY, "account", "password", "admin", "--server", self.server.url("").rstrip("/"), *words],
                                           stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.addCleanup(process.kill)
                wait_until("ps shows stars", lambda: b"***" in self.proc("cmdline", process.pid).read_bytes())
                self.assertNotIn(self.token.encode(), self.proc("cmdline", process.pid).read_bytes())
                process.communicate(b"another horse battery staple\n")
                self.assertEqual(process.returncode, 0, "and it was used all the same")

    def test_no_option_takes_a_password(self):
        words = [[], ["serve"], ["demo"], ["simulate"], ["import"], ["backup"], ["restore"], ["account", "add"], ["account", "password"],
                 ["account", "token"], ["device", "add"]]
        for group in words:
            said = subprocess.run([BINARY, *group, "--help"], capture_output=True, text=True).stdout
            options = [word for word in said.replace(",", " ").split() if word.startswith("--")]
            self.assertEqual([word for word in options if "password" in word or "secret" in word], [], group)

    def test_there_is_no_core_dump_and_nobody_reads_its_memory(self):
        self.server.start()
        limits = self.proc("limits").read_text()
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        self.assertEqual(core.split()[4:6], ["0", "0"])
        # PR_SET_DUMPABLE 0: what /proc shows of it belongs to root, and to nobody without privilege.
        self.assertEqual(os.stat(self.proc("mem")).st_uid, 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.proc("environ")).st_mode) & 0o077, 0)
        self.assertEqual(resource.prlimit(self.server.process.pid, resource.RLIMIT_CORE), (0, 0))

    def test_the_master_key_may_lie_elsewhere(self):
        self.server.start()
        self.server.stop()
        inside = pathlib.Path(self.server.folder) / "keys/master.key"
        outside = self.place / "master.key"
        inside.rename(outside)
        os.environ["VIGIL_KEYS_MASTER_FILE"] = str(outside)
        self.addCleanup(os.environ.pop, "VIGIL_KEYS_MASTER_FILE", None)
        self.server.start()
        self.assertEqual(len(self.get("/api/accounts")["accounts"]), 1)
        self.server.stop()
        self.assertFalse(inside.exists())
        self.server.command("account", "list")
        # systemd's credentials carry an access control list, which shows as group bits.
        outside.chmod(0o440)
        self.server.command("account", "list")
        outside.chmod(0o444)
        with self.assertRaisesRegex(AssertionError, "others can read"):
            self.server.command("account", "list")
        outside.unlink()
        with self.assertRaisesRegex(AssertionError, "master key"):
            self.server.command("account", "list")
        self.assertFalse(outside.exists(), "none is made up")


if __name__ == "__main__":
    unittest.main()
