#!/usr/bin/python3
"""`vigil simulate` against a real server, over TLS: what it logs as sent is what the series hold. The same
seed gives the same bytes; a lost network loses no reading; a recording is played sample by sample."""
import base64
import collections
import datetime
import json
import pathlib
import shutil
import struct
import subprocess
import unittest

from ward import BINARY, ServerTest

SECONDS = 20 * 60
TWO_DAYS_AGO = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(days=2)


def text_of(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def by_device(messages):
    """A device's messages come in order, those of several as their sockets take them."""
    devices = collections.defaultdict(list)
    for topic, payload in messages:
        devices[topic.split("/")[1]].append((topic, payload))
    return devices


def telemetry_readings(messages, topic):
    """{metric: {time: value}} of the numbers in a device's telemetry."""
    sent = collections.defaultdict(dict)
    for at, payload in messages:
        if at != topic:
            continue
        body = json.loads(payload, parse_float=str, parse_int=str)
        values = body.get("values") or {k: v for k, v in body.items() if k not in ("ts", "stored")}
        for metric, said in values.items():
            value = said["value"] if isinstance(said, dict) else said
            sent[metric][body["ts"]] = value
    return sent


def ble_readings(messages, device, characteristic, value_of):
    """{time: value} that the frames of a characteristic say, by the time the hub heard them."""
    topic = f"vigil/home-01/ble/home-01-{device}/{characteristic}"
    frames = [json.loads(payload) for at, payload in messages if at == topic]
    assert all(frame["stored"] for frame in frames)
    return {frame["ts"]: value_of(bytes.fromhex(frame["hex"])) for frame in frames}


def write_record(folder):
    """Six seconds of lead II at 100 Hz in format 16, 200 steps a millivolt."""
    samples = [(n * 7) % 400 - 200 for n in range(600)]
    pathlib.Path(folder, "r1.dat").write_bytes(struct.pack(f"<{len(samples)}h", *samples))
    pathlib.Path(folder, "r1.hea").write_text("r1 1 100 600\nr1.dat 16 200 12 0 -200 0 0 MLII\n")
    return samples


class Simulate(ServerTest):
    def setUp(self):
        super().setUp()
        self.server.listeners = {**self.server.listeners, "mqtts": "127.0.0.1:0"}
        self.make_token()
        self.server.start()

    def start_afresh(self):
        """On an empty folder."""
        self.assertEqual(self.server.stop(), 0)
        shutil.rmtree(self.place / "data")
        self.make_token()
        self.server.start()

    def play(self, *options):
        """Its messages, as logged: (topic, payload), in the order each device sent them."""
        log = self.place / "sent.jsonl"
        done = subprocess.run(
            [BINARY, "simulate", "--server", self.server.url(""), "--api-token", self.token, "--mqtt",
             self.server.addresses["mqtts"], "--cafile", str(self.place / "data/vigil-ca.pem"), "--log", str(log), *options],
            capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        messages = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual(json.loads(done.stdout), {"acknowledged": len(messages), "refused": 0, "dropped": 0})
        self.assertEqual(self.get("/api/quarantine")["items"], [])
        return [(message["topic"], base64.b64decode(message["base64"])) for message in messages]

    def readings(self, identifier, metric):
        patients = self.get(f"/api/patients?q={identifier}")["patients"]
        return self.raw(patients[0]["id"], metric)

    def test_a_ward_arrives_as_it_was_sent(self):
        messages = self.play("--beds", "2", "--since", text_of(TWO_DAYS_AGO), "--duration", f"{SECONDS}s", "--seed", "7")
        for bed in ("a-01", "a-02"):
            sent = telemetry_readings(messages, f"vigil/monitor-{bed}/telemetry")
            self.assertGreaterEqual(len(sent["heart_rate"]), SECONDS - 2)
            self.assertIn("nibp_sys", sent)
            for metric, values in sent.items():
                got = {r["device_time"]: r for r in self.readings(f"SIM-0000{bed[-1]}", metric)}
                self.assertEqual({time: got[time]["value"] for time in values}, values, f"{bed} {metric}")
                for time in values:
                    self.assertEqual(got[time]["filed_time"], time)
                    self.assertIn("stored_data", got[time]["status"])
                    self.assertNotIn("clock", got[time]["status"])

    def test_the_same_seed_sends_the_same_bytes(self):
        past = ("--beds", "1", "--home", "1", "--since", text_of(TWO_DAYS_AGO), "--duration", "10m", "--seed")
        first = by_device(self.play(*past, "7"))
        self.start_afresh()
        self.assertEqual(by_device(self.play(*past, "7")), first)
        self.start_afresh()
        self.assertNotEqual(by_device(self.play(*past, "8")), first)

    def test_what_a_homes_devices_say_arrives_from_the_hub_as_it_was_sent(self):
        # A week and more: people skip a morning on the scale now and then.
        since = TWO_DAYS_AGO - datetime.timedelta(days=7)
        messages = self.play("--home", "1", "--since", text_of(since), "--duration", "200h", "--seed", "7")
        frames = [("scale", "2A9D", "weight", lambda f: f"{struct.unpack_from('<H', f, 1)[0] * 5 / 1000:.3f}"),
                  ("cuff", "2A35", "nibp_sys", lambda f: str(struct.unpack_from('<H', f, 1)[0])),
                  ("cgm", "2AA7", "glucose_cgm", lambda f: str(struct.unpack_from('<H', f, 2)[0]))]
        for device, characteristic, metric, value_of in frames:
            sent = ble_readings(messages, device, characteristic, value_of)
            got = {r["filed_time"]: r for r in self.readings("SIM-home-01", metric) if r["device"] == f"home-01-{device}"}
            self.assertTrue(sent)
            self.assertEqual({time: reading["value"] for time, reading in got.items()}, sent, metric)
            for reading in got.values():
                self.assertIn("stored_data", reading["status"])
                self.assertNotIn("clock", reading["status"])
        steps = telemetry_readings(messages, "vigil/home-01/sub/home-01-band/telemetry")["steps"]
        self.assertTrue(steps)
        self.assertEqual({r["device_time"]: r["value"] for r in self.readings("SIM-home-01", "steps")}, steps)

    def test_a_recording_is_played_sample_by_sample(self):
        samples = write_record(self.place)
        self.play("--record", str(self.place / "r1"), "--since", text_of(TWO_DAYS_AGO), "--duration", "10s")
        blocks = self.readings("REC-r1", "ecg_ii")
        played = [sample for block in blocks for sample in block["waveform"]["samples"]]
        self.assertGreaterEqual(len(played), 900)
        self.assertEqual(played, (samples * 2)[:len(played)], "from the start again")
        self.assertEqual({(b["waveform"]["scale"], b["waveform"]["period_ms"], b["unit"]) for b in blocks}, {("0.005", 10, "mV")})

    def test_a_lost_network_loses_no_reading(self):
        scenario = self.place / "site.txt"
        scenario.write_text("scenario blip: Offline for two seconds\n  3s link down\n  5s link up\n")
        messages = self.play("--beds", "1", "--scenario", "blip", "--scenario-file", str(scenario), "--duration", "9s")
        sent = telemetry_readings(messages, "vigil/monitor-a-01/telemetry")["heart_rate"]
        got = {r["device_time"]: r for r in self.readings("SIM-00001", "heart_rate")}
        self.assertGreaterEqual(len(sent), 8)
        self.assertLessEqual(set(sent), set(got))
        kept = [time for time in sent if "stored_data" in got[time]["status"]]
        self.assertIn(len(kept), (2, 3, 4), "what it kept while it was offline")
        for time in sent:
            self.assertEqual(got[time]["filed_time"], time, "filed when it was measured")


if __name__ == "__main__":
    unittest.main()
