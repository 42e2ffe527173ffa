"""Beds watched on this machine: what watching costs, and how soon a screen shows an alarm."""
import contextlib
import pathlib
import sys
import threading
import time
import types

import machine
from servers import root
from servers.simulated_ward import SimulatedWard
from servers.vigil import Vigil
from table import Row

sys.path.insert(0, str(root / "tests/server"))
from alarm_screen import AlarmScreen  # noqa: E402

THREAD = "vigil-watch"


def thread_cpu_s(pid):
    """What the thread that watches has used."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            if (task / "comm").read_text().strip() == THREAD:
                fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
                return (int(fields[11]) + int(fields[12])) * machine.tick_s
    return 0.0


def look(screen):
    """A screen that paints what it is sent, until it is closed."""
    with contextlib.suppress(Exception):
        while True:
            screen.next()


def measure(settings):
    count = 50 if settings.quick else 1_000
    what = f"{count:,} simulated beds (vitals, 2 ECG, pleth, respiration), stored and watched"
    watching = Row(f"{what}: cores of the thread that watches", "", digits=3)
    cores = Row("  cores of the server, all of it", "", 0.25, 0.1, digits=3)
    memory = Row("  resident memory", "MB", 400, digits=0)
    p50 = Row("  from a device's message to the screen that has its alarm, p50", "ms", 20, digits=1)
    p99 = Row("  the same, p99", "ms", 100, digits=1)
    for _ in settings.each_run("watch", runs=1):
        with Vigil(devices=0) as server, SimulatedWard(server, count) as ward:
            port = int(server.http.rsplit(":", 1)[1])
            screen = AlarmScreen(types.SimpleNamespace(port=lambda _: port), server.token)
            threading.Thread(target=look, args=(screen,), daemon=True).start()
            usage, before = machine.Watch(server.pid, ward.pid), thread_cpu_s(server.pid)
            time.sleep(6 * settings.seconds)
            thread = thread_cpu_s(server.pid) - before
            seconds, (server_cpu, _), others = usage.read()
            status = server.ask("GET", "/api/status")
            held = server.ask("GET", "/api/alarms")
            resident = machine.memory_bytes(server.pid)
            screen.close()
            ward.end()
        watching.add(thread / seconds, others)
        cores.add(server_cpu / seconds, others)
        memory.add(resident / 2**20, others)
        p50.add(status["alarm_latency_ms"]["p50"], others)
        p99.add(status["alarm_latency_ms"]["p99"], others)
        alarms = sum(alarm["visual"] for bed in held["beds"] for alarm in bed["alarms"])
        watching.note = f"{len(held['beds'])} beds watched, {alarms} alarms standing, {held['lag_s'] * 1000:.0f} ms behind the log"
    return [watching, cores, memory, p50, p99]
