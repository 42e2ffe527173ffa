"""Runs bench/mqtt_load against a server and takes the server's CPU time over the measured part."""
import json
import subprocess

import machine
from servers import build, end


class Load:
    """Started and in its measured part once it is entered."""

    def __init__(self, server, tls=False, live=False, **options):
        words = [build / "bench/mqtt_load", "--address", server.tls_address if tls else server.address]
        if tls:
            words += ["--ca", server.authority]
        if live:
            words += ["--live", server.http, "--token", server.token]
        for name, value in {**server.credentials, **options}.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "begin":
            end(self.process)
            raise SystemExit(f"the load generator could not connect to {server.name}")
        self.watch = machine.Watch(server.pid, self.process.pid)

    def result(self):
        """What the measured part saw; the connections may still stand (hold)."""
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the load generator ended early")
        result = json.loads(line)
        seconds, (server_cpu, load_cpu), others = self.watch.read()
        result |= {"cpu_us": server_cpu / max(1, result["messages"]) * 1e6, "server_cores": server_cpu / seconds,
                   "load_cores": load_cpu / seconds, "others": others, "rate": result["messages"] / result["seconds"]}
        return result

    def end(self):
        """Messages that were never acknowledged, and connections lost."""
        rest = json.loads(self.process.stdout.readline() or "{}")
        self.process.wait()
        return rest


def run(server, **options):
    load = Load(server, **options)
    result = load.result()
    return result | load.end()
