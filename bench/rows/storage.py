"""What a stored sample takes, how fast samples are written and read back, how long screens' queries take."""
import json
import pathlib
import subprocess
import tempfile
import time

from servers import build
from servers.postgres import Postgres
from table import Row

# Tables and indices of vigil.db by what they are for.
SAMPLES = ("chunks",)
ROLL_UPS = ("rollups", "rollups_place", "sqlite_autoindex_rollups_1")
STATEMENT_ROWS = 1_000


def store_load(part, folder):
    done = subprocess.run([build / "bench/store_load", part, folder], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def pages(file):
    """Bytes of each table and index."""
    out = subprocess.run(["sqlite3", "-readonly", file, "SELECT name, sum(pgsize) FROM dbstat GROUP BY name"],
                         check=True, capture_output=True, text=True).stdout
    return {name: int(size) for name, size in (line.split("|") for line in out.splitlines())}


def sizes(file, empty):
    """Growth over an empty store: (samples, index, roll-ups)."""
    grown = {name: size - empty.get(name, 0) for name, size in pages(file).items()}
    samples = sum(grown.pop(name, 0) for name in SAMPLES)
    roll_ups = sum(grown.pop(name, 0) for name in ROLL_UPS)
    return samples, sum(grown.values()), roll_ups


def postgres(csv_file):
    """Bytes a row, rows a second by COPY and by INSERT."""
    lines = pathlib.Path(csv_file).read_text().splitlines()
    table = ("CREATE TABLE {}(device int, metric int, time timestamptz, value double precision, status int, "
             "PRIMARY KEY(device, metric, time))")
    with Postgres() as server, tempfile.TemporaryFile("w+") as inserts:
        server.psql(table.format("copied"))
        server.psql(table.format("inserted"))
        for at in range(0, len(lines), STATEMENT_ROWS):
            rows = ("({},{},'{}',{},{})".format(*line.split(",")) for line in lines[at:at + STATEMENT_ROWS])
            inserts.write(f"INSERT INTO inserted VALUES {','.join(rows)};\n")
        inserts.seek(0)
        began = time.monotonic()
        with open(csv_file, encoding="utf-8") as file:
            server.psql("COPY copied FROM STDIN WITH (FORMAT csv)", file)
        copied = time.monotonic()
        server.psql("", inserts)
        inserted = time.monotonic()
        size = int(server.psql("SELECT pg_total_relation_size('copied')"))
    return size / len(lines), len(lines) / (copied - began), len(lines) / (inserted - copied)


def measure(settings):
    regular = Row("bytes a stored sample: 1 Hz vitals, regular device time", "B", 0.5, 0.25, digits=3)
    jitter = Row("  1 Hz vitals, device time with ±50 ms of jitter", "B", 2, digits=3)
    ecg = Row("  ECG", "B", 0.75, 0.6, digits=3)
    write = Row("series written durably: vitals of 100 beds, a flush a minute", "k/s", more=True, digits=0)
    scan = Row("scan: raw decode of vitals, one core", "M/s", 200, 500, more=True, digits=0)
    scan_ecg = Row("  of ECG blocks", "M/s", 200, 500, more=True, digits=0)
    queries = {"day": Row("a day at 1 Hz as at most 1,000 points", "ms", 2, 0.5, digits=3),
               "today": Row("  the same of a day that is not over", "ms", 2, 0.5, digits=3),
               "year": Row("a year from roll-ups", "ms", 5, 1, digits=3)}
    for _ in settings.each_run("storage"):
        with tempfile.TemporaryDirectory() as folder:
            kept, rows = store_load("bytes", folder), store_load("peers", folder)
            empty = pages(kept["empty"]["file"])
            sqlite_bytes = sum(pages(rows["sqlite_file"]).values()) / rows["rows"]
            postgres_bytes, copied, inserted = postgres(rows["csv"])
            peers = {"SQLite_rows": sqlite_bytes, "PostgreSQL_rows": postgres_bytes, "FHIR_JSON": rows["fhir_bytes"]}
            for name, row in (("regular", regular), ("jitter", jitter), ("ecg", ecg)):
                count = kept[name]["samples"]
                samples, index, roll_ups = (size / count for size in sizes(kept[name]["file"], empty))
                row.add(samples, **(peers if name != "ecg" else {}))
                row.note = (f"{kept[name]['source']}; {count:,} samples; index {index:.3f} B, roll-ups {roll_ups:.3f} B apart; "
                            "AES-256-GCM, page ends included")
            written = store_load("write", folder)
            write.add(written["samples"] / written["s"] / 1e3, SQLite_rows=rows["rows"] / rows["sqlite_s"] / 1e3,
                      PostgreSQL_COPY=copied / 1e3, PostgreSQL_INSERT=inserted / 1e3)
            write.note = (f"SQLite and PostgreSQL {STATEMENT_ROWS:,} rows a transaction, COPY in one; CPU a sample "
                          f"{written['cpu_s'] / written['samples'] * 1e6:.2f} µs, then {kept['regular']['compact_cpu_s'] / kept['regular']['samples'] * 1e6:.2f} µs "
                          f"to compact, SQLite rows {rows['sqlite_cpu_s'] / rows['rows'] * 1e6:.2f} µs")
            rates = store_load("scan", folder)
            scan.add(rates["vitals"])
            scan_ecg.add(rates["ecg"])
            for name, measured in store_load("windows", folder).items():
                queries[name].add(measured["ms"])
                queries[name].note = f"{measured['points']} points; CPU of the asking thread, the best of many"
    return [regular, jitter, ecg, write, scan, scan_ecg, *queries.values()]
