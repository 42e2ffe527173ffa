"""Subscribers that are away or slow: what they were promised, and what is shown when it cannot be kept."""
import json
import os
import sqlite3

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ward import Client, ServerTest, wait_until

CONFIG = """[mqtt]
queue_messages_max = 50

[[topic]]
account = "*"
filter = "vigil/#"
allow = ["publish", "subscribe"]
"""


class Bus(ServerTest):
    """A device, `probe`, and a service account, `bus`, that hears what it says."""

    config = CONFIG

    def setUp(self):
        super().setUp()
        config = self.place / "vigil.toml"
        config.write_text(self.config)
        self.server.options = ("--config", str(config))
        self.make_token()
        self.server.start()
        self.patient = self.add_patient("P")
        self.device_token = self.add_device("probe", self.patient)
        self.post("/api/accounts", {"username": "bus", "display_name": "Bus", "role": "service"})
        self.bus_token = self.post("/api/accounts/bus/tokens", {"name": "test", "scopes": ["system/*.cruds"]})["token"]

    def bus(self, client_id, expiry_s=3600, clean=False):
        client = Client(self.server, "bus", self.bus_token, client_id, mqtt.MQTTv5, clean=clean)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = expiry_s
        self.addCleanup(client.client.loop_stop)
        return client.connect(properties=properties)

    def away(self, client_id, topic, expiry_s=3600):
        client = self.bus(client_id, expiry_s)
        client.subscribe(topic, 2)
        client.close()

    def probe(self):
        client = Client(self.server, "probe", self.device_token)
        self.addCleanup(client.client.loop_stop)
        return client.connect()

    def log_bytes(self):
        with sqlite3.connect(f"file:{self.place}/data/log.db?mode=ro", uri=True) as log:
            return log.execute("SELECT sum(length(body)) FROM commits").fetchone()[0]


class Subscribers(Bus):
    def test_readings_that_wait_stand_in_the_log_once_and_survive_a_kill(self):
        def publish_all(second):
            sent = []
            for number in range(20):
                sent.append('{"heart_rate": %d, "ts": "2026-01-01T00:%02d:%02dZ", "note": "%s"}' % (60 + number, second, number, "x" * 2000))
                probe.publish("vigil/probe/telemetry", sent[-1], qos=1 + number % 2)
            return sent

        probe = self.probe()
        before = self.log_bytes()
        publish_all(0)  # nobody waits for these
        alone = self.log_bytes() - before
        self.away("screen", "vigil/#")
        before = self.log_bytes()
        sent = publish_all(1)
        waiting = self.log_bytes() - before
        self.assertLess(waiting, 1.5 * alone)

        probe.cut()
        self.server.kill()
        self.server.start()
        screen = self.bus("screen")
        self.assertEqual(sorted(payload.decode() for payload in screen.receive(len(sent))), sent)
        self.assertEqual(len(self.values(self.patient, "heart_rate")), 40)

    def test_a_queue_over_its_bound_slows_nobody_and_is_shown(self):
        self.away("screen", "vigil/#")
        probe = self.probe()
        for number in range(60):
            probe.publish("vigil/probe/telemetry", {"heart_rate": number, "seq": number})

        def shown():
            return self.get("/api/status")["mqtt"]

        wait_until("the gap is shown", lambda: shown()["gaps"])
        gap = shown()["gaps"][0]
        self.assertEqual((gap["principal"], gap["client"], gap["messages"]), ("bus", "screen", 51))
        self.assertEqual(shown()["sessions_over_queue"], 1)
        self.server.kill()
        self.server.start()
        wait_until("the gap is shown after a restart", lambda: shown()["gaps"])
        # When is then the time of the commit that recorded it.
        self.assertEqual([{**each, "time": gap["time"]} for each in shown()["gaps"]], [gap])
        screen = self.bus("screen")
        self.assertFalse(screen.flags["session present"])
        self.assertEqual(len(self.values(self.patient, "heart_rate")), 60)

    def test_what_a_member_of_a_shared_subscription_leaves_behind_goes_to_another(self):
        self.away("one", "$share/trio/vigil/#")
        probe = self.probe()
        probe.publish("vigil/probe/telemetry", {"heart_rate": 61, "seq": 1})
        two = self.bus("two")
        two.subscribe("$share/trio/vigil/#", 1)
        self.bus("one", clean=True).close()  # its session of before ends
        self.assertEqual(two.receive(1), [b'{"heart_rate": 61, "seq": 1}'])
        self.assertEqual(self.get("/api/status")["mqtt"]["gaps"], [])


class AllQueues(Bus):
    """Each within its own bound, together over theirs."""

    config = CONFIG.replace("[mqtt]", "[mqtt]\nall_queues_messages_max = 30")

    def test_the_session_that_holds_most_ends(self):
        self.away("large", "vigil/#")
        probe = self.probe()
        for number in range(20):
            probe.publish("vigil/probe/telemetry", {"heart_rate": number, "seq": number})
        self.away("small", "vigil/#")
        for number in range(20, 26):
            probe.publish("vigil/probe/telemetry", {"heart_rate": number, "seq": number})

        def shown():
            return self.get("/api/status")["mqtt"]

        wait_until("the gap is shown", lambda: shown()["gaps"])
        wait_until("the rest waits", lambda: shown()["waiting"] == 6)
        self.assertEqual([(gap["client"], gap["messages"]) for gap in shown()["gaps"]], [("large", 26)])
        self.assertEqual(shown()["sessions_over_all_queues"], 1)
        self.assertFalse(self.bus("large").flags["session present"])
        small = self.bus("small")
        self.assertTrue(small.flags["session present"])
        self.assertEqual([json.loads(payload)["seq"] for payload in small.receive(6)], list(range(20, 26)))
        self.assertEqual(len(self.values(self.patient, "heart_rate")), 26)


class LogBound(Bus):
    """The log's bound in bytes is passed while a subscriber is away."""

    config = CONFIG + """
[retention]
log_bytes_max = 60000

[store]
flush_interval = "1s"
"""

    def test_the_bound_wins_over_a_subscriber_that_is_away(self):
        self.away("screen", "vigil/#")
        probe = self.probe()
        for number in range(40):
            probe.publish("vigil/probe/telemetry", {"heart_rate": number, "seq": number, "note": os.urandom(1500).hex()})

        def first():
            return int(self.get("/api/status")["log"]["first"].split(":")[1])

        wait_until("the log is trimmed", lambda: self.log_bytes() < 100_000 and first() > 1)
        wait_until("the gap is shown", lambda: self.get("/api/status")["mqtt"]["gaps"])
        shown = self.get("/api/status")["mqtt"]
        gap = shown["gaps"][0]
        self.assertEqual((gap["principal"], gap["client"]), ("bus", "screen"))
        self.assertEqual(gap["messages"], shown["overtaken"])
        self.assertRegex(self.call("GET", "/metrics"), rf'(?m)^vigil_mqtt_undelivered_total{{reason="log_bound"}} {gap["messages"]}$')
        # It comes back to its session and gets all that was not lost; every reading is in series.
        screen = self.bus("screen")
        self.assertTrue(screen.flags["session present"])
        left = [json.loads(payload)["seq"] for payload in screen.receive(40 - gap["messages"])]
        self.assertEqual(left, list(range(gap["messages"], 40)))
        self.assertEqual(len(self.values(self.patient, "heart_rate")), 40)
