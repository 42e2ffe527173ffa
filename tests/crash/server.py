"""Starts, kills and asks a real `vigil`, for the tests that need one."""
import json
import os
import signal
import ssl
import subprocess
import urllib.request


class Server:
    """One data folder; the process on it comes and goes."""

    admin_password = "correct horse battery staple"
    listeners = {"http": "127.0.0.1:0", "https": "off", "mqtt": "127.0.0.1:0", "mqtts": "off"}

    def __init__(self, binary, folder, *options):
        self.binary, self.folder, self.options = binary, folder, options
        self.process = self.addresses = None
        self.token = None

    def start(self):
        listeners = [word for name, address in self.listeners.items() for word in ("--" + name, address)]
        with open(self.folder + ".stderr", "ab") as errors:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--data", self.folder, *listeners, *self.options],
                stdout=subprocess.PIPE, stderr=errors, text=True,
                env={**os.environ, "VIGIL_ADMIN_PASSWORD": self.admin_password})
        line = self.process.stdout.readline()
        if not line:
            self.process.stdout.close()
            raise AssertionError(f"vigil did not start: {self.errors()[-2000:]}")
        self.addresses = json.loads(line)["addresses"]
        return self

    def errors(self):
        """What it has said on standard error."""
        with open(self.folder + ".stderr") as said:
            return said.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """As an operator would; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        return status

    def port(self, listener):
        return int(self.addresses[listener].rsplit(":", 1)[1])

    def command(self, *words, stdin=None):
        """A `vigil` command on the idle data folder; its JSON answer."""
        done = subprocess.run([self.binary, *words, "--data", self.folder, "--json"], input=stdin,
                              capture_output=True, text=True,
                              env={**os.environ, "VIGIL_ADMIN_PASSWORD": self.admin_password})
        if done.returncode != 0:
            raise AssertionError(f"vigil {' '.join(words)} exited {done.returncode}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def sign_in(self):
        body = json.dumps({"username": "admin", "password": self.admin_password}).encode()
        request = urllib.request.Request(self.url("/api/session"), data=body, method="POST",
                                         headers={"content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
            self.csrf = json.load(answer)["csrf"]

    def url(self, path):
        return f"http://{self.addresses['http']}{path}"

    def get(self, path):
        request = urllib.request.Request(self.url(path), headers={"cookie": self.cookie})
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def raw_series(self, patient, metric):
        """Every stored sample of a metric, page by page."""
        samples, cursor = [], ""
        while True:
            page = json.loads(self.get(f"/api/series/raw?patient={patient}&metric={metric}&limit=10000{cursor}"))
            samples += page["readings"]
            if not page.get("next"):
                return samples
            cursor = f"&cursor={page['next']}"
