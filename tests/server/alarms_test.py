"""Alarms as people meet them: from a device's message to a screen, acknowledged, paused, limited, kept over a kill, and looked at later."""
import json
import math
import random
import sqlite3
import struct
import time

from alarm_screen import AlarmScreen
from ward import Client, Refused, ServerTest, wait_until


def varint(value):
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


def ecg_block(sequence, start_ns, second):
    """Lead II of a sinus rhythm of 75/min, a second of it: a message of docs/reference/waveform-block.md."""
    def at(time_s):
        phase = time_s % 0.8 - 0.3
        bells = ((0.1, -0.16, 0.02), (-0.1, -0.03, 0.009), (1.0, 0, 0.011), (-0.2, 0.03, 0.009), (0.3, 0.25, 0.05))
        return sum(height * math.exp(-((phase - middle) / width) ** 2 / 2) for height, middle, width in bells)
    noise = random.Random(second)
    samples = [round(1000 * (at(second + i / 250) + noise.uniform(-0.005, 0.005))) for i in range(250)]
    data = struct.pack("<250h", *samples)
    return (b"VWB1" + varint(sequence) + b"\x01" + b"\x06ecg_ii" + bytes([0, 0]) + struct.pack("<q", start_ns) +
            b"\x80\x92\xf4\x01" + b"\xfd\x02" + b"\x00\x00" + b"\x02mV" + b"\x00" + varint(250) + varint(len(data)) + data)


