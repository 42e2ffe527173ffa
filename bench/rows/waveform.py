"""Waveform blocks as fast as they are acknowledged: two ECG leads, pleth and respiration a message."""
from servers import load
from servers.vigil import Vigil
from table import Row


def measure(settings):
    rate = Row("waveform samples ingested durably, 50 connections", "M/s", 1, 3, more=True)
    cpu = Row("  CPU a sample", "ns", digits=0)
    for _ in settings.each_run("waveform"):
        with Vigil() as server:
            result = load.run(server, wave=1, topic="vigil/mon{id}/wave", window=8, seconds=settings.seconds)
            server.must_hold("ecg_ii", result["acknowledged"])
        samples = result["samples_each"]
        rate.add(result["rate"] * samples / 1e6, result["others"])
        cpu.add(result["cpu_us"] / samples * 1e3, result["others"])
        rate.note = f"{samples:.0f} samples a message of four blocks; {result.get('unacknowledged')} unacknowledged, {result['refused']} refused"
    return [rate, cpu]
