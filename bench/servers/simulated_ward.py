"""Beds at real rates, over MQTT: `vigil simulate`."""
import json
import signal
import subprocess
import time

from servers import build

START_S = 300


class SimulatedWard:
    """`with`: all of its beds are connected and have sent for two seconds."""

    def __init__(self, server, beds):
        self.server, self.beds = server, beds

    def __enter__(self):
        self.process = subprocess.Popen([build / "vigil", "simulate", "--beds", str(self.beds), "--server", f"http://{self.server.http}",
                                         "--api-token", self.server.token, "--mqtt", self.server.address],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.pid = self.process.pid
        deadline = time.monotonic() + START_S
        while self.server.ask("GET", "/api/status")["connections"]["mqtt"] < self.beds and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(2)
        return self

    def end(self):
        """What it says of itself."""
        self.process.send_signal(signal.SIGINT)
        return json.loads(self.process.communicate()[0])

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
