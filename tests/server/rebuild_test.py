"""Everything derived can be thrown away and rebuilt from the log it was made of (docs/architecture.md):
the same questions get the same answers."""
import csv
import io
import json
import sqlite3
import struct
import unittest
from datetime import datetime, timedelta, timezone

from ward import Client, Refused, ServerTest, wait_until

# What a device is doing now is not in the log, and a position is told only while the entry is in memory.
OF_THE_MOMENT = {"server_time", "age_s", "freshness", "position", "cursor", "connection", "since", "last_seen", "battery",
                 "clock"}


def lasting(value):
    """An answer without what is true of this moment only. A receive time is whole seconds once compacted."""
    if isinstance(value, dict):
        return {key: text[:16] if key == "receive_time" and text else lasting(text)
                for key, text in value.items() if key not in OF_THE_MOMENT}
    return [lasting(each) for each in value] if isinstance(value, list) else value


def waveform(sequence, start, samples):
    """A message of docs/reference/waveform-block.md: lead II at 250 Hz, coded as int16."""
    def text(bytes_):
        return bytes([len(bytes_)]) + bytes_
    data = struct.pack(f"<{len(samples)}h", *samples)
    return (b"VWB1" + bytes([sequence, 1]) + text(b"ecg_ii") + bytes([0, 0]) +
            struct.pack("<q", int(start.timestamp() * 1e9)) + b"\x80\x92\xf4\x01" + b"\xfd\x0a" + b"\x00\x00" +
            text(b"mV") + bytes([0, len(samples), len(data)]) + data)


def rfc3339(moment):
    return moment.isoformat().replace("+00:00", "Z")


