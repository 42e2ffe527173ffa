#!/usr/bin/env python3
"""./dev bench: one table of measurements on this machine, the peers beside Vigil in the same run.

CPU is the server's own (user + system, from /proc), each figure the median of the runs. These
machines are noisy: read the ratios before the absolute figures."""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

root = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(root / "tests/crash"))
from server import Server  # noqa: E402

build = root / "build/release"
tick_s = 1 / os.sysconf("SC_CLK_TCK")
PLAIN = '{"ts":{ms},"seq":{seq},"heart_rate":{"value":{val},"unit":"/min"},"spo2":97,"resp_rate":16,"note":0}'


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * tick_s


def memory_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0


def load(pid, address, **options):
    words = [str(build / "bench/mqtt_load"), "--address", address]
    for name, value in options.items():
        words += ["--" + name, str(value)]
    generator = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    if generator.stdout.readline().strip() != "begin":
        raise SystemExit("the load generator could not connect")
    before = cpu_s(pid)
    result = json.loads(generator.stdout.readline())
    result["cpu_us"] = (cpu_s(pid) - before) / max(1, result["messages"]) * 1e6
    generator.wait()
    return result


class Vigil:
    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        configuration = pathlib.Path(self.folder.name) / "bench.toml"
        configuration.write_text('[[topic]]\naccount = "load"\nfilter = "vigil/#"\nallow = ["publish", "subscribe"]\n')
        self.server = Server(str(build / "vigil"), self.folder.name + "/data", "--config", str(configuration))
        self.server.command("account", "add", "load", "--role", "service")
        self.token = self.server.command("account", "token", "load", "--name", "bench", "--scope", "system/*.cruds")["token"]
        self.server.start()
        self.server.sign_in()
        for bed in range(50):
            patient = self.post("/api/patients", {"display_name": f"Bed {bed}", "identifier": f"B{bed}"})["id"]
            self.post("/api/devices", {"id": f"d{bed:06}"})
            self.post(f"/api/devices/d{bed:06}/attach", {"patient": patient})
        self.pid = self.server.process.pid
        self.address = self.server.addresses["mqtt"]
        return self

    def post(self, path, body):
        request = urllib.request.Request(self.server.url(path), data=json.dumps(body).encode(), method="POST",
                                         headers={"cookie": self.server.cookie, "x-vigil-csrf": self.server.csrf,
                                                  "content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def run(self, **options):
        return load(self.pid, self.address, user="load", password=self.token, payload=PLAIN, **options)

    def __exit__(self, *_):
        self.server.stop()
        self.folder.cleanup()


class Mosquitto:
    """With persistence, as a hospital would run it; it neither decodes nor syncs before PUBACK."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        os.chmod(self.folder.name, 0o777)
        import socket
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        configuration = pathlib.Path(self.folder.name) / "mosquitto.conf"
        configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
                                 f"persistence_location {self.folder.name}/\nlog_type none\nmax_inflight_messages 0\n")
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = subprocess.Popen([program, "-c", str(configuration)], stderr=subprocess.DEVNULL)
        self.pid, self.address = self.process.pid, f"127.0.0.1:{port}"
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return self
            time.sleep(0.02)
        raise SystemExit("mosquitto did not start")

    def run(self, **options):
        return load(self.pid, self.address, payload=PLAIN, **options)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def row(*cells):
    print("| {:<58} | {:>14} | {:>14} | {:>22} |".format(*cells))


def median(results, key):
    return statistics.median(result[key] for result in results)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("part", nargs="?", default="mqtt", choices=["mqtt", "micro"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    subprocess.run(["ninja", "-C", str(build), "--quiet", "benchmarks"], check=True)
    if options.part == "micro":
        for program in sorted((build / "bench").glob("*_bench")):
            subprocess.run([program], check=True)
        return
    full, steady = {"Vigil": [], "Mosquitto": []}, {"Vigil": [], "Mosquitto": []}
    idle_mb = 0
    for number in range(options.runs):
        for name, peer in (("Vigil", Vigil), ("Mosquitto", Mosquitto)):
            print(f"run {number + 1}/{options.runs}: {name}", file=sys.stderr)
            with peer() as server:
                if name == "Vigil":
                    idle_mb = memory_mb(server.pid)
                full[name].append(server.run(seconds=options.seconds))
                steady[name].append(server.run(seconds=options.seconds, rate=20000))
    row("work", "Vigil", "Mosquitto", "must (aim)")
    row("---", "---:", "---:", "---:")
    ours, theirs = median(full["Vigil"], "cpu_us"), median(full["Mosquitto"], "cpu_us")
    row("QoS 1, 50 connections, window 100: CPU µs a message", f"{ours:.2f}", f"{theirs:.2f}", "≤ 0.5 × (0.3 ×)")
    row("  ratio", f"{ours / theirs:.2f}", "1", "")
    row("  messages/s (durable / in memory)", f"{median(full['Vigil'], 'messages') / options.seconds:.0f}",
        f"{median(full['Mosquitto'], 'messages') / options.seconds:.0f}", "")
    for key, words, must in (("p50_us", "PUBACK p50 at 20,000/s, µs", "≤ 1,000 (500)"),
                             ("p99_us", "PUBACK p99 at 20,000/s, µs", "≤ 6,000 (2,000)"),
                             ("p999_us", "PUBACK p99.9 at 20,000/s, µs", "")):
        row(words, f"{median(steady['Vigil'], key):.0f}", f"{median(steady['Mosquitto'], key):.0f}", must)
    row("memory, idle with 50 devices known, MB", f"{idle_mb:.0f}", "", "< 60 (30)")
    print(f"\nmedian of {options.runs} runs; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
