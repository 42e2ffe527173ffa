"""The price of what guards the data: TLS, sealing and audit, against a server that has none of them."""
from rows import fhir
from servers import load
from servers.vigil import Vigil
from table import Row

PATIENTS = 200
LOSS_MAX = 15  # per cent of throughput


class Unguarded(Vigil):
    name = "Unguarded"
    program = "bench/vigil_unguarded"  # bench/unguarded/


def measure(settings):
    works = {"publish": "QoS 1, 116-byte vital signs, 50 connections", "read": "FHIR read, 64 connections",
             "create": "FHIR create, durable, 64 connections"}
    lost = {work: Row(f"{words}: throughput that TLS, sealing and audit take", "%", LOSS_MAX) for work, words in works.items()}
    cpus = {work: Row("  CPU, of that without", "×", digits=2) for work in works}
    for _ in settings.each_run("guard"):
        seen = {}
        for kind in (Vigil, Unguarded):
            guarded = kind is Vigil
            with kind() as server:
                fhir.fill(server, 1, PATIENTS + 1)
                published = load.run(server, seconds=settings.seconds, tls=guarded)
                seen[kind, "publish"] = published["rate"], published["cpu_us"], published["others"]
                for work in ("read", "create"):
                    rate, cpu, _, others = fhir.load(server, work, PATIENTS, settings.seconds, tls=guarded)
                    seen[kind, work] = rate, cpu, others
        for work in works:
            rate, cpu, others = seen[Vigil, work]
            rate_without, cpu_without, others_without = seen[Unguarded, work]
            others = max(others, others_without)
            lost[work].add((1 - rate / rate_without) * 100, others)
            cpus[work].add(cpu / cpu_without, others)
    return [row for work in works for row in (lost[work], cpus[work])]
