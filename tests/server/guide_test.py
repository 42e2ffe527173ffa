#!/usr/bin/python3
"""Every example of docs/guides/connect-a-device.md, as it stands there, sent by mosquitto_pub over TLS
to a real server and read back over the API. An example without an expectation here fails."""
import json
import os
import pathlib
import re
import subprocess
import unittest

from ward import ServerTest

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs/guides/connect-a-device.md"
NOON = "2026-03-01T12:00:00Z"
NEW_YEAR = "2026-01-01T00:00:00Z"
SENSOR = "FEEDABEEDEAD"

# A part of the example → what the series then hold: (metric, channel, value, unit, device time); the
# device time is None where the payload has none, and ... where it is that of another example.
EXPECTED = [
    ('{"heart_rate": 72, "spo2": 97, "ts": 1767225600123}',
     [("heart_rate", 0, "72", "/min", "2026-01-01T00:00:00.123Z"), ("spo2", 0, "97", "%", "2026-01-01T00:00:00.123Z")]),
    ('"values": {"nibp_sys": 121, "nibp_dia": 80}',
     [("nibp_sys", 0, "121", "mm[Hg]", "2026-03-01T11:00:00Z"), ("nibp_dia", 0, "80", "mm[Hg]", "2026-03-01T11:00:00Z")]),
    ('{"temp_body": {"value": 98.6, "unit": "[degF]"}',
     [("temp_body", 0, "98.6", "[degF]", None), ("glucose_blood", 0, "5.4", "mmol/L", None)]),
    ('[{"ts": 1767225600, "heart_rate": 72}, {"ts": 1767225601, "heart_rate": 73}]',
     [("heart_rate", 0, "72", "/min", NEW_YEAR), ("heart_rate", 0, "73", "/min", "2026-01-01T00:00:01Z")]),
    ('"bn": "urn:dev:mac:0024befffe804ff1:"',
     [("heart_rate", 0, "72", "/min", "2026-01-01T00:01:40Z"), ("temp_skin", 2, "34.10", "Cel", "2026-01-01T00:01:40Z")]),
    ('heart_rate\\x02\\x18\\x48', [("heart_rate", 0, "72", "/min", None)]),
    ('"identifier": [{"value": "a-17"}]', [("heart_rate", 0, "72", "/min", NOON)]),
    ('"code": "85354-9"', [("nibp_sys", 0, "121", "mm[Hg]", NOON), ("nibp_dia", 0, "10.60", "kPa", NOON)]),
    ('"valueSampledData"', [("ecg_ii", 0, ("0.005", 4, [0, 2, None, 5, -1]), "mV", NOON)]),
    ('"dataAbsentReason"', [("spo2", 0, "not_a_number", "", NOON)]),
    ("printf '\\x06\\x48' | pub", [("heart_rate", 0, "72", "/min", None)]),
    ('"rssi": -60, "hex": "0648"', [("heart_rate", 0, "72", "/min", "2026-01-01T00:00:00.123Z")]),
    ('{"b64": "AHgAUABaAA=="}',
     [("nibp_sys", 0, "120", "mm[Hg]", None), ("nibp_dia", 0, "80", "mm[Hg]", None), ("nibp_mean", 0, "90", "mm[Hg]", None)]),
    ('"stored": true, "hex": "0650"', [("heart_rate", 0, "80", "/min", "2025-12-31T23:00:00Z")]),
    ("ble 2A37", [("heart_rate", 0, "72", "/min", None), ("rr_interval", 0, "750", "ms", None)]),
    ("ble 2A35 06",
     [("nibp_sys", 0, "120", "mm[Hg]", NOON), ("nibp_dia", 0, "80", "mm[Hg]", NOON),
      ("nibp_mean", 0, "93", "mm[Hg]", NOON), ("pulse_rate_nibp", 0, "72", "/min", NOON)]),
    ("ble 2A35 01", [("nibp_sys", 0, "16.0", "kPa", None), ("nibp_dia", 0, "10.7", "kPa", None)]),
    ("ble 2A36", [("nibp_cuff_pressure", 0, "150", "mm[Hg]", None)]),
    ("ble 2A1C", [("temp_body", 0, "36.4", "Cel", NOON)]),
    ("ble 2A1E", [("temp_body", 0, "98.2", "[degF]", None)]),
    ("ble 2A5E", [("spo2", 0, "97", "%", NOON), ("pulse_rate_spo2", 0, "64", "/min", NOON)]),
    ("ble 2A5F", [("spo2", 0, "98", "%", None), ("pulse_rate_spo2", 0, "72", "/min", None)]),
    ("ble 2A18", [("glucose_capillary", 0, "105", "mg/dL", NOON), ("glucose_sample_location", 0, "finger", "", NOON)]),
    ("ble 2A34", [("glucose_meal", 0, "fasting", "", NOON)]),
    ("ble 2AAA", []),
    ("ble 2AA7", [("glucose_cgm", 0, "112", "mg/dL", "2026-03-01T12:05:00Z")]),
    ("ble 2A9D", [("weight", 0, "75.000", "kg", NOON)]),
    ("ble 2A9C", [("body_fat", 0, "24.5", "%", None)]),
    ("ble 2A19", [("battery_level", 0, "90", "%", None)]),
    ("ble 2A2B", []),
    ("ble 2A08", []),
    ("printf 'VWB1", [("ecg_ii", 0, ("0.005", 4, [0, 2, 5, -1]), "mV", None)]),
]


