"""FHIR Subscriptions: from sending a write to its notification at the endpoint, among many Subscriptions."""
import asyncio
import concurrent.futures
import json
import os
import queue
import random
import threading
import time

import machine
from servers.vigil import Vigil
from table import Row

WRITERS = 8
BUNDLE = 400  # entries


class Endpoint:
    """Notes when each resource arrived: PUT /Observation/[id]."""

    def __init__(self):
        self.arrived, self.ready = {}, queue.Queue()
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.ready.get()}"

    async def serve(self):
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        self.ready.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    async def answer(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
                await reader.readexactly(length)
                self.arrived.setdefault(head.split(b" ", 2)[1].rsplit(b"/", 1)[1].decode(), time.monotonic())
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


def subscribe(server, url, first, last):
    resources = ({"resourceType": "Subscription", "id": f"s{number}", "status": "requested", "reason": "bench",
                  "criteria": f"Observation?patient=Patient/p{number}&code=8867-4",
                  "channel": {"type": "rest-hook", "endpoint": url, "payload": "application/fhir+json"}} for number in range(first, last))
    entries = [{"resource": one, "request": {"method": "PUT", "url": f"Subscription/{one['id']}"}} for one in resources]
    for begin in range(0, len(entries), BUNDLE):
        server.ask("POST", "/fhir", json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries[begin:begin + BUNDLE]}))


def fill(server, patients):
    entries = [{"resource": {"resourceType": "Patient", "id": f"p{number}"}, "request": {"method": "PUT", "url": f"Patient/p{number}"}}
               for number in range(1, patients + 1)]
    for begin in range(0, len(entries), BUNDLE):
        server.ask("POST", "/fhir", json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries[begin:begin + BUNDLE]}))


def write(server, patients, rate, seconds):
    """When each Observation was sent, by its id; writes a second, CPU a write, others' cores."""
    sent, count = {}, int(rate * seconds)
    begin = time.monotonic()

    def one(number):
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
        id, at = f"w{time.monotonic_ns()}-{number}", time.monotonic()
        sent[id] = at
        server.ask("PUT", f"/fhir/Observation/{id}", json.dumps({
            "resourceType": "Observation", "id": id, "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            "subject": {"reference": f"Patient/p{random.randint(1, patients)}"}, "valueQuantity": {"value": 80}}))

    watch = machine.Watch(server.pid)
    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(one, range(count)))
    passed, (cpu,), others = watch.read()
    return sent, count / passed, cpu / count * 1e6, others


def arrivals(endpoint, sent, patience=60):
    until = time.monotonic() + patience
    while missing := sent.keys() - endpoint.arrived.keys():
        if time.monotonic() > until:
            raise SystemExit(f"{len(missing)} of {len(sent)} notifications did not arrive")
        time.sleep(0.05)
    return sorted(endpoint.arrived[id] - at for id, at in sent.items())


def measure(settings):
    many = 200 if settings.quick else 10_000
    rate = 200
    latency = {point: Row(f"FHIR Subscriptions: write to endpoint, {point}, among {many:,}, {rate} writes a second", "ms", must, digits=0)
               for point, must in (("p50", None), ("p99", 1000))}
    cpu = {count: Row(f"  CPU a write, {count:,} Subscriptions", "µs", digits=0) for count in (0, many)}
    for _ in settings.each_run("subscriptions", runs=1):
        endpoint = Endpoint()
        os.environ["VIGIL_FHIR_SUBSCRIPTION_ENDPOINTS"] = endpoint.url
        with Vigil(devices=0) as server:
            fill(server, many)
            _, _, each, others = write(server, many, rate, settings.seconds)
            cpu[0].add(each, others)
            settings.say(f"{many:,} Subscriptions")
            subscribe(server, endpoint.url, 1, many + 1)
            while server.ask("GET", "/fhir/Subscription?status=requested&_summary=count")["total"]:
                time.sleep(0.2)
            sent, _, each, others = write(server, many, rate, settings.seconds)
            cpu[many].add(each, others)
            times = arrivals(endpoint, sent)
            for point, share in (("p50", 0.5), ("p99", 0.99)):
                latency[point].add(times[int(len(times) * share)] * 1e3, others)
        del os.environ["VIGIL_FHIR_SUBSCRIPTION_ENDPOINTS"]
    return [*latency.values(), *cpu.values()]
