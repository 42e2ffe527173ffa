#!/usr/bin/python3
"""Clocks through a whole server: a wrong one is found and shown, its readings are put right by rule with the
device's own time kept, and a device that listens is told the time, by hand and by itself."""
import datetime
import json
import subprocess
import unittest

from ward import BINARY, PATIENCE_S, Client, ServerTest


def text_of(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


class Clocks(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()
        self.server.start()
        self.patient = self.add_patient("MRN-1")
        self.monitor = Client(self.server, "monitor-1", self.add_device("monitor-1", self.patient)).connect()
        self.addCleanup(self.monitor.close)

    def say(self, time, **more):
        self.monitor.publish("vigil/monitor-1/telemetry", {"ts": text_of(time), **more})

    def clock(self):
        return self.get("/api/devices/monitor-1")["device"]["clock"]

    def set_clock(self, device):
        done = subprocess.run([BINARY, "device", "set-clock", device, "--server", self.server.url(""), "--api-token", self.token],
                              capture_output=True, text=True, timeout=2 * PATIENCE_S)
        return done.returncode

    def test_a_wrong_clock_is_found_and_put_right_by_rule_and_its_own_time_kept(self):
        wrong = now() + datetime.timedelta(hours=2)
        self.say(wrong, heart_rate=70)
        self.assertEqual(self.clock()["state"], "no_zone")
        self.assertIn("time zone", self.clock()["words"])
        live = self.raw(self.patient, "heart_rate")[0]
        self.assertEqual((live["device_time"], live["filed_time"]), (text_of(wrong), live["receive_time"]))
        self.assertIn("clock", live["status"])
        # What it had stored an hour before is put right by the same two hours.
        self.say(wrong - datetime.timedelta(hours=1), heart_rate=60, stored=True)
        stored = self.raw(self.patient, "heart_rate")[0]
        filed = datetime.datetime.fromisoformat(stored["filed_time"][:19] + "+00:00")
        self.assertLess(abs(filed - (now() - datetime.timedelta(hours=1))), datetime.timedelta(seconds=60))
        self.assertEqual((stored["value"], stored["device_time"]), ("60", text_of(wrong - datetime.timedelta(hours=1))))
        self.assertIn("clock", stored["status"])
        # Set right, it is shown right.
        self.say(now(), heart_rate=71)
        self.assertEqual(self.clock()["state"], "jumped")
        self.say(now(), heart_rate=72)
        self.assertEqual(self.clock()["state"], "good")

    def test_a_time_without_a_zone_is_read_in_the_devices_own_once_that_is_set(self):
        wall_clock = (now() + datetime.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S")
        self.monitor.publish("vigil/monitor-1/telemetry", {"ts": wall_clock, "heart_rate": 70})
        self.assertEqual(self.clock()["state"], "no_zone")
        self.call("PATCH", "/api/devices/monitor-1", {"utc_offset_minutes": 120})
        self.monitor.publish("vigil/monitor-1/telemetry", {"ts": wall_clock, "heart_rate": 71})
        right = self.raw(self.patient, "heart_rate")[0]
        self.assertEqual((right["value"], right["filed_time"]), ("71", right["device_time"]))
        self.assertNotIn("clock", right["status"])

    def test_a_device_that_listens_is_told_the_time_once_its_clock_is_wrong(self):
        self.assertEqual(self.set_clock("monitor-1"), 8, "it does not listen yet")
        self.monitor.subscribe("vigil/monitor-1/set-clock")
        self.say(now() - datetime.timedelta(minutes=7), heart_rate=70)
        told = json.loads(self.monitor.receive()[0])
        self.assertEqual((told["device"], len(told["2A2B"]), len(told["2A08"])), ("monitor-1", 20, 14))
        self.assertLess(abs(told["unix_ms"] / 1000 - now().timestamp()), PATIENCE_S)

    def test_a_gateway_is_told_for_the_device_behind_it_in_that_devices_zone(self):
        hub = Client(self.server, "hub-1", self.add_device("hub-1")).connect()
        self.addCleanup(hub.close)
        self.add_device("cuff-1", gateway="hub-1", utc_offset_minutes=60)
        hub.subscribe("vigil/hub-1/sub/+/set-clock")
        self.assertEqual(self.set_clock("cuff-1"), 0)
        told = json.loads(hub.receive()[0])
        self.assertEqual((told["device"], told["utc_offset_minutes"]), ("cuff-1", 60))
        self.assertEqual(hub.messages[0].topic, "vigil/hub-1/sub/cuff-1/set-clock")
        self.assertFalse(hub.messages[0].retain)


if __name__ == "__main__":
    unittest.main()
