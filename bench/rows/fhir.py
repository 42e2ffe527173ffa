"""The record as FHIR: reads, durable writes, transactions and searches among many patients, by wrk."""
import concurrent.futures
import json
import os
import subprocess

import machine
from servers import root
from servers.vigil import Vigil
from table import Row

CONNECTIONS = 64
SEARCHES = ("token", "name", "date", "chained", "include")
OBSERVATIONS = 8  # of each patient
ENTRIES = 450  # of a bundle that fills the server


def resources(first, last):
    for number in range(first, last):
        yield {"resourceType": "Patient", "id": f"p{number}", "identifier": [{"system": "urn:bench", "value": str(number)}],
               "name": [{"family": f"Family{number}", "given": ["Ada", "B."]}], "gender": "female",
               "birthDate": f"19{number % 90 + 10}-{number % 12 + 1:02}-{number % 28 + 1:02}"}
        for day in range(OBSERVATIONS):
            code = "8867-4" if day % 2 else "8310-5"
            yield {"resourceType": "Observation", "id": f"o{number}-{day}", "status": "final",
                   "code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "subject": {"reference": f"Patient/p{number}"},
                   "effectiveDateTime": f"2024-03-{day + 1:02}T10:00:00Z",
                   "valueQuantity": {"value": 60 + number % 40, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}}


def fill(server, first, last):
    """Resources a second, CPU a resource and others' cores while patients first to last-1 are imported by transactions."""
    each = ENTRIES // (OBSERVATIONS + 1)
    bundles = []
    for begin in range(first, last, each):
        entries = [{"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
                   for one in resources(begin, min(last, begin + each))]
        bundles.append(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    watch = machine.Watch(server.pid)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda body: server.ask("POST", "/fhir", body), bundles))
    seconds, (cpu,), others = watch.read()
    count = (last - first) * (OBSERVATIONS + 1)
    return count / seconds, cpu / count * 1e6, others


def bring(patients):
    """The same of an empty server that reads them from files itself ($import)."""
    files = {type: "".join(json.dumps(one) + "\n" for one in resources(1, patients + 1) if one["resourceType"] == type)
             for type in ("Patient", "Observation")}
    with Vigil(devices=0) as server:
        watch = machine.Watch(server.pid)
        came = server.import_files(files.items())
        seconds, (cpu,), others = watch.read()
    count = patients * (OBSERVATIONS + 1)
    if sum(one["count"] for one in came["output"]) != count:
        raise SystemExit(f"not everything was imported: {came}")
    return count / seconds, cpu / count * 1e6, others


def asked(server, kind, patients, seconds, connections, *more, tls=False):
    """Requests a second, CPU a request in µs, p50 and p99 in ms, others' cores. `more` is what the kind needs."""
    words = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}", "-s", root / "bench/load/fhir.lua",
             "-H", f"authorization: Bearer {server.token}", f"https://{server.https}" if tls else f"http://{server.http}", "--", kind, str(patients), *more]
    before = os.times()
    watch = machine.Watch(server.pid)
    said = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout
    passed, (cpu,), others = watch.read()
    after = os.times()
    own = after.children_user + after.children_system - before.children_user - before.children_system
    others = max(0, others - own / passed)
    line = next(line for line in said.splitlines() if line.startswith("RESULT "))
    requests, took, p50, p99, wrong = (float(number) for number in line.split()[1:])
    if wrong:
        raise SystemExit(f"{kind}: {wrong:.0f} of {requests:.0f} requests were refused")
    return requests / took, cpu / requests * 1e6, p50 / 1e3, p99 / 1e3, others


def load(server, kind, patients, seconds, connections=CONNECTIONS, tls=False):
    rate, cpu, p50, _, others = asked(server, kind, patients, seconds, connections, tls=tls)
    return rate, cpu, p50, others


def measure(settings):
    sizes = (200, 400) if settings.quick else (1_000, 8_000, 64_000)
    imported = Row("FHIR import by transactions, durable: resources a second", "/s", 20_000, more=True, digits=0)
    import_cpu = Row("  CPU a resource", "µs", digits=0)
    brought = Row("FHIR $import of NDJSON, durable: resources a second", "/s", 20_000, more=True, digits=0)
    brought_cpu = Row("  CPU a resource", "µs", digits=0)
    rates = {kind: Row(f"FHIR {words}, 64 connections", "/s", must, more=True, digits=0)
             for kind, words, must in (("read", "read", 30_000), ("create", "create, durable", 8_000),
                                       ("transaction", "transaction (Patient and Observation), durable", 4_000))}
    cpus = {kind: Row("  CPU a request", "µs", digits=0) for kind in rates}
    searches = {kind: [Row(f"FHIR search by {kind}: p50 among {size:,} patients", "ms", digits=2) for size in sizes] for kind in SEARCHES}
    growth = {kind: Row(f"  {sizes[-1]:,} against {sizes[0]:,}", "×", 2) for kind in SEARCHES}
    for _ in settings.each_run("fhir", runs=1):
        settings.say(f"$import of {sizes[1]:,} patients")
        rate, cpu, others = bring(sizes[1])
        brought.add(rate, others)
        brought_cpu.add(cpu, others)
        with Vigil(devices=0) as server:
            have = 1
            for place, size in enumerate(sizes):
                settings.say(f"filling up to {size:,} patients")
                rate, cpu, others = fill(server, have, size + 1)
                have = size + 1
                imported.add(rate, others)
                import_cpu.add(cpu, others)
                for kind in SEARCHES:
                    _, _, p50, others = load(server, kind, size, settings.seconds, connections=1)
                    searches[kind][place].add(p50, others)
                if place == 0:
                    for kind in rates:
                        rate, cpu, _, others = load(server, kind, size, settings.seconds)
                        rates[kind].add(rate, others)
                        cpus[kind].add(cpu, others)
            for kind in SEARCHES:
                growth[kind].add(searches[kind][-1].values[-1] / max(0.01, searches[kind][0].values[-1]))
    rows = [brought, brought_cpu, imported, import_cpu]
    for kind in rates:
        rows += [rates[kind], cpus[kind]]
    for kind in SEARCHES:
        rows += searches[kind] + [growth[kind]]
    return rows
