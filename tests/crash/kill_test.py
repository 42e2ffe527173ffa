#!/usr/bin/env python3
"""Promise 1 and 3: kill -9 the server at random moments under QoS 1 and 2 load. What was acknowledged
is readable after the restart, and stored once."""
import argparse
import collections
import json
import random
import sys
import tempfile
import threading
import time

import paho.mqtt.client as mqtt

from server import Server

DEVICES = 4


class Publisher:
    """One device that publishes 0, 1, 2, … and remembers what was acknowledged."""

    def __init__(self, server, device, token, qos, persistent):
        self.server, self.device, self.token = server, device, token
        self.qos, self.persistent = qos, persistent
        self.next_value, self.sent, self.acknowledged = 0, set(), set()
        self.in_flight = {}
        self.acknowledged_ids = collections.deque()  # filled by paho's thread
        self.client = None
        self.up = threading.Event()

    def payload(self, value):
        # Persistent sessions name each message; clean ones have the device's time only.
        body = {"heart_rate": value, "ts": self.base_ms + value}
        if self.persistent:
            body["seq"] = value
        return json.dumps(body)

    def connect(self):
        self.up.clear()
        if self.client is None or not self.persistent:
            self.client = mqtt.Client(client_id=self.device, clean_session=not self.persistent)
            self.client.username_pw_set(self.device, self.token)
            self.client.max_inflight_messages_set(200)
            self.client.on_connect = lambda *_: self.up.set()
            self.client.on_publish = self.on_publish
            # A clean session forgets its exchanges: the device sends again what was not acknowledged.
            again = [] if self.persistent else sorted(self.sent - self.acknowledged)
            self.in_flight = {} if not self.persistent else self.in_flight
        else:
            again = []
        self.client.connect("127.0.0.1", self.server.port("mqtt"), keepalive=30)
        self.client.loop_start()
        if not self.up.wait(20):
            raise AssertionError(f"{self.device} got no CONNACK")
        for value in again:
            self.publish(value)

    def on_publish(self, _client, _userdata, mid):
        self.acknowledged_ids.append(mid)

    def count_acknowledged(self):
        while self.acknowledged_ids:
            value = self.in_flight.pop(self.acknowledged_ids.popleft(), None)
            if value is not None:
                self.acknowledged.add(value)

    def publish(self, value):
        info = self.client.publish(f"vigil/{self.device}/telemetry", self.payload(value), qos=self.qos)
        self.in_flight[info.mid] = value
        self.sent.add(value)

    def push(self, count):
        self.count_acknowledged()
        for _ in range(count):
            if len(self.sent) - len(self.acknowledged) > 400:
                return
            self.publish(self.next_value)
            self.next_value += 1

    def cut(self):
        self.client.loop_stop()
        self.count_acknowledged()

    def settled(self):
        self.count_acknowledged()
        return len(self.acknowledged) == len(self.sent)


def compare(server, publisher, patient):
    stored = collections.Counter(int(s["value"]) for s in server.raw_series(patient, "heart_rate"))
    lost = publisher.acknowledged - set(stored)
    doubled = {value for value, count in stored.items() if count > 1}
    invented = set(stored) - publisher.sent
    return len(stored), lost, doubled, invented


def run(binary, kills, seed, persistent):
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(binary, folder + "/data")
        publishers, ids = [], []
        for number in range(DEVICES):
            device, patient = f"monitor-{number}", f"P{number}"
            ids.append(server.command("patient", "add", patient, "--name", f"Test Patient {number}")["id"])
            token = server.command("device", "add", device, "--token")["secret"]["password"]
            server.command("device", "attach", device, patient)
            publishers.append(Publisher(server, device, token, 1 + number % 2, persistent))
        base_ms = int(time.time() * 1000)
        for publisher in publishers:
            publisher.base_ms = base_ms
        server.start()
        for round_number in range(kills + 1):
            for publisher in publishers:
                publisher.connect()
            last = round_number == kills
            deadline = time.monotonic() + (rng.uniform(0.05, 0.6) if not last else 0)
            while time.monotonic() < deadline:
                for publisher in publishers:
                    publisher.push(20)
                time.sleep(0.002)
            if last:
                limit = time.monotonic() + 60
                while not all(p.settled() for p in publishers) and time.monotonic() < limit:
                    time.sleep(0.02)
                break
            server.kill()
            for publisher in publishers:
                publisher.cut()
            server.start()
        server.sign_in()
        failures = 0
        for number, publisher in enumerate(publishers):
            count, lost, doubled, invented = compare(server, publisher, ids[number])
            unsettled = len(publisher.sent) - len(publisher.acknowledged)
            print(f"  {publisher.device} QoS {publisher.qos}: sent {len(publisher.sent)}, acknowledged "
                  f"{len(publisher.acknowledged)}, stored {count}, lost {len(lost)}, doubled {len(doubled)}")
            if lost or doubled or invented or unsettled:
                failures += 1
                print(f"    lost {sorted(lost)[:10]} doubled {sorted(doubled)[:10]} invented {sorted(invented)[:10]} "
                      f"never acknowledged {unsettled}")
        for publisher in publishers:
            publisher.client.disconnect()
            publisher.cut()
        if server.stop() != 0:
            failures += 1
            print("  the server did not exit 0 on SIGTERM")
        return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.kills} kills in each of two ways")
    failures = 0
    for persistent in (True, False):
        print("persistent sessions, numbered messages" if persistent else "clean start, device time only")
        failures += run(options.binary, options.kills, options.seed, persistent)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
