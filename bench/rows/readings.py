"""A hundred million readings as Observations: bytes each, and searches over them."""
import datetime
import json
import subprocess

import machine
from rows.fhir import asked
from servers import build
from servers.vigil import Vigil
from table import Row

BUNDLE = 400  # entries
HOURS = 48
SEARCHES = {
    "lastn": ("Observation/$lastn of a patient's vital signs", 5),
    "day": ("a day's window of a patient's heart rate, first page of 100", 5),
    "day_1000": ("the same day, first page of 1,000", None),
    "day_count": ("the same day counted (_summary=count)", None),
    "newest": ("heart rate of all patients by -date", None),
    "value": ("heart rate of all patients above 90, by -date", None),
    "no_value": ("heart rate of all patients above 300: there is none", None),
}


def introduce(server, patients):
    """Patients p1… and their devices, numbered alike."""
    entries = [{"resource": {"resourceType": "Patient", "id": f"p{number}"}, "request": {"method": "PUT", "url": f"Patient/p{number}"}}
               for number in range(1, patients + 1)]
    for begin in range(0, patients, BUNDLE):
        server.ask("POST", "/fhir", json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries[begin:begin + BUNDLE]}))
    for number in range(1, patients + 1):
        server.post("/api/devices", {"id": f"mon{number:06}"})


def readings_load(folder, patients, hours):
    done = subprocess.run([build / "bench/readings_load", folder, str(patients), str(hours)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def measure(settings):
    patients, hours = (5, 2) if settings.quick else (100, HOURS)
    size = Row("FHIR: a reading on disk, of all that vigil.db grew by", "B", 3)
    rows = {kind: [Row(f"FHIR: {words}, p50", "ms", must), Row("  p99", "ms"), Row("  CPU a request", "ms")]
            for kind, (words, must) in SEARCHES.items()}
    memory = Row("FHIR: resident memory after these searches", "MB", digits=0)
    for _ in settings.each_run("readings", runs=1):
        with Vigil(devices=0) as server:
            introduce(server, patients)
            with server.away() as data:
                before = (data / "vigil.db").stat().st_size
                loaded = readings_load(data, patients, hours)
                grown = (data / "vigil.db").stat().st_size - before
            settings.say(f"{loaded['readings']:,} readings in {loaded['seconds']:.0f} s")
            size.add(grown / loaded["readings"])
            size.note = f"{loaded['readings']:,} readings of {patients} patients, written in {loaded['seconds']:.0f} s"
            for one in (1, patients):
                held = server.ask("GET", f"/fhir/Observation?patient=p{one}&_summary=count")["total"]
                if held * patients != loaded["readings"]:
                    raise SystemExit(f"p{one} has {held} readings of {loaded['readings']}")
            end = datetime.datetime.fromisoformat(loaded["end"].replace("Z", "+00:00"))
            span = datetime.timedelta(hours=hours / 2)
            window = [(end - span * part).strftime("%FT%TZ") for part in (1.5, 0.5)]
            for kind in SEARCHES:
                _, cpu, p50, p99, others = asked(server, kind, patients, settings.seconds, 1, *window)
                for row, value in zip(rows[kind], (p50, p99, cpu / 1e3)):
                    row.add(value, others)
            memory.add(machine.memory_bytes(server.pid) / 1e6)
    return [size] + [row for three in rows.values() for row in three] + [memory]
