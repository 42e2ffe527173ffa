#!/usr/bin/python3
"""Many devices at once, each sending once a second: all are served, every acknowledged reading is there.

    tests/server/crowd_test.py --devices 10000 --seconds 30     the same with more of them; prints what it cost"""
import argparse
import asyncio
import collections
import concurrent.futures
import http.client
import json
import os
import resource
import sys
import unittest

from ward import PATIENCE_S, ServerTest, connect_packet, publish_packet

DEVICES = 1000
SECONDS = 5
PATIENTS = 10
CONNECTING_AT_ONCE = 200


class Device(asyncio.Protocol):
    """Connects, and publishes a value when told to."""

    def __init__(self, name, token):
        self.name, self.token = name, token
        self.loop = asyncio.get_running_loop()
        self.connected = self.loop.create_future()
        self.sent_at, self.latencies, self.lost = {}, [], None
        self.left = b""

    def connection_made(self, transport):
        self.transport = transport
        transport.write(connect_packet(self.name, self.token))

    def connection_lost(self, error):
        self.lost = error or "closed"
        if not self.connected.done():
            self.connected.set_exception(ConnectionError(f"{self.name}: {self.lost}"))

    def data_received(self, data):
        data = self.left + data
        while len(data) >= 4:
            kind, body, data = data[0], data[2:4], data[4:]
            if kind == 0x20:
                self.connected.set_result(body[1])
            elif kind == 0x40:
                sent = self.sent_at.pop(int.from_bytes(body, "big"))
                self.latencies.append(self.loop.time() - sent)
        self.left = data

    def publish(self, number):
        self.sent_at[number] = self.loop.time()
        body = b'{"heart_rate": %d, "seq": %d}' % (60 + number % 60, number)
        self.transport.write(publish_packet(f"vigil/{self.name}/telemetry", body, number))


class Usage:
    """What a process has used so far."""

    def __init__(self, pid):
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        self.cpu_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        with open(f"/proc/{pid}/status") as file:
            self.memory_mb = next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


class Crowd(ServerTest):
    devices, seconds = DEVICES, SECONDS

    def setUp(self):
        super().setUp()
        wanted = self.devices + 200
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), max(hard, wanted)))
        self.make_token()
        self.server.start()

    def register(self, numbers):
        """One connection's worth of devices."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        headers = {"authorization": "Bearer " + self.token, "content-type": "application/json"}

        def post(path, body):
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            self.assertLess(answer.status, 300, text)
            return json.loads(text)

        tokens = []
        for number in numbers:
            tokens.append(post("/api/devices", {"id": f"d-{number}"})["secret"]["password"])
            post(f"/api/devices/d-{number}/attach", {"patient": self.patients[number % PATIENTS]})
        connection.close()
        return tokens

    async def connect_all(self, tokens):
        gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def connect(number, token):
            async with gate:
                _, device = await asyncio.get_running_loop().create_connection(
                    lambda: Device(f"d-{number}", token), "127.0.0.1", self.server.port("mqtt"))
                self.assertEqual(await asyncio.wait_for(device.connected, PATIENCE_S), 0)
                return device
        return await asyncio.gather(*(connect(number, token) for number, token in enumerate(tokens)))

    async def send(self, devices):
        """Evenly over each second."""
        loop = asyncio.get_running_loop()
        began, slices = loop.time(), 50
        for second in range(self.seconds):
            for part in range(slices):
                for device in devices[part::slices]:
                    device.publish(second + 1)
                await asyncio.sleep(max(0, began + second + (part + 1) / slices - loop.time()))
        for _ in range(PATIENCE_S * 10):
            if not any(device.sent_at for device in devices):
                return loop.time() - began
            await asyncio.sleep(0.1)
        raise AssertionError(f"{sum(len(device.sent_at) for device in devices)} messages were never acknowledged")

    async def play(self, tokens):
        idle = Usage(self.server.process.pid)
        devices = await self.connect_all(tokens)
        connected = Usage(self.server.process.pid)
        took_s = await self.send(devices)
        sent = Usage(self.server.process.pid)
        self.assertEqual([device.name for device in devices if device.lost], [])
        latencies = sorted(latency for device in devices for latency in device.latencies)
        for device in devices:
            device.transport.close()
        return {
            "devices": len(devices), "messages": len(latencies), "seconds": round(took_s, 1),
            "server CPU, cores": round((sent.cpu_s - connected.cpu_s) / took_s, 3),
            "memory, idle, MB": round(idle.memory_mb, 1), "connected, MB": round(connected.memory_mb, 1),
            "sent, MB": round(sent.memory_mb, 1),
            "a connected device, kB": round((connected.memory_mb - idle.memory_mb) * 1024 / len(devices), 2),
            "PUBACK p50, ms": round(latencies[len(latencies) // 2] * 1000, 2),
            "PUBACK p99, ms": round(latencies[len(latencies) * 99 // 100] * 1000, 2)}

    def test_all_are_served_and_nothing_is_lost(self):
        self.patients = [self.add_patient(f"P{number}") for number in range(PATIENTS)]
        workers = 8
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            shares = [range(first, self.devices, workers) for first in range(workers)]
            tokens = [None] * self.devices
            for share, made in zip(shares, pool.map(self.register, shares)):
                for number, token in zip(share, made):
                    tokens[number] = token
        self.cost = asyncio.run(self.play(tokens))
        self.assertEqual(self.cost["messages"], self.devices * self.seconds)
        stored = collections.Counter()
        for patient in self.patients:
            for series in self.get(f"/api/series?patient={patient}")["series"]:
                stored[series["device"]] = series["count"]
        self.assertEqual(stored, {f"d-{number}": self.seconds for number in range(self.devices)})
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.server.errors(), "")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--devices", type=int, default=DEVICES)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    options = parser.parse_args()
    Crowd.devices, Crowd.seconds = options.devices, options.seconds
    case = Crowd("test_all_are_served_and_nothing_is_lost")
    result = unittest.TextTestRunner(verbosity=0).run(case)
    if result.wasSuccessful():
        print(json.dumps(case.cost, indent=2))
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