class Alarms(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()
        self.server.start()
        self.patient = self.post("/api/patients", {"display_name": "Ada Example", "birth_date": "1957-02-03", "unit": "ICU", "bed": "01"})["id"]
        self.secret = self.add_device("oximeter", self.patient)
        self.client = Client(self.server, "oximeter", self.secret).connect()
        self.at_once("spo2_desaturation")

    def at_once(self, condition):
        """Without the delay that an alarm has to keep it from coming for nothing."""
        path = f"/api/patients/{self.patient}/alarm-limits/{condition}"
        wait_until("the patient is watched", lambda: self.get("/api/alarms")["beds"])
        self.call("PUT", path, {"on_delay_s": 0, "reason": "a test"})

    def tearDown(self):
        self.client.close()

    def screen(self):
        stream = AlarmScreen(self.server, self.token)
        self.addCleanup(stream.close)
        return stream

    def send(self, **values):
        """What the oximeter measures now."""
        self.client.publish("vigil/oximeter/telemetry", json.dumps({"ts": time.time_ns() // 1_000_000, **values}))

    def send_until(self, screen, holds, **values):
        """Each second, as a device does, until the screen shows it."""
        deadline = time.monotonic() + 40
        while not holds(screen):
            self.assertLess(time.monotonic(), deadline, screen.beds)
            self.send(**values)
            heard = screen.heartbeat
            while screen.heartbeat is heard and not holds(screen):
                screen.next()

    def desaturated(self):
        screen = self.screen()
        self.send_until(screen, lambda it: "spo2_desaturation" in it.alarms(self.patient), spo2=78)
        return screen, screen.alarms(self.patient)["spo2_desaturation"]

    def history(self, holds):
        """Newest first, once there is one of that type: it follows what is shown by a commit."""
        def events():
            return self.get(f"/api/alarms/events?patient={self.patient}&limit=1000")["events"]
        wait_until(f"{holds} is kept", lambda: holds in [event["type"] for event in events()])
        return events()

    def acknowledge(self, alarm, **more):
        body = {"episode": alarm["episode"], "seen": alarm["priority"], **more}
        return self.post(f"/api/alarms/{alarm['id']}/acknowledge", body)

    def test_from_the_message_to_the_screen_and_acknowledged(self):
        screen, alarm = self.desaturated()
        self.assertEqual((alarm["priority"], alarm["state"], alarm["audible"], alarm["value"]), ("high", "active", True, "78"))
        self.assertEqual(alarm["metric"], "spo2")
        with self.assertRaises(Refused) as refused:
            self.acknowledge({**alarm, "priority": "low"})
        self.assertEqual((refused.exception.status, refused.exception.error["kind"]), (409, "conflict"))
        self.assertIn("high", refused.exception.error["message"])
        bed = self.acknowledge(alarm)
        state = {each["condition"]: each for each in bed["alarms"]}["spo2_desaturation"]
        self.assertEqual((state["state"], state["audible"], state["acknowledged"]["by"]), ("acknowledged", False, "admin"))
        screen.until(lambda it: it.alarms(self.patient)["spo2_desaturation"]["state"] == "acknowledged")
        types = [event["type"] for event in self.history("acknowledged") if event["alarm"] == alarm["id"]]
        self.assertEqual(types[-1], "onset")
        self.assertIn("refused", [event["type"] for event in self.history("refused")])
        latency = self.get("/api/status")["alarm_latency_ms"]
        self.assertGreater(latency["p50"], 0)
        self.assertLess(latency["p99"], 30_000)

    def test_stands_after_a_kill_and_is_told_once(self):
        _, alarm = self.desaturated()
        self.acknowledge(alarm, reason="seen, oxygen given")
        before = self.history("acknowledged")
        self.client.cut()
        self.server.kill()
        self.server.start()
        bed = self.get(f"/api/patients/{self.patient}/alarms")
        again = {each["id"]: each for each in bed["alarms"]}[alarm["id"]]
        self.assertEqual((again["state"], again["acknowledged"]["by"]), ("acknowledged", "admin"))
        after = self.history("acknowledged")
        self.assertEqual(after[-len(before):], before)
        self.assertEqual(len({event["id"] for event in after}), len(after))
        self.client = Client(self.server, "oximeter", self.secret).connect()

    def test_silence_is_an_alarm_of_its_own(self):
        screen = self.screen()
        self.send_until(screen, lambda it: self.patient in it.beds and it.beds[self.patient]["unmonitored_since"] is None, spo2=97)
        screen.until(lambda it: any("no_data" in condition for condition in it.alarms(self.patient)))
        self.assertTrue(screen.heartbeat["watching"])

    def test_pauses_say_who_why_and_until_when_and_end(self):
        screen, alarm = self.desaturated()
        path = f"/api/patients/{self.patient}/alarm-inactivations"
        for wrong in ({"kind": "audio-paused", "duration_s": 121, "reason": "x"}, {"kind": "audio-paused", "duration_s": 60}, {"kind": "silence-all", "duration_s": 1, "reason": "x"}):
            with self.assertRaises(Refused) as refused:
                self.post(path, wrong)
            self.assertEqual(refused.exception.status, 400)
        bed = self.post(path, {"kind": "audio-paused", "duration_s": 60, "reason": "suction"})
        (pause,) = bed["inactivations"]
        self.assertEqual((pause["kind"], pause["by"], pause["reason"]), ("audio-paused", "admin", "suction"))
        self.assertFalse(screen.until(lambda it: it.beds[self.patient]["inactivations"]).alarms(self.patient)["spo2_desaturation"]["audible"])
        bed = self.call("DELETE", f"/api/alarm-inactivations/{pause['id']}", {})
        self.assertEqual(bed["inactivations"], [])

    def test_limits_are_shown_set_and_unset_with_who_and_why(self):
        path = f"/api/patients/{self.patient}/alarm-limits"
        limits = {each["condition"]: each for each in self.get(path)["limits"]}
        self.assertEqual(limits["spo2_low"]["changed"], None)
        before = limits["spo2_low"]["limit"]
        with self.assertRaises(Refused) as refused:
            self.call("PUT", f"{path}/spo2_low", {"limit": "140", "reason": "x"})
        self.assertEqual(refused.exception.status, 409)
        changed = {each["condition"]: each for each in self.call("PUT", f"{path}/spo2_low", {"limit": "87", "reason": "COPD"})["limits"]}["spo2_low"]
        self.assertEqual((changed["limit"], changed["unit_default"]["limit"], changed["changed"]["by"], changed["changed"]["reason"]), ("87", before, "admin", "COPD"))
        back = {each["condition"]: each for each in self.call("DELETE", f"{path}/spo2_low", {"reason": "better"})["limits"]}["spo2_low"]
        self.assertEqual((back["limit"], back["changed"]), (before, None))
        self.assertEqual(self.call("PUT", f"/api/patients/{self.patient}/age-class", {"age_class": "paediatric"})["age_class"], "paediatric")
        self.assertEqual(self.get(path)["age_class"], "paediatric")

    def test_a_smart_condition_is_tried_set_and_alarms(self):
        screen = self.screen()
        self.send_until(screen, lambda it: self.patient in it.beds and it.beds[self.patient]["unmonitored_since"] is None, spo2=96)
        path = f"/api/patients/{self.patient}/alarm-rules"
        now = time.time_ns() // 1_000_000
        tried = self.post(f"{path}/dry-run", {"text": "SpO2 < 97", "from": now - 3_600_000, "to": now + 60_000})
        self.assertEqual([span["open"] for span in tried["spans"]], [True])
        with self.assertRaises(Refused) as refused:
            self.post(path, {"name": "Low", "text": "SpO2 < 97 mmHg", "priority": "low", "reason": "x"})
        self.assertIn("character 11", refused.exception.error["message"])
        (rule,) = self.post(path, {"name": "Below her usual", "text": "SpO2 < 97", "priority": "low", "reason": "baseline 99"})["rules"]
        self.send_until(screen, lambda it: rule["id"] in it.alarms(self.patient), spo2=96)
        alarm = screen.alarms(self.patient)[rule["id"]]
        self.assertEqual((alarm["words"], alarm["priority"]), ("Below her usual", "low"))
        self.assertEqual(self.call("DELETE", f"{path}/{rule['id']}", {"reason": "too many"})["rules"], [])
        screen.until(lambda it: rule["id"] not in it.alarms(self.patient))

    def test_the_past_with_other_limits_and_a_default_that_two_people_change(self):
        screen, _ = self.desaturated()
        now = time.time_ns() // 1_000_000
        question = {"unit": "ICU", "from": now - 3_600_000, "to": now + 60_000, "limits": [{"condition": "spo2_desaturation", "limit": "70"}]}
        lines = [json.loads(line) for line in self.post("/api/alarms/what-if", question).splitlines()]
        self.assertEqual([line.get("patient") for line in lines], [self.patient, None])
        found = {each["condition"]: each for each in lines[0]["conditions"]}["spo2_desaturation"]
        self.assertEqual((found["alarms_before"], found["alarms_after"], found["missed"]), (1, 0, 1))
        self.assertEqual(lines[1]["total"]["alarms_before"], lines[0]["alarms_before"])
        wish = {"unit": "ICU", "age_class": "adult", "condition": "heart_rate_high", "limit": "130", "reason": "our patients"}
        (proposal,) = self.post("/api/alarm-profiles/proposals", wish)["proposals"]
        confirm = f"/api/alarm-profiles/proposals/{proposal['id']}/confirm"
        with self.assertRaises(Refused) as refused:
            self.post(confirm)
        self.assertEqual((refused.exception.status, refused.exception.error["message"]), (409, "a second person confirms it"))
        self.post("/api/accounts", {"username": "charge", "role": "clinician", "password": "a long enough password"})
        second = self.post("/api/accounts/charge/tokens", {"name": "t", "scopes": ["system/*.cruds"]})["token"]
        self.assertEqual(self.call("POST", confirm, {}, second)["proposals"], [])
        limits = {each["condition"]: each for each in self.get(f"/api/patients/{self.patient}/alarm-limits")["limits"]}
        self.assertEqual(limits["heart_rate_high"]["limit"], "130")

    def test_a_score_is_kept_up_to_date_with_what_made_it(self):
        screen = self.screen()
        self.send_until(screen, lambda it: self.patient in it.beds and it.beds[self.patient]["unmonitored_since"] is None, spo2=91, resp_rate=26)

        def news2():
            return {score["key"]: score for score in self.get(f"/api/patients/{self.patient}/scores")["scores"]}["news2"]
        score = wait_until("both count", lambda: (lambda it: it if it["least"] and it["least"] >= 6 else None)(news2()))
        self.assertEqual((score["complete"], score["total"], score["applicability"]), (False, None, "applies"))
        inputs = {each["key"]: each for each in score["inputs"]}
        used = [each for each in inputs.values() if each["state"] == "used"]
        self.assertEqual({(each["metric"], each["device"]) for each in used}, {("spo2", "oximeter"), ("resp_rate", "oximeter")})
        self.assertIn("missing", {each["state"] for each in inputs.values()})
        self.assertTrue(score["would_change"])
        self.assertIn("Royal College of Physicians", " ".join(score["citations"]) + score["terms"])

    def test_the_ward_is_shown_by_its_scores(self):
        screen = self.screen()
        self.send_until(screen, lambda it: self.patient in it.beds and it.beds[self.patient]["unmonitored_since"] is None, spo2=84, resp_rate=26)
        self.post("/api/patients", {"display_name": "Bo Other", "birth_date": "1961-02-03", "unit": "Ward", "bed": "07"})
        wait_until("both are watched", lambda: len(self.get("/api/scores")["patients"]) == 2)
        ward = wait_until("it is in the score", lambda: (lambda it: it if it[0]["least"] >= 6 else None)(self.get("/api/scores?unit=ICU")["patients"][0]["scores"]))
        score = {each["key"]: each for each in ward}["news2"]
        self.assertEqual((score["applicability"], score["complete"], score["total"], score["single_parameter"]), ("applies", False, None, False))
        self.assertGreaterEqual(score["band"]["rank"], 1)
        self.assertNotIn("brighton-pews", [each["key"] for each in ward], "of no child")
        self.assertEqual([each["patient"] for each in self.get("/api/scores?unit=ICU")["patients"]], [self.patient])
        self.assertEqual(self.get("/api/scores?unit=nowhere")["patients"], [])

    def test_the_ecg_of_a_past_span_has_its_beats(self):
        client = Client(self.server, "chest-strap", self.add_device("chest-strap", self.patient)).connect()
        self.addCleanup(client.close)
        begin = (time.time_ns() // 1_000_000_000 - 60) * 1_000_000_000
        for second in range(45):
            client.publish("vigil/chest-strap/wave", ecg_block(second + 1, begin + second * 1_000_000_000, second))
        at = lambda second: begin // 1_000_000 + second * 1000  # noqa: E731
        path = f"/api/patients/{self.patient}/beats?from={at(15)}&to={at(35)}"
        strip = wait_until("all of it is stored", lambda: (lambda it: it if len(it["heart_rate"]) >= 19 else None)(self.get(path)))
        self.assertEqual((strip["device"], strip["leads"], strip["cut"], strip["rhythms"]), ("chest-strap", [{"metric": "ecg_ii", "channel": 0}], False, []))
        self.assertEqual({beat["class"] for beat in strip["beats"]}, {"N"})
        self.assertAlmostEqual(len(strip["beats"]), 20 * 75 / 60, delta=1)
        self.assertAlmostEqual(strip["heart_rate"][10]["value"], 75, delta=2)
        with self.assertRaises(Refused) as refused:
            self.get(f"/api/patients/{self.patient}/beats?from={at(0)}&to={at(601)}")
        self.assertEqual(refused.exception.status, 413)

    def test_scale_2_holds_once_a_clinician_decided_so(self):
        screen = self.screen()
        self.send_until(screen, lambda it: self.patient in it.beds and it.beds[self.patient]["unmonitored_since"] is None, spo2=90)

        def news2():
            scores = {score["key"]: score for score in self.get(f"/api/patients/{self.patient}/scores")["scores"]}
            (saturation,) = [each for each in scores["news2"]["inputs"] if each["key"] == "spo2"]
            return scores["news2"]["settings"][0], saturation["points"]
        wait_until("the saturation counts", lambda: news2()[1] == 3)
        path = f"/api/patients/{self.patient}/score-settings/spo2_scale"
        for wrong in ({"value": "3", "reason": "x"}, {"value": "2"}):
            with self.assertRaises(Refused) as refused:
                self.call("PUT", path, wrong)
            self.assertEqual(refused.exception.status, 400)
        self.call("PUT", path, {"value": "2", "reason": "COPD, target 88-92 %"})
        setting, points = news2()
        self.assertEqual((setting["key"], setting["value"], setting["by"], points), ("spo2_scale", "2", "admin", 0))
        self.call("PUT", f"/api/patients/{self.patient}/score-settings/pregnancy", {"value": "yes", "reason": "24th week"})
        answer = self.get(f"/api/patients/{self.patient}/scores")
        applicability = {score["key"]: score["applicability"] for score in answer["scores"]}
        self.assertEqual((answer["pregnancy"], applicability["news2"], applicability["mews"]), ("yes", "pregnant", "applies"))

        def on_record():
            events = self.get(f"/api/alarms/events?patient={self.patient}&limit=1000")["events"]
            return {event["detail"]: event for event in events if event["type"] == "score-setting-changed"}
        event = wait_until("both are on record", lambda: len(on_record()) == 2 and on_record())["spo2_scale: 2"]
        self.assertEqual((event["actor"], event["reason"]), ("admin", "COPD, target 88-92 %"))

    def test_a_device_on_nobody_sounds_at_its_place(self):
        secret = self.add_device("stray")
        stray = Client(self.server, "stray", secret).connect()
        screen = self.screen()
        deadline = time.monotonic() + 40
        while "spo2_desaturation" not in screen.alarms("stray"):
            self.assertLess(time.monotonic(), deadline)
            stray.publish("vigil/stray/telemetry", json.dumps({"ts": time.time_ns() // 1_000_000, "spo2": 78}))
            heard = screen.heartbeat
            while screen.heartbeat is heard:
                screen.next()
        alarm = screen.alarms("stray")["spo2_desaturation"]
        bed = self.acknowledge(alarm)
        self.assertEqual((bed["patient"], bed["device"]), (None, "stray"))
        stray.close()

    def test_without_its_snapshot_it_is_made_again_from_the_log(self):
        self.client.close()
        self.server.stop()
        with sqlite3.connect(f"{self.place}/data/vigil.db") as store:
            self.assertEqual(store.execute("DELETE FROM snapshots WHERE name = 'watch'").rowcount, 1)
        self.server.start()
        (bed,) = self.get("/api/alarms")["beds"]
        self.assertEqual((bed["patient"], bed["watched"]), (self.patient, True))
        limits = {each["condition"]: each for each in self.get(f"/api/patients/{self.patient}/alarm-limits")["limits"]}
        self.assertEqual(limits["spo2_desaturation"]["changed"]["reason"], "a test")
        self.client = Client(self.server, "oximeter", self.secret).connect()
