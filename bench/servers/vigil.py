"""A real `vigil serve` with registered devices, each on a patient."""
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import sys
import tempfile
import threading
import time

from servers import Started, build, root

sys.path.insert(0, str(root / "tests/crash"))
from server import Server  # noqa: E402


CALLERS = 16


class AllListeners(Server):
    listeners = {"http": "127.0.0.1:0", "https": "127.0.0.1:0", "mqtt": "127.0.0.1:0", "mqtts": "127.0.0.1:0"}


class Vigil(Started):
    name = "Vigil"

    program = "vigil"

    def __init__(self, devices=50, options=()):
        self.devices, self.options = devices, options

    def start(self, leaving):
        folder = pathlib.Path(leaving.enter_context(tempfile.TemporaryDirectory()))
        configuration = folder / "bench.toml"
        configuration.write_text('[[topic]]\naccount = "load"\nfilter = "vigil/#"\nallow = ["publish", "subscribe"]\n'
                                 # One token asks as fast as it can: the quota would be what is measured.
                                 "[http]\nrequests_per_second = 1000000\nburst = 1000000\n")
        self.server = AllListeners(str(build / self.program), f"{folder}/data", "--config", str(configuration), *self.options)
        self.server.command("account", "add", "load", "--role", "service")
        self.token = self.server.command("account", "token", "load", "--name", "bench", "--scope", "system/*.cruds", "--scope", "vigil/administer")["token"]
        self.credentials = {"user": "load", "password": self.token}
        leaving.callback(self.stop)
        self.data = folder / "data"
        self.authority = self.data / "keys/authority.pem"
        self.serve()
        with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:  # their commits are shared
            list(callers.map(self.bed, range(self.devices)))

    def serve(self):
        self.server.start()
        self.pid = self.server.process.pid
        self.address, self.http = self.server.addresses["mqtt"], self.server.addresses["http"]
        self.tls_address = "localhost:" + self.server.addresses["mqtts"].rsplit(":", 1)[1]
        self.https = "localhost:" + self.server.addresses["https"].rsplit(":", 1)[1]
        self.local = threading.local()

    @contextlib.contextmanager
    def away(self):
        """The server stops, its folder is the block's, and it starts again."""
        self.stop()
        yield self.data
        self.serve()

    def bed(self, number):
        patient = self.post("/api/patients", {"display_name": f"Bed {number}", "identifier": f"B{number}"})["id"]
        self.post("/api/devices", {"id": f"mon{number:06}"})
        self.post(f"/api/devices/mon{number:06}/attach", {"patient": patient})

    def must_hold(self, metric, acknowledged):
        """Every acknowledged message is readable, once, and nothing was put into quarantine."""
        def count(patient):
            series = self.ask("GET", f"/api/series?patient={patient}")["series"]
            return sum(each["count"] for each in series if each["metric"] == metric)

        with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
            held = sum(callers.map(count, range(1, self.devices + 1)))
        unread = self.ask("GET", "/api/status")["quarantine_open"]
        if held != acknowledged or unread:
            raise SystemExit(f"{acknowledged} messages were acknowledged, {held} are stored, {unread} in quarantine")

    def import_files(self, files):
        """$import of (type, lines) that lie in the server's folder; what it came to, once all is durable."""
        folder = pathlib.Path(self.server.folder) / "import"
        folder.mkdir(exist_ok=True)
        for type, lines in files:
            (folder / f"{type}.ndjson").write_text(lines)
        inputs = [{"type": type, "url": f"file:{type}.ndjson"} for type, _ in files]
        kick_off = json.dumps({"inputFormat": "application/fhir+ndjson", "input": inputs})
        location = self.exchange("POST", "/fhir/$import", kick_off, prefer="respond-async").headers["content-location"]
        while True:
            answer = self.exchange("GET", "/" + location.split("/", 3)[3])
            if answer.status == 200:
                return json.loads(answer.content)
            time.sleep(0.02)

    def exchange(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.http)
        connection.request(method, path, body, {"authorization": f"Bearer {self.token}", "content-type": "application/json", **headers})
        answer = connection.getresponse()
        answer.content = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path} was answered {answer.status}: {answer.content[:300]}")
        connection.close()
        return answer

    def post(self, path, body):
        return self.ask("POST", path, json.dumps(body))

    def ask(self, method, path, body=None):
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection(self.http)
        self.local.connection.request(method, path, body, {"authorization": f"Bearer {self.token}", "content-type": "application/json"})
        answer = self.local.connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path} was answered {answer.status}: {content[:300]}")
        return json.loads(content)

    def stop(self):
        if not self.server.process:
            return
        status = self.server.stop()
        if status != 0 and self.server.addresses:  # one that never served has said why
            raise SystemExit(f"vigil serve exited {status}")
