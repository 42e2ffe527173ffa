#!/usr/bin/python3
"""Bulk Data Access 2.0 over HTTP (http://hl7.org/fhir/uv/bulkdata/STU2/export.html), readings included."""
import datetime
import http.client
import json
import os
import time
import unittest

from fhir_client import FhirTest
from ward import PATIENCE_S, Client, wait_until

ASYNC = "respond-async"
LOINC = "http://loinc.org"


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


class ExportTest(FhirTest):
    config = "[fhir]\nexports_max = 2\n"

    def kick_off(self, path, body=None, method=None, token=None, prefer=ASYNC):
        return self.ask_text(method or ("POST" if body else "GET"), path, body, token=token, prefer=prefer)

    def ask_text(self, method, path, body=None, token=None, **headers):
        """Like ask(), for bodies that are no single JSON text."""
        if path.startswith("http"):
            path = path.split("/fhir/", 1)[1]
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        sent = {"authorization": f"Bearer {token or self.token}", **headers}
        if body is not None:
            sent["content-type"] = "application/fhir+json"
        connection.request(method, "/fhir/" + path, None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        status, given, text = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        connection.close()
        return status, given, text

    def begin(self, path, body=None):
        status, headers, text = self.kick_off(path, body)
        self.assertEqual((status, text), (202, ""), text)
        return headers["content-location"]

    def finish(self, location):
        """The manifest."""
        def whole():
            status, headers, text = self.ask_text("GET", location)
            if status == 202:
                self.assertIn("x-progress", headers)
                self.assertGreaterEqual(int(headers["retry-after"]), 1)
                return None
            self.assertEqual((status, headers["content-type"]), (200, "application/json"), text)
            return json.loads(text)
        return wait_until("the export is whole", whole, 120)

    def export(self, path, body=None):
        """The resources, by type, and the manifest."""
        manifest = self.finish(self.begin(path, body))
        return {output["type"]: self.fetch(output) for output in manifest["output"]}, manifest

    def fetch(self, output):
        status, headers, text = self.ask_text("GET", output["url"])
        self.assertEqual((status, headers["content-type"]), (200, "application/fhir+ndjson"))
        found = lines(text)
        self.assertEqual(len(found), output["count"])
        return found

    def refused(self, answer, status, code):
        self.assertEqual(answer[0], status, answer[2])
        outcome = json.loads(answer[2])
        self.assertEqual((outcome["resourceType"], outcome["issue"][0]["code"]), ("OperationOutcome", code))

    def token_of(self, name):
        """Of an account of its own."""
        self.post("/api/accounts", {"username": name, "display_name": name, "role": "service"})
        return self.post(f"/api/accounts/{name}/tokens", {"name": "t", "scopes": ["system/*.cruds"]})

    def export_folder(self, location):
        return self.place / "data/export" / location.rsplit("/", 1)[1]

    def add_ward(self):
        """Two patients with a condition each, readings of the first; who treats them."""
        self.numbers = [self.add_patient("MRN-1"), self.add_patient("MRN-2")]
        self.patients = [wait_until("has a Patient", lambda id=id: self.search(f"Patient?identifier={id}").ids())[0] for id in ("MRN-1", "MRN-2")]
        self.conditions = [self.create({"resourceType": "Condition", "subject": {"reference": f"Patient/{id}"}, "code": {"text": text}})
                           for id, text in zip(self.patients, ("asthma", "gout"))]
        self.practitioner = self.create({"resourceType": "Practitioner", "name": [{"family": "Weber"}]})
        monitor = Client(self.server, "monitor-1", self.add_device("monitor-1", self.numbers[0])).connect()
        self.addCleanup(monitor.close)
        self.start = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(seconds=40)
        for second in range(5):
            self.say(monitor, second, heart_rate=70 + second, spo2=97)
        return monitor

    def say(self, monitor, second, **values):
        at = (self.start + datetime.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")
        monitor.publish("vigil/monitor-1/telemetry", {"ts": at, **values})


class Export(ExportTest):
    def setUp(self):
        super().setUp()
        self.monitor = self.add_ward()

    def test_a_posted_observation_that_is_a_reading_too_is_there_once(self):
        posted = self.create({
            "resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            "subject": {"reference": f"Patient/{self.patients[0]}"}, "effectiveDateTime": self.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "device": {"identifier": {"system": "urn:vigil:device", "value": "monitor-1"}},
            "valueQuantity": {"value": 99, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}})
        wait_until("it is a reading", lambda: "99" in self.values(self.numbers[0], "heart_rate"))
        found, _ = self.export("$export?_type=Observation,DeviceMetric")
        rates = [one for one in found["Observation"] if "8867-4" in json.dumps(one["code"])]
        self.assertEqual(sorted(one["valueQuantity"]["value"] for one in rates), [70, 71, 72, 73, 74, 99])
        self.assertEqual([one["id"] for one in rates if one["valueQuantity"]["value"] == 99], [posted])
        self.assertEqual(len(found["DeviceMetric"]), 2)

    def test_everything_once_with_its_readings(self):
        found, manifest = self.export("$export")
        self.assertEqual(manifest["request"].rsplit("/", 1)[1], "$export")
        self.assertTrue(manifest["requiresAccessToken"])
        self.assertEqual((manifest["error"], manifest["deleted"]), ([], []))
        self.assertEqual({resource["id"] for resource in found["Patient"]}, set(self.patients))
        self.assertEqual({resource["id"] for resource in found["Condition"]}, set(self.conditions))
        self.assertEqual([resource["id"] for resource in found["Practitioner"]], [self.practitioner])
        self.assertEqual(len({resource["id"] for resource in found["Observation"]}), 10)
        self.assertEqual(len(found["Observation"]), 10)
        self.assertEqual(len(found["Device"]), 1)
        for type, resources in found.items():
            for resource in resources:
                self.assertEqual(self.ask("GET", f"{type}/{resource['id']}").body, resource)
        files = list((self.place / "data/export").rglob("*.ndjson"))
        self.assertTrue(files)
        for file in files:
            self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
            self.assertNotIn(b"resourceType", file.read_bytes())  # sealed
        self.assertEqual(os.stat(self.place / "data/export").st_mode & 0o777, 0o700)

    def test_of_patients_and_of_a_group(self):
        found, _ = self.export("Patient/$export")
        self.assertNotIn("Practitioner", found)
        self.assertEqual(len(found["Patient"]), 2)
        self.assertEqual(len(found["Observation"]), 10)
        group = self.create({"resourceType": "Group", "type": "person", "actual": True,
                             "member": [{"entity": {"reference": f"Patient/{self.patients[1]}"}},
                                        {"entity": {"reference": f"Patient/{self.patients[0]}"}, "inactive": True}]})
        found, _ = self.export(f"Group/{group}/$export")
        self.assertEqual([resource["id"] for resource in found["Patient"]], [self.patients[1]])
        self.assertEqual([resource["id"] for resource in found["Condition"]], [self.conditions[1]])
        self.assertNotIn("Observation", found)
        found, _ = self.export("Patient/$export", {"resourceType": "Parameters", "parameter": [
            {"name": "patient", "valueReference": {"reference": f"Patient/{self.patients[0]}"}}, {"name": "_type", "valueString": "Observation,Patient"}]})
        self.assertEqual([resource["id"] for resource in found["Patient"]], [self.patients[0]])
        self.assertEqual(len(found["Observation"]), 10)
        self.refused(self.kick_off("Group/nobody/$export"), 404, "not-found")

    def test_each_once_however_many_members_it_names(self):
        people = [self.create({"resourceType": "Patient", "name": [{"text": str(i)}]}) for i in range(60)]
        both = self.create({"resourceType": "Appointment", "status": "proposed", "participant": [
            {"status": "accepted", "actor": {"reference": f"Patient/{id}"}} for id in (min(people), max(people))]})
        group = self.create({"resourceType": "Group", "type": "person", "actual": True,
                             "member": [{"entity": {"reference": f"Patient/{id}"}} for id in people]})
        found, _ = self.export(f"Group/{group}/$export")
        self.assertEqual(sorted(resource["id"] for resource in found["Patient"]), sorted(people))
        self.assertEqual([resource["id"] for resource in found["Appointment"]], [both])

    def test_types_filters_and_elements(self):
        found, _ = self.export(f"$export?_type=Observation,Condition&_typeFilter=Observation%3Fcode%3D{LOINC}%7C8867-4%26value-quantity%3Dgt72"
                               "&_typeFilter=Observation%3Fcode%3D59408-5,2708-6,Condition%3Fcode:text%3Dgout&_elements=Condition.subject")
        self.assertEqual(set(found), {"Observation", "Condition"})
        values = sorted(float(resource["valueQuantity"]["value"]) for resource in found["Observation"])
        self.assertEqual(values, [73, 74] + [97] * 5)
        self.assertEqual([resource["id"] for resource in found["Condition"]], [self.conditions[1]])
        self.assertNotIn("code", found["Condition"][0])
        self.assertEqual(found["Condition"][0]["meta"]["tag"][0]["code"], "SUBSETTED")
        self.assertNotIn("tag", found["Observation"][0].get("meta", {}))

    def test_since_brings_what_changed_and_what_was_deleted(self):
        self.assertEqual(self.ask("DELETE", f"Condition/{self.conditions[0]}").status, 204)
        # When a reading came is known to the nearest second: those that are there may seem to come half a second later.
        sent = datetime.datetime.now(datetime.timezone.utc)
        wait_until("what was sent is of the past", lambda: datetime.datetime.now(datetime.timezone.utc) > sent + datetime.timedelta(seconds=1))
        since = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(milliseconds=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        wait_until("it is later", lambda: datetime.datetime.now(datetime.timezone.utc) > datetime.datetime.fromisoformat(since.replace("Z", "+00:00")))
        new = self.create({"resourceType": "Condition", "subject": {"reference": f"Patient/{self.patients[0]}"}, "code": {"text": "new"}})
        self.assertEqual(self.ask("DELETE", f"Condition/{self.conditions[1]}").status, 204)
        # When a reading came is known to the second.
        wait_until("it is a second later", lambda: datetime.datetime.now(datetime.timezone.utc) > datetime.datetime.fromisoformat(since.replace("Z", "+00:00")) + datetime.timedelta(seconds=1))
        self.say(self.monitor, 20, heart_rate=99)
        wait_until("the reading is there", lambda: len(self.search("Observation?code=8867-4&_count=100").ids()) == 6)
        found, manifest = self.export(f"$export?_since={since}")
        self.assertEqual([resource["id"] for resource in found["Condition"]], [new])
        self.assertEqual([float(resource["valueQuantity"]["value"]) for resource in found["Observation"]], [99])
        self.assertNotIn("Practitioner", found)
        bundles = self.fetch(manifest["deleted"][0])
        self.assertEqual([bundle["entry"][0]["request"] for bundle in bundles], [{"method": "DELETE", "url": f"Condition/{self.conditions[1]}"}])
        # The next one goes on from this one's time.
        found, _ = self.export(f"$export?_type=Practitioner,Condition&_since={manifest['transactionTime']}")
        self.assertIn(new, [resource["id"] for resource in found["Condition"]])

    def test_wrong_input_is_told(self):
        for path, status, code in (("$export?_outputFormat=text/csv", 400, "value"), ("$export?_since=yesterday", 400, "value"),
                                   ("$export?_type=Patience", 400, "value"), ("Patient/$export?_type=Practitioner", 400, "value"),
                                   ("$export?_type=Patient&_typeFilter=Condition%3Fcode%3D1", 400, "value"),
                                   ("$export?_typeFilter=Patient%3F_sort%3Dname", 400, "value"),
                                   ("$export?colour=red", 400, "not-supported"), ("Practitioner/$export", 404, "not-supported")):
            with self.subTest(path):
                self.refused(self.kick_off(path), status, code)
        self.refused(self.ask_text("GET", "$export"), 400, "required")
        self.refused(self.ask_text("GET", "$export/nothing"), 404, "not-found")
        status, headers, _ = self.kick_off("$export?colour=red&_type=Practitioner", prefer="respond-async, handling=lenient")
        self.assertEqual(status, 202)
        self.finish(headers["content-location"])
        statement = self.ask("GET", "metadata").body["rest"][0]
        self.assertIn({"name": "export", "definition": "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"}, statement["operation"])
        group = next(resource for resource in statement["resource"] if resource["type"] == "Group")
        self.assertIn("export", [operation["name"] for operation in group["operation"]])

    def test_only_whoever_asked_sees_it_and_may_end_it(self):
        other = self.token_of("other")["token"]
        location = self.begin("$export")
        manifest = self.finish(location)
        self.assertEqual(self.kick_off("$export?_type=Practitioner", token=other)[0], 202)
        for method, place in (("GET", location), ("DELETE", location), ("GET", manifest["output"][0]["url"])):
            self.refused(self.ask_text(method, place, token=other), 404, "not-found")
        self.assertEqual(self.ask_text("DELETE", location)[0], 202)
        self.refused(self.ask_text("GET", location), 404, "not-found")
        self.refused(self.ask_text("GET", manifest["output"][0]["url"]), 404, "not-found")
        wait_until("its files are gone", lambda: not self.export_folder(location).exists())

    def test_a_whole_export_outlives_the_process(self):
        location = self.begin("$export?_type=Condition,Practitioner")
        before = self.finish(location)
        self.server.kill()
        self.server.start()
        after = self.finish(location)
        self.assertEqual([(one["type"], one["count"]) for one in after["output"]], [(one["type"], one["count"]) for one in before["output"]])
        self.assertEqual(after["transactionTime"], before["transactionTime"])
        self.assertEqual([resource["id"] for resource in self.fetch(after["output"][1])], [self.practitioner])
        self.assertEqual(self.ask_text("DELETE", location)[0], 202)
        wait_until("its files are gone", lambda: not self.export_folder(location).exists())
        self.server.kill()
        self.server.start()
        self.refused(self.ask_text("GET", location), 404, "not-found")

    def test_a_restart_forgets_an_export_whose_files_are_gone_and_no_other(self):
        whole, first_lost, last_lost = (self.begin_and_finish("$export?_type=Condition,Practitioner") for _ in range(3))
        empty = []
        # They are looked at in the order of their ids: one without files right after one whose last is lost.
        while min((one for one in (whole, first_lost, *empty) if one > last_lost), default=whole) not in empty:
            empty.append(self.begin_and_finish("$export?_type=Medication"))
        files = {location: [one["url"].rsplit("/", 1)[1] for one in self.finish(location)["output"]] for location in (first_lost, last_lost)}
        self.server.kill()
        (self.export_folder(first_lost) / files[first_lost][0]).unlink()
        (self.export_folder(last_lost) / files[last_lost][-1]).unlink()
        self.server.start()
        self.assertEqual(len(self.finish(whole)["output"]), 2)
        self.assertEqual([self.finish(location)["output"] for location in empty], [[]] * len(empty))
        for location in (first_lost, last_lost):
            self.refused(self.ask_text("GET", location), 404, "not-found")

    def begin_and_finish(self, path):
        location = self.begin(path)
        self.finish(location)
        return location


class LargeExport(ExportTest):
    """So much that an export takes its time."""
    readings, at_once = 20_000, 1_000
    grows_max_kb = 100 << 10

    def setUp(self):
        super().setUp()
        patient = self.add_patient("MRN-1")
        monitor = Client(self.server, "monitor-1", self.add_device("monitor-1", patient)).connect()
        self.addCleanup(monitor.close)
        last = int(time.time()) - 60
        for first in range(0, self.readings, self.at_once):
            monitor.publish("vigil/monitor-1/telemetry", [
                {"ts": last - number, "heart_rate": 60 + number % 60, "stored": True} for number in range(first, first + self.at_once)])

    def memory_kb(self):
        with open(f"/proc/{self.server.process.pid}/status") as status:
            return int(next(line for line in status if line.startswith("VmRSS")).split()[1])

    def test_memory_is_bounded_and_a_slow_client_is_served(self):
        before, most = self.memory_kb(), 0
        began, location = time.monotonic(), self.begin("$export?_type=Observation")
        while self.ask_text("GET", location)[0] == 202:
            most = max(most, self.memory_kb())
        took = time.monotonic() - began
        output = self.finish(location)["output"][0]
        slow = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        slow.request("GET", "/fhir/" + output["url"].split("/fhir/")[1], headers={"authorization": f"Bearer {self.token}"})
        answer = slow.getresponse()
        text = answer.read(1_000)
        self.assertEqual(len(self.fetch(output)), self.readings)  # another client meanwhile
        most = max(most, self.memory_kb())
        text += answer.read()
        slow.close()
        found = lines(text.decode())
        self.assertEqual(len({resource["id"] for resource in found}), self.readings)
        self.assertEqual(len(found), self.readings)
        self.assertLess(most - before, self.grows_max_kb)
        print(f"{self.readings / took:.0f} readings/s, {len(text) >> 20} MiB, memory {before} kB, at most {most} kB")

    def test_those_under_way_are_bounded_and_can_be_ended(self):
        first, second = self.begin("$export?_type=Observation"), self.begin("$export?_type=Observation")
        status, headers, text = self.kick_off("$export")
        self.refused((status, headers, text), 429, "throttled")
        self.assertGreaterEqual(int(headers["retry-after"]), 1)
        self.assertEqual(self.ask_text("DELETE", first)[0], 202)
        self.refused(self.ask_text("GET", first), 404, "not-found")
        wait_until("its files are gone", lambda: not self.export_folder(first).exists())
        self.assertEqual(self.finish(second)["output"][0]["count"], self.readings)
        self.begin("$export?_type=Patient")

    def test_who_polls_over_a_restart_gets_the_whole_of_it(self):
        location = self.begin("$export?_type=Observation,Patient")
        self.assertTrue(self.export_folder(location).exists())
        self.server.kill()  # in the middle, or before it began
        self.server.start()
        manifest = self.finish(location)
        self.assertEqual({one["type"]: one["count"] for one in manifest["output"]}, {"Observation": self.readings, "Patient": 1})
        observations = next(one for one in manifest["output"] if one["type"] == "Observation")
        self.assertEqual(len({resource["id"] for resource in self.fetch(observations)}), self.readings)

    def test_a_restart_ends_what_nobody_may_have(self):
        token = self.token_of("researcher")
        status, headers, _ = self.kick_off("$export?_type=Patient", token=token["token"])
        self.assertEqual(status, 202)
        self.server.stop()
        id = next(one["id"] for one in self.server.command("account", "tokens", "researcher", "--json")["tokens"])
        self.server.command("account", "revoke", "researcher", str(id))
        self.server.start()
        self.assertFalse(self.export_folder(headers["content-location"]).exists())

    def test_it_ends_with_the_right_to_it(self):
        token = self.token_of("researcher")
        status, headers, _ = self.kick_off("$export?_type=Observation", token=token["token"])
        self.assertEqual(status, 202)
        self.assertTrue(self.export_folder(headers["content-location"]).exists())
        id = self.get("/api/accounts/researcher/tokens")["tokens"][0]["id"]
        self.call("DELETE", f"/api/accounts/researcher/tokens/{id}")
        wait_until("its files are gone", lambda: not self.export_folder(headers["content-location"]).exists())
        self.assertEqual(self.ask_text("GET", headers["content-location"], token=token["token"])[0], 401)


if __name__ == "__main__":
    unittest.main()