def examples():
    """The definitions of the guide's shell functions, and its example commands, in order."""
    functions, commands = [], []
    for line in GUIDE.read_text().splitlines():
        if re.match(r"    (pub|ble)\(\)", line):
            functions.append(line.strip())
        elif re.match(r"    (pub |ble |printf )", line):
            commands.append(line.strip())
    return functions, commands


def shown(reading):
    if reading["type"] == "waveform":
        wave = reading["waveform"]
        value = (wave["scale"], wave["period_ms"], wave["samples"])
    else:
        value = reading["special"] or reading["value"]
    return (reading["metric"], reading["channel"], value, reading["unit"], reading["device_time"])


class Guide(ServerTest):
    def setUp(self):
        super().setUp()
        self.server.listeners = {**self.server.listeners, "https": "127.0.0.1:0", "mqtts": "127.0.0.1:0"}
        self.make_token()
        self.server.start()
        self.patient = self.add_patient("MRN-1")
        self.tokens = {"monitor-1": self.add_device("monitor-1", self.patient), "hub-1": self.add_device("hub-1")}
        self.add_device(SENSOR, gateway="hub-1")
        for device in ("monitor-1", SENSOR):
            self.post(f"/api/devices/{device}/attach", {"patient": self.patient, "from": "2025-12-01T00:00:00Z"})
        self.functions, self.commands = examples()
        self.seen = set()

    def test_every_example_arrives_as_it_says(self):
        used = set()
        for command in self.commands:
            found = [n for n, (part, _) in enumerate(EXPECTED) if part in command]
            self.assertEqual(len(found), 1, f"expectations for the example: {command}")
            used.update(found)
            self.publish(command)
            self.assertEqual(sorted(map(shown, self.new_readings()), key=repr), sorted(EXPECTED[found[0]][1], key=repr), command)
        self.assertEqual(used, set(range(len(EXPECTED))), "each expectation has its example")
        self.assertEqual(self.get("/api/quarantine")["items"], [])

    def test_a_device_enrols_publishes_and_renews_as_it_says(self):
        section = GUIDE.read_text().split("## Certificates")[1].split("\n## ")[0]
        commands = [line.strip() for line in section.splitlines() if re.match(r"    (openssl|curl|mosquitto_pub) ", line)]
        self.assertEqual([command.split(" ")[0] for command in commands],
                         ["openssl", "curl", "mosquitto_pub", "openssl", "curl"])
        code = self.post("/api/devices/monitor-1/enrolment")["code"]
        environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(self.server.port("mqtts")), "DEVICE": "monitor-1",
                       "CODE": code, "CA": str(self.place / "data/vigil-ca.pem"),
                       "HTTPS": f"https://127.0.0.1:{self.server.port('https')}"}
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", "\n".join(commands)], cwd=self.place,
                              capture_output=True, text=True, env=environment, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.values(self.patient, "heart_rate"), ["72"])
        shown = subprocess.run(["openssl", "x509", "-in", "new.crt", "-noout", "-serial"], cwd=self.place,
                               capture_output=True, text=True, check=True).stdout
        newest = self.get("/api/devices/monitor-1")["device"]["certificate"]
        self.assertEqual((newest["origin"], newest["state"]), ("renewed", "good"))
        states = {each["serial"]: each["state"] for each in self.get("/api/devices/monitor-1/certificates")["certificates"]}
        self.assertEqual(states[shown.strip().split("=")[1].lower()], "good")

    def publish(self, command):
        device = "hub-1" if "hub-1" in command or command.startswith("ble ") else "monitor-1"
        environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(self.server.port("mqtts")),
                       "CA": str(self.place / "data/vigil-ca.pem"), "DEVICE": device, "TOKEN": self.tokens[device]}
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", "\n".join([*self.functions, command])],
                              capture_output=True, text=True, env=environment, timeout=60)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")

    def new_readings(self):
        """What the series hold that they did not at the last look."""
        fresh = []
        for metric in {series["metric"] for series in self.get(f"/api/series?patient={self.patient}")["series"]}:
            for reading in self.get(f"/api/series/raw?patient={self.patient}&metric={metric}")["readings"]:
                key = (reading["metric"], reading["device"], reading["channel"], reading["filed_time"],
                       reading["sequence"], json.dumps(shown(reading)))
                if key not in self.seen:
                    self.seen.add(key)
                    fresh.append(reading)
        return fresh


if __name__ == "__main__":
    unittest.main()
