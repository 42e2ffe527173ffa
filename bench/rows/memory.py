"""Memory of the whole process, as what it grows by."""
import subprocess
import time

import machine
from servers import build
from servers.load import Load
from servers.vigil import Vigil
from table import Row

# The vital signs of a bedside monitor: eight series of one message.
NUMERICS = ('{"ts":{ts},"seq":{seq},"heart_rate":{val},"spo2":97,"resp_rate":16,"pulse_rate":{val},"temp_body":{"value":37.1,"unit":"Cel"},'
            '"abp_sys":1{val},"abp_dia":{val},"abp_mean":{val}}')
WATCHED_S = 75  # over a minute: a flush interval of readings in memory, and a live stream's minute


def growth_a_connection(settings, tls):
    """One message each, so that the device is known; the memory of what it sent is small beside."""
    count = 200 if settings.quick else 1_000
    with Vigil(devices=count) as server:
        time.sleep(1)
        before = machine.memory_bytes(server.pid)
        load = Load(server, tls=tls, connections=count, rate=count / 2, each=1, warm_up=3, seconds=1, hold=3)
        load.result()
        grown = machine.memory_bytes(server.pid) - before
        load.end()
    return grown / count / 1024


def growth_with_patients(settings, count):
    with Vigil(devices=count) as server:
        time.sleep(1)
        load = Load(server, connections=count, rate=count, each=1, warm_up=2, seconds=1, payload=NUMERICS, hold=2)
        load.result()
        before = machine.memory_bytes(server.pid)  # the connections stand
        load.end()
        load = Load(server, connections=count, rate=count, payload=NUMERICS, seconds=5 if settings.quick else WATCHED_S, hold=1)
        load.result()
        grown = machine.memory_bytes(server.pid) - before
        load.end()
    return grown


def growth_with_beds(settings, count):
    with Vigil(devices=0) as server:
        before = machine.memory_bytes(server.pid)
        ward = subprocess.Popen([build / "vigil", "simulate", "--beds", str(count), "--server", f"http://{server.http}",
                                 "--api-token", server.token, "--mqtt", server.address], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        time.sleep(10 if settings.quick else WATCHED_S)
        grown = machine.memory_bytes(server.pid) - before
        ward.terminate()
        ward.communicate()
    return grown


def each_more(growth, settings, few, many):
    """What one more costs, in kB: what the server takes once, whoever is there (caches of files,
    threads), is in both."""
    return (growth(settings, many) - growth(settings, few)) / (many - few) / 1024


def measure(settings):
    idle = Row("memory: idle, an empty server", "MB", 60, 30, digits=0)
    plain = Row("memory: a connected device", "kB", 24, 12, digits=1)
    tls = Row("memory: a connected device over TLS", "kB", 64, 32, digits=1)
    numerics = Row("memory: a patient's live state, 8 numerics at 1 Hz", "kB", 16, 8, digits=1)
    waves = Row("memory: a patient's live state, with 2 ECG, pleth and respiration", "kB", 400, 200, digits=0)
    for _ in settings.each_run("memory", runs=1):
        with Vigil(devices=0) as server:
            time.sleep(1)
            idle.add(machine.memory_bytes(server.pid) / 2**20)
        plain.add(growth_a_connection(settings, tls=False))
        tls.add(growth_a_connection(settings, tls=True))
        numerics.add(each_more(growth_with_patients, settings, *((50, 150) if settings.quick else (500, 2_000))))
        waves.add(each_more(growth_with_beds, settings, *((10, 30) if settings.quick else (50, 150))))
    numerics.note = f"what one more patient adds to the whole process, {WATCHED_S} s of readings: head, newest values, the live stream's minute, what allocators keep"
    return [idle, plain, tls, numerics, waves]
