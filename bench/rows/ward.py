"""Beds held on this machine: a simulated ward at real rates, over MQTT."""
import time

import machine
from servers.simulated_ward import SimulatedWard
from servers.vigil import Vigil
from table import Row


def measure(settings):
    count = 100 if settings.quick else 2_000
    cores = Row(f"{count:,} simulated beds (vitals, 2 ECG, pleth, respiration) at real rates: cores", "", digits=3)
    held = Row("  beds that 2 cores would hold at that rate", "", more=True, digits=0)
    errors = Row("  refused messages", "", 0, digits=0)
    for _ in settings.each_run("ward", runs=1):
        with Vigil(devices=0) as server, SimulatedWard(server, count) as ward:
            watch = machine.Watch(server.pid, ward.pid)
            time.sleep(6 * settings.seconds)
            seconds, (server_cpu, ward_cpu), others = watch.read()
            status = server.ask("GET", "/api/status")
            result = ward.end()
        cores.add(server_cpu / seconds, others)
        held.add(2 * count * seconds / max(server_cpu, machine.tick_s), others)
        errors.add(result["refused"])
        cores.note = (f"{status['rates']['messages_s']:.0f} messages/s, {status['rates']['readings_s']:.0f} readings/s, "
                      f"{status['rates']['samples_s']:.0f} waveform samples/s; the simulator itself took {ward_cpu / seconds:.2f} cores; "
                      f"commit p99 {status['log']['commit_ms']['p99']:.1f} ms")
        held.note = "computed from the CPU of the beds that ran, not seen running"
    return [cores, held, errors]
