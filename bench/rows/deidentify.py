"""`vigil deidentify` over a made-up export: bytes a second, and memory as readings and persons grow."""
import datetime
import json
import os
import pathlib
import subprocess
import tempfile

import machine
from servers import build
from table import Row

START = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
LOINC = "http://loinc.org"
UCUM = {"system": "http://unitsofmeasure.org"}
VITALS = [("8867-4", "/min", 72), ("2708-6", "%", 97), ("9279-1", "/min", 16), ("8310-5", "Cel", 37)]
DIAGNOSES = ["38341003", "44054006", "195967001", "13645005"]


def person(number):
    yield "Patient", {"resourceType": "Patient", "id": f"p{number}", "identifier": [{"system": "urn:bench", "value": f"MRN-{number}"}],
                      "name": [{"family": f"Family{number}", "given": ["Given"]}], "gender": ("female", "male")[number % 2],
                      "birthDate": f"{1940 + number * 7 % 60}-0{1 + number % 9}-01",
                      "address": [{"line": [f"{number} Main St"], "city": "Boise", "state": "ID", "postalCode": ("83702", "10027")[number // 2 % 2]}]}
    yield "Encounter", {"resourceType": "Encounter", "id": f"e{number}", "status": "in-progress",
                        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
                        "subject": {"reference": f"Patient/p{number}"}, "period": {"start": START.isoformat()}}
    yield "Condition", {"resourceType": "Condition", "id": f"c{number}", "subject": {"reference": f"Patient/p{number}"},
                        "encounter": {"reference": f"Encounter/e{number}"},
                        "code": {"coding": [{"system": "http://snomed.info/sct", "code": DIAGNOSES[number // 4 % 4], "display": "as coded"}], "text": "as told"}}


def reading(number, count):
    code, unit, value = VITALS[count % len(VITALS)]
    return {"resourceType": "Observation", "id": f"o{number}-{count}", "meta": {"versionId": "1", "lastUpdated": "2026-03-01T08:00:00.000Z"},
            "status": "final", "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                                                        "code": "vital-signs", "display": "Vital Signs"}]}],
            "code": {"coding": [{"system": LOINC, "code": code, "display": "as coded"}], "text": "as told"},
            "subject": {"reference": f"Patient/p{number}"}, "encounter": {"reference": f"Encounter/e{number}"},
            "effectiveDateTime": (START + datetime.timedelta(seconds=count + number % 59)).isoformat(),
            "valueQuantity": {"value": value + count % 10, "unit": unit, "code": unit, **UCUM}}


def export(folder, persons, readings):
    """An export of so many persons, so many readings of each; its bytes."""
    folder.mkdir()
    files = {type: (folder / f"{type}.ndjson").open("w") for type in ("Patient", "Encounter", "Condition", "Observation")}
    for number in range(persons):
        for type, one in person(number):
            files[type].write(json.dumps(one) + "\n")
        for count in range(readings):
            files["Observation"].write(json.dumps(reading(number, count)) + "\n")
    for file in files.values():
        file.close()
    return sum(path.stat().st_size for path in folder.iterdir())


def run(folder, release, method):
    """CPU seconds and peak resident bytes."""
    watch = machine.Watch()
    process = subprocess.Popen([build / "vigil", "deidentify", folder, release, "--method", method, "--gate", "none", "--no-key"],
                               stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"vigil deidentify: exit status {process.returncode}")
    seconds, _, others = watch.read()
    cpu = used.ru_utime + used.ru_stime
    return seconds, cpu, used.ru_maxrss * 1024, max(0, others - cpu / seconds)


def measure(settings):
    persons, readings = (200, 20) if settings.quick else (5_000, 40)
    harbor = Row(f"de-identify {persons:,} persons with {readings} readings each, Safe Harbor: read", "MB/s", more=True, digits=1)
    shift = Row("  dates shifted: read", "MB/s", more=True, digits=1)
    cpu = Row("  CPU a resource, Safe Harbor, three passes", "µs", digits=1)
    peak = Row("  memory at its peak", "MB", digits=0)
    fourfold = Row("  the same with four times the readings of each", "MB", digits=0)
    more = Row("  the same with four times the persons", "MB", digits=0)
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as place:
        place = pathlib.Path(place)
        size = export(place / "export", persons, readings)
        harbor.note = f"{size / 1e6:.0f} MB of NDJSON"
        for number in settings.each_run("deidentify", runs=3):
            seconds, used, memory, others = run(place / "export", place / f"harbor-{number}", "safe-harbor")
            harbor.add(size / 1e6 / seconds, others)
            cpu.add(used / (persons * (readings + 3)) * 1e6, others)
            peak.add(memory / 1e6)
            seconds, _, _, others = run(place / "export", place / f"shift-{number}", "date-shift")
            shift.add(size / 1e6 / seconds, others)
        settings.say("deidentify: four times as many")
        export(place / "long", persons, 4 * readings)
        fourfold.add(run(place / "long", place / "long-release", "safe-harbor")[2] / 1e6)
        export(place / "many", 4 * persons, readings // 4)
        more.add(run(place / "many", place / "many-release", "safe-harbor")[2] / 1e6)
    return [harbor, shift, cpu, peak, fourfold, more]
