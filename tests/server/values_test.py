#!/usr/bin/python3
"""Promise 4 through a whole server: what a device said (digits, unit, special values, status) is what the
API, the CSV and the command line show, beside the form in the metric's own unit."""
import csv
import io
import unittest

from ward import Client, ServerTest

# metric, what the device writes → value, unit, normal, special, status
CASES = [
    ("weight", {"value": "1.00", "unit": "kg"}, ("1.00", "kg", "1.00", None, [])),
    ("weight", {"value": "72.50", "unit": "kg"}, ("72.50", "kg", "72.50", None, [])),
    ("weight", {"value": "160.0", "unit": "[lb_av]"}, ("160.0", "[lb_av]", "72.57", None, [])),
    ("temp_body", {"value": "98.6", "unit": "[degF]"}, ("98.6", "[degF]", "37.00", None, [])),
    ("glucose_blood", {"value": "5.5", "unit": "mmol/L"}, ("5.5", "mmol/L", "99", None, [])),
    ("glucose_blood", {"value": "99", "unit": "mg/dL"}, ("99", "mg/dL", "99", None, [])),
    ("nibp_sys", {"value": "16.0", "unit": "kPa"}, ("16.0", "kPa", "120.0", None, [])),
    ("spo2", {"value": "0.975", "unit": "1"}, ("0.975", "1", "97.5", None, [])),
    ("spo2", "97.0", ("97.0", "%", "97.0", None, [])),
    ("spo2", None, (None, "", None, "not_available", [])),
    ("glucose_blood", {"value": '"over_range"', "unit": "mg/dL"}, (None, "mg/dL", None, "over_range", [])),
    ("glucose_blood", {"value": '"under_range"', "unit": "mg/dL"}, (None, "mg/dL", None, "under_range", [])),
    ("heart_rate", '"not_a_number"', (None, "", None, "not_a_number", [])),
    ("heart_rate", '"not_at_this_resolution"', (None, "", None, "not_at_this_resolution", [])),
    ("heart_rate", '"positive_infinity"', (None, "", None, "positive_infinity", [])),
    ("heart_rate", '"negative_infinity"', (None, "", None, "negative_infinity", [])),
    ("heart_rate", {"value": "72", "status": '["questionable", "measurement_ongoing"]'},
     ("72", "/min", "72", None, ["questionable", "measurement_ongoing"])),
    ("heart_rate", {"value": "72", "status": '["invalid", "signal_poor", "alarm_at_source"]'},
     ("72", "/min", "72", None, ["invalid", "signal_poor", "alarm_at_source"])),
    ("heart_rate", {"value": "72", "status": '["test_data", "manual", "estimated", "validated", "early_indication", '
                                             '"calibration_ongoing", "demo_data"]'},
     ("72", "/min", "72", None, ["calibration_ongoing", "test_data", "demo_data", "validated", "early_indication",
                                 "manual", "estimated"])),
    ("heart_rate", "900", ("900", "/min", "900", None, ["implausible"])),
    ("battery_level", "1E2", ("1E2", "%", "1E2", None, [])),
]


def payload(metric, said):
    if isinstance(said, dict):
        unit = {"unit": f'"{said["unit"]}"'} if "unit" in said else {}
        said = "{" + ", ".join(f'"{k}": {v}' for k, v in {**said, **unit}.items()) + "}"
    return f'{{"{metric}": {"null" if said is None else said}}}'


class Values(ServerTest):
    def test_a_value_reads_back_as_the_device_said_it(self):
        self.make_token()
        self.server.start()
        patient = self.add_patient("MRN-1")
        monitor = Client(self.server, "monitor-1", self.add_device("monitor-1", patient)).connect()
        for metric, said, expected in CASES:
            message = payload(metric, said)
            with self.subTest(message):
                monitor.publish("vigil/monitor-1/telemetry", message)
                self.check(f"/api/series/raw?patient={patient}&metric={metric}", expected)
        monitor.close()

    def check(self, series, expected):
        reading = self.get(series + "&order=desc&limit=1")["readings"][0]
        self.assertEqual((reading["value"], reading["unit"], reading["normal"], reading["special"], reading["status"]), expected)
        row = list(csv.DictReader(io.StringIO(self.get(series + "&format=csv"))))[-1]
        self.assertEqual((row["value"], row["unit"], row["normal"], row["special"]), tuple(text or "" for text in expected[:4]))
        self.assertEqual(row["status"], " ".join(expected[4]))


if __name__ == "__main__":
    unittest.main()
