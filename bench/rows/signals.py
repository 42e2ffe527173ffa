"""What it takes to read a bed's ECG and to watch the bed: the micro benchmarks of signal/ and monitor/,
as cores of a ward of a thousand beds."""
import json
import subprocess

import machine
from servers import build
from table import Row

BEDS = 1_000
LEADS_HZ = 2 * 250  # samples a second that two leads bring


def benchmarks(program, settings):
    """Name to what it took: processor time in nanoseconds and counters."""
    watch = machine.Watch()
    ran = subprocess.run([build / "bench" / program, "--benchmark_format=json", f"--benchmark_min_time={'0.02' if settings.quick else '0.5'}"],
                         capture_output=True, text=True, check=True)
    seconds, used, others = watch.read()
    nanoseconds = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
    found = {one["name"]: one | {"took_ns": one["cpu_time"] * nanoseconds[one["time_unit"]]} for one in json.loads(ran.stdout)["benchmarks"]}
    return found, max(0, others - 1)  # ours takes one


def cores(nanoseconds_a_bed_second):
    return BEDS * nanoseconds_a_bed_second * 1e-9


def measure(settings):
    reading = Row("find and classify beats, two leads at 250 Hz: a sample of a lead", "ns", aim=70, digits=0)
    beats = Row(f"  beats of {BEDS:,} beds of two leads", "cores", digits=3)
    rhythms = Row(f"  rhythm, quality, ST, breaths and pulse of {BEDS:,} beds", "cores", digits=3)
    alarms = Row(f"  limits and alarms of {BEDS:,} beds, eight numerics a second", "cores", digits=3)
    standing = Row("  the same with every limit crossed and nobody there", "cores", digits=3)
    whole = Row(f"watch {BEDS:,} beds: the sum of it", "cores", must=0.25, aim=0.1, digits=3, note="one alarm rule a bed; without storing")
    memory = Row("  memory of what is watched by limits, a bed in alarm", "kB", digits=0)
    for _ in settings.each_run("signals", runs=3):
        ecg, others = benchmarks("ecg_bench", settings)
        rhythm, more = benchmarks("rhythm_bench", settings)
        monitor, most = benchmarks("monitor_bench", settings)
        others = max(others, more, most)
        sample = 1e9 / ecg["ecg_read/hz/leads/250/2"]["items_per_second"]
        parts = [cores(sample * LEADS_HZ), cores(rhythm["rhythm_bed_second"]["took_ns"]), cores(monitor["bed_second/1"]["took_ns"])]
        reading.add(sample, others)
        for row, value in zip((beats, rhythms, alarms), parts):
            row.add(value, others)
        standing.add(cores(monitor["bed_second_in_alarm"]["took_ns"]), others)
        whole.add(sum(parts), others)
        memory.add(next(one for name, one in monitor.items() if name.startswith("bytes_of_a_bed"))["bytes_of_a_bed"] / 1024)
    return [reading, beats, rhythms, alarms, standing, whole, memory]
