#!/usr/bin/python3
"""Whose reading it is, through a whole server: what a gateway says of a device that nobody knows waits in
quarantine until it is registered; a device that is on nobody keeps its readings until it is attached; a
correction moves them to the right patient, visibly. Over the API and the command line."""
import json
import subprocess
import unittest

from ward import BINARY, PATIENCE_S, Client, Refused, ServerTest, wait_until

NEW_YEAR = "2026-01-01T00:00:00Z"


class Gateway(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()
        self.server.start()

    def vigil(self, *words, fails=0):
        """A command on the running server: its JSON answer, or what it says on standard error."""
        done = subprocess.run([BINARY, *words, "--server", self.server.url(""), "--api-token", self.token, "--json"],
                              capture_output=True, text=True, timeout=2 * PATIENCE_S)
        self.assertEqual(done.returncode, fails, f"vigil {' '.join(words)}: {done.stderr}")
        return done.stderr if fails else json.loads(done.stdout)

    def publish(self, device, secret, topic, message):
        client = Client(self.server, device, secret).connect()
        client.publish(topic, message)
        client.close()

    def held_of(self, sender):
        """Its message in quarantine, which is written beside the log, a moment after the acknowledgement."""
        return wait_until(f"{sender}'s message is in quarantine", lambda: next(
            (item for item in self.get("/api/quarantine?state=open")["items"] if item["sender"] == sender), None))

    def say_for_an_unknown_device(self, name):
        """The patient, and the id of the message in quarantine."""
        patient = self.add_patient(f"MRN-{name}")
        secret = self.add_device(f"hub-{name}")
        self.publish(f"hub-{name}", secret, f"vigil/hub-{name}/sub/{name}/telemetry", {"ts": NEW_YEAR, "nibp_sys": 121, "stored": True})
        held = self.held_of(f"hub-{name}")
        self.assertEqual((held["reason"]["kind"], held["device"]), ("unknown_device", name))
        self.assertEqual(self.values(patient, "nibp_sys"), [])
        return patient, held["id"]

    def check_replayed(self, patient, item):
        readings = self.raw(patient, "nibp_sys")
        self.assertEqual([(r["value"], r["device_time"]) for r in readings], [("121", NEW_YEAR)])
        self.assertNotIn(item, [row["id"] for row in self.get("/api/quarantine?state=open")["items"]])
        with self.assertRaises(Refused) as again:
            self.post(f"/api/quarantine/{item}/replay")
        self.assertEqual(again.exception.status, 409, "it was decided already")

    def test_an_unknown_device_behind_a_gateway_is_registered_and_replayed_by_command(self):
        patient, item = self.say_for_an_unknown_device("cuff-1")
        self.assertIn("not registered", self.vigil("quarantine", "replay", item, fails=4))
        self.vigil("device", "add", "cuff-1", "--gateway", "hub-cuff-1")
        self.vigil("device", "attach", "cuff-1", "MRN-cuff-1", "--from", "2025-12-31T00:00:00Z")
        self.assertIn(item, [row["id"] for row in self.vigil("quarantine", "list")["items"]])
        self.assertEqual(self.vigil("quarantine", "replay", item)["readings"], 1)
        self.check_replayed(patient, item)

    def test_an_unknown_device_behind_a_gateway_is_registered_and_replayed_over_the_api(self):
        patient, item = self.say_for_an_unknown_device("cuff-2")
        answer = self.post(f"/api/quarantine/{item}/replay")
        self.assertEqual((answer["readings"], answer["item"]["state"]), (0, "open"))
        self.add_device("cuff-2", gateway="hub-cuff-2")
        self.post("/api/devices/cuff-2/attach", {"patient": patient, "from": "2025-12-31T00:00:00Z"})
        self.assertEqual(self.post(f"/api/quarantine/{item}/replay")["readings"], 1)
        self.check_replayed(patient, item)

    def test_a_device_on_nobody_keeps_its_readings_and_a_correction_moves_them(self):
        secret = self.add_device("stray")
        for value in (70, 71, 72):
            self.publish("stray", secret, "vigil/stray/telemetry", {"heart_rate": value})
        kept = self.get("/api/series?device=stray")["series"]
        self.assertEqual([(s["metric"], s["count"], s["patient"]) for s in kept], [("heart_rate", 3, None)])
        since, ada, ben = kept[0]["first"], self.add_patient("MRN-A"), self.add_patient("MRN-B")
        attached = self.vigil("device", "attach", "stray", "MRN-A", "--from", since)
        self.assertEqual((attached["refiled"], attached["device"]["patient"]), (3, ada))
        self.assertEqual(self.values(ada, "heart_rate"), ["70", "71", "72"])
        self.assertEqual(self.get("/api/series?device=stray")["series"], [])
        # It is on somebody: only a correction may say otherwise.
        self.vigil("device", "attach", "stray", "MRN-B", "--from", since, fails=5)
        self.assertEqual(self.values(ben, "heart_rate"), [])
        corrected = self.vigil("device", "attach", "stray", "MRN-B", "--from", since, "--correction")
        self.assertEqual(corrected["refiled"], 3)
        self.assertEqual((self.values(ada, "heart_rate"), self.values(ben, "heart_rate")), ([], ["70", "71", "72"]))
        spans = self.get("/api/devices/stray")["associations"]
        self.assertEqual([(span["patient"], span["by"]) for span in spans], [(ben, "admin")])
        self.publish("stray", secret, "vigil/stray/telemetry", {"heart_rate": 73})
        self.assertEqual(self.values(ben, "heart_rate"), ["70", "71", "72", "73"])
        # Over the API too; and after a restart it is as it was decided.
        answer = self.post("/api/devices/stray/attach", {"patient": ada, "from": since, "correction": True})
        self.assertEqual(answer["refiled"], 4)
        self.server.kill()
        self.server.start()
        self.assertEqual((self.values(ada, "heart_rate"), self.values(ben, "heart_rate")), (["70", "71", "72", "73"], []))


if __name__ == "__main__":
    unittest.main()