class Rebuild(ServerTest):
    """A ward with a past: late readings, resends, quarantine, devices on the wrong patient."""

    metrics = ("heart_rate", "spo2", "glucose_blood", "temp_body", "rhythm_status", "vent_mode", "ecg_ii")

    def setUp(self):
        super().setUp()
        self.make_token()
        self.server.start()
        self.now = datetime.now(timezone.utc).replace(microsecond=123000)

    def ago(self, **span):
        return self.now - timedelta(**span)

    def at(self, **span):
        return int(self.ago(**span).timestamp() * 1000)

    def connect(self, name, token):
        client = Client(self.server, name, token).connect()
        self.addCleanup(client.client.loop_stop)
        return client

    def play(self):
        """Returns the patients."""
        self.patients = [self.add_patient(f"P{n}") for n in range(3)]
        first, second, third = self.patients
        monitor = self.connect("monitor-1", self.add_device("monitor-1", first))
        stray = self.connect("monitor-2", self.add_device("monitor-2"))
        gateway = self.connect("gateway-1", self.add_device("gateway-1", third))
        self.numerics(monitor, "monitor-1")
        self.numerics(stray, "monitor-2")
        self.flush(monitor, stray, gateway)
        self.odd_readings(monitor)
        self.quarantined(gateway)
        self.moved()
        # What comes after the corrections, and after a kill: the log holds it, the chunks do not.
        self.server.kill()
        self.server.start()
        for name, client in (("monitor-1", monitor), ("monitor-2", stray)):
            client.cut()
            client.connect()
            client.publish(f"vigil/{name}/telemetry", {"heart_rate": 99, "spo2": 91.5, "ts": self.at(seconds=1)})
            client.close()
        gateway.cut()

    def numerics(self, client, name):
        for quarter in range(220, 0, -1):
            reading = {"heart_rate": 60 + quarter % 30, "spo2": 94.5 + quarter % 5, "ts": self.at(seconds=quarter / 4)}
            client.client.publish(f"vigil/{name}/telemetry", json.dumps(reading), qos=1)
        client.publish(f"vigil/{name}/telemetry", {"heart_rate": 77, "seq": 1})
        client.publish(f"vigil/{name}/telemetry", {"heart_rate": 77, "seq": 1})  # a resend

    def flush(self, *clients):
        """What was sent so far stands in chunks, by a stop and a start."""
        for client in clients:
            client.cut()
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        for client in clients:
            client.connect()

    def odd_readings(self, client):
        topic = "vigil/monitor-1/telemetry"
        # Readings of the past are believed once the clock was seen to be right.
        client.publish(topic, {"heart_rate": 66, "ts": self.at(seconds=-5)})
        for days in (40, 3, 1):
            for minute in range(20):
                client.client.publish(topic, json.dumps({"heart_rate": 50 + minute, "stored": True,
                                                         "ts": self.at(days=days, minutes=minute)}), qos=1)
        client.publish(topic, '{"temp_body": {"value": 98.60, "unit": "[degF]"}, "glucose_blood": {"value": 5.40, '
                              '"unit": "mmol/L"}, "ts": %d}' % self.at(seconds=9))
        client.publish(topic, {"heart_rate": "not_a_number", "rhythm_status": {"code": "AF", "text": "atrial fibrillation"},
                               "vent_mode": "SIMV", "ts": self.at(seconds=8)})
        client.publish(topic, {"heart_rate": {"value": 300, "status": "questionable"}, "ts": self.at(seconds=7)})
        client.publish(topic, {"heart_rate": 61, "ts": self.at(days=-400)})  # a wrong clock
        # Equal times within one message keep their order, whoever they are filed under later.
        client.publish(topic, [{"heart_rate": value, "ts": self.at(seconds=50)} for value in (101, 102, 103)])
        for block in range(4):
            client.publish("vigil/monitor-1/wave", waveform(block + 1, self.ago(seconds=40 - block),
                                                            [(7 * n + block) % 400 - 200 for n in range(60)]))

    def quarantined(self, gateway):
        for value in (71, 72, 73):
            gateway.publish("vigil/gateway-1/sub/strap-1/telemetry", {"heart_rate": value, "ts": self.at(seconds=value - 50)})
        gateway.publish("vigil/gateway-1/telemetry", "{broken")
        gateway.publish("vigil/gateway-1/telemetry", {"no_such_metric": 1, "heart_rate": 64, "ts": self.at(seconds=24)})
        wait_until("all are held", lambda: self.get("/api/quarantine")["counts"]["open"] == 5)
        items = {item["reason"]["kind"]: item for item in self.get("/api/quarantine")["items"]}
        self.add_device("strap-1", self.patients[2], gateway="gateway-1")
        for item in self.get("/api/quarantine")["items"]:
            if "strap-1" in item["topic"] and item["id"] != items["unknown_device"]["id"]:
                self.post(f"/api/quarantine/{item['id']}/replay")
        self.post(f"/api/quarantine/{items['malformed']['id']}/dismiss", {"note": "a test"})

    def moved(self):
        """Who a device was on is corrected, over and over."""
        first, second, third = self.patients
        attach = "/api/devices/{}/attach"
        self.post(attach.format("monitor-2"), {"patient": second, "from": rfc3339(self.ago(seconds=53))})
        self.post(attach.format("monitor-2"), {"patient": third, "from": rfc3339(self.ago(seconds=40)),
                                               "to": rfc3339(self.ago(seconds=25)), "correction": True})
        self.post(attach.format("monitor-1"), {"patient": second, "from": rfc3339(self.ago(seconds=51)),
                                               "to": rfc3339(self.ago(seconds=45)), "correction": True})
        self.post(attach.format("monitor-1"), {"patient": third, "from": rfc3339(self.ago(days=50)),
                                               "to": rfc3339(self.ago(days=2)), "correction": True})
        # Half of it is taken back.
        self.post(attach.format("monitor-1"), {"patient": first, "from": rfc3339(self.ago(days=3, minutes=10)),
                                               "to": rfc3339(self.ago(days=2)), "correction": True})
        self.post("/api/devices/monitor-2/detach", {"at": rfc3339(self.ago(seconds=10))})
        with self.assertRaises(Refused):
            self.post(attach.format("monitor-1"), {"patient": second, "from": rfc3339(self.ago(seconds=20))})

    def answers(self):
        """Everything a client can ask about the past."""
        told = {path: lasting(self.get(path)) for path in (
            "/api/patients", "/api/devices?limit=1000", "/api/quarantine?state=all", "/api/series?device=monitor-2",
            *(f"/api/devices/{name}" for name in ("monitor-1", "monitor-2", "gateway-1", "strap-1")))}
        for item in self.get("/api/quarantine?state=all")["items"]:
            told[item["id"]] = self.get(f"/api/quarantine/{item['id']}")
        for patient in self.patients:
            for path in (f"/api/series?patient={patient}", f"/api/series/latest?patient={patient}"):
                told[path] = lasting(self.get(path))
            for metric in self.metrics:
                told[patient, metric] = lasting(self.raw(patient, metric))
                if metric in ("heart_rate", "spo2"):
                    for resolution, day in (("raw", 1), ("minute", 1), ("hour", 60), ("day", 60), ("auto", 60)):
                        path = (f"/api/series/window?patient={patient}&metric={metric}&resolution={resolution}&points=10000"
                                f"&from={self.at(days=day)}&to={self.at(days=-1)}")
                        told[path] = lasting(self.get(path))
                    told[patient, metric, "csv"] = self.csv(patient, metric)
        return told

    def csv(self, patient, metric):
        text = self.get(f"/api/series/raw?patient={patient}&metric={metric}&format=csv")
        return [lasting(row) for row in csv.DictReader(io.StringIO(text))]

    def compare(self, before, after):
        self.assertEqual(before.keys(), after.keys())
        for question, answer in before.items():
            self.assertEqual(answer, after[question], question)

    def rebuilt(self):
        done = self.server.command("rebuild")
        self.server.start()
        return done

    def test_the_same_answers_after_everything_derived_was_thrown_away(self):
        self.play()
        before = self.answers()
        readings = sum(len(before[patient, metric]) for patient in self.patients for metric in self.metrics)
        self.assertGreater(readings, 600)
        self.assertEqual(self.server.stop(), 0)
        self.assertGreater(self.rebuilt()["entries"], 400)
        self.compare(before, self.answers())
        # Again, from what a kill leaves behind.
        self.server.kill()
        self.rebuilt()
        self.compare(before, self.answers())
        self.assertEqual(self.server.stop(), 0)
        self.assertTrue(self.server.command("verify")["sound"])

    def test_a_lost_vigil_db_comes_back_but_for_decisions(self):
        self.play()
        before = self.answers()
        self.server.kill()
        for file in (self.place / "data").glob("vigil.db*"):
            file.unlink()
        self.server.start()
        after = self.answers()
        # The record is vigil.db's own: those who are registered get new Patients.
        for told in (before, after):
            for patient in told["/api/patients"]["patients"]:
                patient["fhir_id"] = None
        # What a person decided about a message in quarantine is a record of vigil.db itself.
        undecided = {item["id"] for item in before["/api/quarantine?state=all"]["items"]} | {"/api/quarantine?state=all"}
        self.compare(*({question: answer for question, answer in told.items() if question not in undecided}
                       for told in (before, after)))

    def test_refused_where_the_log_does_not_reach_back(self):
        self.play()
        before = self.answers()
        self.assertEqual(self.server.stop(), 0)
        with sqlite3.connect(self.place / "data/log.db") as log:
            first, count = log.execute("SELECT first_offset, count FROM commits ORDER BY 1 LIMIT 1").fetchone()
            log.execute("DELETE FROM commits WHERE first_offset = ?", (first,))
            log.execute("INSERT INTO trimmed VALUES(?, ?, 0, 0, x'00')", (first, first + count))
        log.close()
        with self.assertRaisesRegex(AssertionError, r"exited 8: vigil: .*the log begins at entry \d+"):
            self.server.command("rebuild")
        self.server.start()
        self.compare(before, self.answers())

    def test_refused_where_the_log_is_damaged(self):
        self.play()
        self.assertEqual(self.server.stop(), 0)
        with sqlite3.connect(self.place / "data/log.db") as log:
            log.execute("UPDATE commits SET body = zeroblob(length(body)) WHERE first_offset = "
                        "(SELECT max(first_offset) FROM commits)")
        log.close()
        with self.assertRaisesRegex(AssertionError, "exited 8: vigil: .*cannot be read"):
            self.server.command("rebuild")


class Mismatch(ServerTest):
    def test_a_log_that_begins_after_what_vigil_db_has_seen_is_not_served(self):
        self.make_token()
        self.server.start()
        for n in range(5):
            self.add_patient(f"P{n}")
        self.assertEqual(self.server.stop(), 0)
        with sqlite3.connect(self.place / "data/log.db") as log:
            first, count = log.execute("SELECT first_offset, count FROM commits ORDER BY 1 LIMIT 1 OFFSET 2").fetchone()
            log.execute("DELETE FROM commits WHERE first_offset <= ?", (first,))
            log.execute("INSERT INTO trimmed VALUES(1, ?, 0, 0, x'00')", (first + count,))
        log.close()
        for file in (self.place / "data").glob("vigil.db*"):
            file.unlink()
        with self.assertRaisesRegex(AssertionError, "do not belong together"):
            self.server.start()
        self.assertEqual(self.server.process.wait(), 5)


if __name__ == "__main__":
    unittest.main()
