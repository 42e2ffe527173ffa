"""Everything about one person is one download, with what was sent and nothing of others (docs/guides/privacy.md)."""
import csv
import io
import json
import struct
import subprocess
import unittest
import urllib.request
import zipfile
from datetime import datetime, timedelta, timezone

from fhir_client import FhirTest
from ward import BINARY, PATIENCE_S, Client, Refused, wait_until

SAMPLES = [0, 5, -7, 1200, -32000, 3]


def waveform(sequence, start, samples):
    """A message of docs/reference/waveform-block.md: lead II at 250 Hz, coded as int16."""
    def text(bytes_):
        return bytes([len(bytes_)]) + bytes_
    data = struct.pack(f"<{len(samples)}h", *samples)
    return (b"VWB1" + bytes([sequence, 1]) + text(b"ecg_ii") + bytes([0, 0]) +
            struct.pack("<q", int(start.timestamp() * 1e9)) + b"\x80\x92\xf4\x01" + b"\xfd\x0a" + b"\x00\x00" +
            text(b"mV") + bytes([0, len(samples), len(data)]) + data)


class Portability(FhirTest):
    def setUp(self):
        super().setUp()
        self.ada = self.post("/api/patients", {"display_name": "Ada Example", "identifier": "MRN-A"})["id"]
        self.bo = self.post("/api/patients", {"display_name": "Bo Other", "identifier": "MRN-B"})["id"]
        self.clients = {}
        for name, who in (("m-ada", self.ada), ("m-bo", self.bo)):
            self.clients[name] = Client(self.server, name, self.add_device(name, who)).connect()
            self.addCleanup(self.clients[name].client.loop_stop)
        self.record = {who: wait_until("their Patient is there", lambda who=who: self.get(f"/api/patients/{who}")["patient"]["fhir_id"])
                       for who in (self.ada, self.bo)}

    def bytes_of(self, path, token=None):
        request = urllib.request.Request(self.server.url(path), headers={"authorization": f"Bearer {token or self.token}"})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            self.assertEqual(answer.headers.get_content_type(), "application/zip")
            return answer.read()

    def everything(self, token=None):
        archive = zipfile.ZipFile(io.BytesIO(self.bytes_of(f"/api/patients/{self.ada}/everything", token)))
        self.assertIsNone(archive.testzip())
        return {name: archive.read(name).decode() for name in archive.namelist()}

    def publish(self, name, values, start=1):
        for value in values:
            start += 1
            self.clients[name].publish(f"vigil/{name}/telemetry", {"heart_rate": value, "seq": start})

    def test_it_holds_what_was_sent_and_nothing_of_others(self):
        self.publish("m-ada", (61, 62.5, 63))
        self.publish("m-bo", (99,))
        start = datetime.now(timezone.utc) - timedelta(seconds=5)
        self.clients["m-ada"].publish("vigil/m-ada/wave", waveform(1, start, SAMPLES))
        for who, note in ((self.ada, "sprain of Ada"), (self.bo, "sprain of Bo")):
            active = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}
            self.assertEqual(self.ask("POST", "Condition", {"resourceType": "Condition", "code": {"text": note},
                                                            "clinicalStatus": active, "subject": {"reference": f"Patient/{self.record[who]}"}}).status, 201)
        files = self.everything()
        self.assertEqual(sorted(files), ["README.txt", "accesses.csv", "fhir/resources.ndjson", "readings/heart_rate.csv",
                                         "waveforms/ecg_ii.csv"])
        rows = list(csv.DictReader(io.StringIO(files["readings/heart_rate.csv"])))
        self.assertEqual([(row["value"], row["device"]) for row in rows], [(value, "m-ada") for value in ("61", "62.5", "63")])
        curve, = csv.DictReader(io.StringIO(files["waveforms/ecg_ii.csv"]))
        self.assertEqual([int(sample) for sample in curve["samples"].split()], SAMPLES)
        self.assertEqual((curve["unit"], curve["period_ns"]), ("mV", "4000000"))
        resources = [json.loads(line) for line in files["fhir/resources.ndjson"].splitlines()]
        self.assertEqual(sorted(resource["resourceType"] for resource in resources), ["Condition", "Patient"])
        self.assertIn("sprain of Ada", files["fhir/resources.ndjson"])
        for text in files.values():
            self.assertNotIn("Bo", text)
            self.assertNotIn("m-bo", text)
        accesses = list(csv.DictReader(io.StringIO(files["accesses.csv"])))
        self.assertIn("patient everything", {line["what"] for line in accesses})
        self.assertIn("Patient number", files["README.txt"])

    def test_a_long_stay_comes_whole_and_in_order(self):
        values = list(range(40, 240)) * 40
        client = self.clients["m-ada"].client
        client.max_inflight_messages_set(200)
        infos = [client.publish("vigil/m-ada/telemetry", json.dumps({"heart_rate": value, "seq": number}), qos=1)
                 for number, value in enumerate(values, 1)]
        for info in infos:
            info.wait_for_publish(PATIENCE_S)
        rows = list(csv.DictReader(io.StringIO(self.everything()["readings/heart_rate.csv"])))
        self.assertEqual([int(row["value"]) for row in rows], values)

    def test_the_patients_own_account_may_fetch_it_and_a_nurse_may_not(self):
        for name, role, kind in (("ada", "patient", "self"), ("nia", "nurse", "care-team"), ("mum", "caregiver", "caregiver")):
            self.post("/api/accounts", {"username": name, "role": role, "password": "a long enough password"})
            self.post(f"/api/patients/{self.ada}/relations", {"account": name, "kind": kind})
        token = {name: self.post(f"/api/accounts/{name}/tokens", {"name": "t", "scopes": ["user/*.cruds"]})["token"]
                 for name in ("ada", "nia", "mum")}
        self.assertIn("README.txt", self.everything(token["ada"]))
        for name in ("nia", "mum"):
            with self.assertRaises(Refused) as refused:
                self.call("GET", f"/api/patients/{self.ada}/everything", token=token[name])
            self.assertEqual(refused.exception.status, 403)

    def test_on_the_command_line(self):
        self.publish("m-ada", (61,))
        self.assertEqual(self.server.stop(), 0)
        archive = self.place / "ada.zip"
        self.server.command("patient", "export-all", "MRN-A", str(archive))
        self.assertEqual(archive.stat().st_mode & 0o777, 0o600)
        with zipfile.ZipFile(archive) as file:
            self.assertIn("61", file.read("readings/heart_rate.csv").decode())
        again = subprocess.run([BINARY, "patient", "export-all", "MRN-A", str(archive), "--data", self.server.folder],
                               capture_output=True, text=True, check=False)
        self.assertEqual(again.returncode, 5, again.stderr)


if __name__ == "__main__":
    unittest.main()
