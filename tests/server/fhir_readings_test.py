#!/usr/bin/python3
"""What devices measure, as FHIR: Observations that are views of the series (docs/architecture.md, Records)."""
import datetime
import json
import unittest

from fhir_client import FhirTest
from ward import Client, wait_until

LOINC, MDC = "http://loinc.org", "urn:iso:std:iso:11073:10101"


class Readings(FhirTest):
    def setUp(self):
        super().setUp()
        self.number = self.add_patient("MRN-1")
        self.patient = wait_until("the patient has a Patient", lambda: self.search("Patient?identifier=MRN-1").ids())[0]
        self.monitor = Client(self.server, "monitor-1", self.add_device("monitor-1", self.number)).connect()
        self.addCleanup(self.monitor.close)
        self.start = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(seconds=40)
        for second in range(10):
            self.say({"ts": self.at(second), "heart_rate": 70 + second, "spo2": "97.0"})
        self.say({"ts": self.at(30), "nibp_sys": 120, "nibp_dia": 80, "nibp_mean": 93})

    def at(self, seconds):
        time = self.start + datetime.timedelta(seconds=seconds)
        return time.strftime("%Y-%m-%dT%H:%M:%S") + (".5Z" if seconds % 1 else "Z")

    def say(self, what):
        text = json.dumps(what).replace('"97.0"', "97.0")
        self.monitor.publish("vigil/monitor-1/telemetry", text)

    def test_a_reading_is_an_observation_with_a_lasting_id(self):
        found = self.search(f"Observation?patient={self.patient}&code={LOINC}|8867-4&_sort=-date&_count=3")
        self.assertEqual([one["valueQuantity"]["value"] for one in found.resources()], [79, 78, 77])
        newest = found.resources()[0]
        self.assertEqual(newest["subject"]["reference"], f"Patient/{self.patient}")
        self.assertEqual(newest["effectiveDateTime"], self.at(9))
        self.assertEqual(newest["category"][0]["coding"][0]["code"], "vital-signs")
        self.assertIn(MDC, [coding["system"] for coding in newest["code"]["coding"]])
        read = self.ask("GET", f"Observation/{newest['id']}")
        self.assertEqual((read.status, read.body), (200, newest))
        self.assertEqual(self.ask("GET", f"Observation/{newest['id']}/_history").body["entry"][0]["resource"], newest)
        self.server.stop()
        self.server.start()
        self.assertEqual(self.ask("GET", f"Observation/{newest['id']}").body, newest)

    def test_digits_stay_and_pressures_are_one_observation(self):
        spo2 = self.ask("GET", f"Observation?patient={self.patient}&code=59408-5,2708-6&_count=1")
        self.assertIn('"value":97.0', spo2.text)
        panel = self.search(f"Observation?patient={self.patient}&code={LOINC}|85354-9").resources()
        self.assertEqual(len(panel), 1)
        values = {c["code"]["coding"][0]["code"]: c["valueQuantity"]["value"] for c in panel[0]["component"]}
        self.assertEqual(sorted(values.values()), [80, 93, 120])
        self.assertEqual(self.search(f"Observation?patient={self.patient}&combo-code={LOINC}|8480-6").ids(), [panel[0]["id"]])

    def test_readings_are_found_by_date_value_device_and_chain(self):
        def count(query):
            return len(self.search(f"Observation?{query}&_count=100").ids())

        self.assertEqual(count(f"patient={self.patient}"), 21)
        self.assertEqual(count(f"patient={self.patient}&date=ge{self.at(5)}&date=lt{self.at(8)}"), 6)
        self.assertEqual(count(f"patient={self.patient}&code=8867-4&value-quantity=gt76"), 3)
        self.assertEqual(count(f"patient={self.patient}&category=vital-signs&value-quantity=lt5"), 0)
        self.assertEqual(count("patient.identifier=MRN-1&code=8867-4"), 10)
        self.assertEqual(count("subject:Patient.identifier=nobody"), 0)
        self.assertEqual(count("code=8867-4"), 10)
        device = self.search("Device?identifier=monitor-1").resources()[0]
        self.assertEqual(device["patient"]["reference"], f"Patient/{self.patient}")
        self.assertEqual(count(f"device=Device/{device['id']}&code=8867-4"), 10)
        self.assertEqual(count(f"device.identifier=monitor-1&code=8867-4"), 10)
        self.assertEqual(count(f"patient={self.patient}&performer=Practitioner/1"), 0)

    def test_a_count_is_of_what_the_pages_show(self):
        def same(query):
            pages, answer = [], self.search(f"Observation?{query}&_count=7")
            while True:
                pages += answer.ids()
                if answer.link("next") is None:
                    break
                answer = self.search(answer.link("next"))
            self.assertEqual(self.search(f"Observation?{query}&_summary=count").body["total"], len(pages), query)
            self.assertEqual(self.search(f"Observation?{query}&_total=accurate&_count=2").body["total"], len(pages), query)
            return len(pages)

        def every_query():
            for scope in (f"patient={self.patient}", "code=8867-4", f"patient={self.patient}&code={LOINC}|85354-9", "category=vital-signs"):
                same(scope)
                for comparison in ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"):
                    for seconds in (0, 4, 4.5, 30, 200, -100):
                        same(f"{scope}&date={comparison}{self.at(seconds)}")
                same(f"{scope}&date=ge{self.at(2)}&date=lt{self.at(7)}")
                same(f"{scope}&date={self.at(0)[:10]}")
            same(f"patient={self.patient}&value-quantity=gt75")
            same(f"patient={self.patient}&status=final")

        self.assertEqual(same(f"patient={self.patient}"), 21)
        every_query()
        first, second, third = self.search(f"Observation?patient={self.patient}&code=8867-4&_sort=date&_count=3").resources()
        self.ask("PUT", f"Observation/{first['id']}", {**first, "status": "amended"})
        self.ask("DELETE", f"Observation/{second['id']}")
        self.ask("PUT", f"Observation/{third['id']}", {**third, "effectiveDateTime": self.at(300)})
        self.ask("PUT", "Observation/r.999.1.0.abc", {**third, "id": "r.999.1.0.abc", "effectiveDateTime": self.at(5.5)})
        self.assertEqual(same(f"patient={self.patient}"), 21)
        every_query()

    def test_pages_of_readings_and_records_are_one_order(self):
        posted = self.create({"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": LOINC, "code": "8867-4"}]},
                              "subject": {"reference": f"Patient/{self.patient}"}, "effectiveDateTime": self.at(4.5)})
        for sort in ("date", "-date"):
            paged, answer = [], self.search(f"Observation?patient={self.patient}&code=8867-4&_sort={sort}&_count=3")
            while True:
                paged += answer.resources()
                if answer.link("next") is None:
                    break
                answer = self.search(answer.link("next"))
            times = [one["effectiveDateTime"] for one in paged]
            self.assertEqual(len(set(one["id"] for one in paged)), 11)
            self.assertEqual(times, sorted(times, key=lambda text: text.replace("Z", ".0Z") if "." not in text else text, reverse=sort == "-date"))
            self.assertIn(posted, [one["id"] for one in paged])

    def test_includes_lastn_and_everything_reach_them(self):
        answer = self.search(f"Observation?patient={self.patient}&code=8867-4&_count=1&_include=Observation:device&_include=Observation:subject")
        self.assertEqual({one["resourceType"] for one in answer.resources("include")}, {"Device", "Patient"})
        last = self.search(f"Observation/$lastn?patient={self.patient}&category=vital-signs&max=2").resources()
        self.assertEqual([one["valueQuantity"]["value"] for one in last if "8867-4" in json.dumps(one["code"])], [79, 78])
        everything = self.search(f"Patient/{self.patient}/$everything?_count=100")
        self.assertEqual(len([one for one in everything.resources() if one["resourceType"] == "Observation"]), 21)

    def test_a_patient_is_called_the_same_on_the_ward_and_in_the_record(self):
        def on_the_ward():
            return next(one for one in self.get("/api/patients")["patients"] if one["id"] == self.number)["display_name"]

        resource = self.ask("GET", f"Patient/{self.patient}").body
        resource["name"] = [{"family": "Example", "given": ["Ada", "B."]}]
        self.assertEqual(self.ask("PUT", f"Patient/{self.patient}", resource).status, 200)
        wait_until("the ward knows the name", lambda: on_the_ward() == "Ada B. Example")
        self.assertEqual(self.ask("GET", f"Patient/{self.patient}").body["name"], resource["name"])
        added = self.create({"resourceType": "Patient", "name": [{"text": "New Here"}], "identifier": [{"value": "MRN-2"}]})
        self.assertIn("New Here", [one["display_name"] for one in self.get("/api/patients")["patients"]])
        self.assertEqual(self.search("Patient?identifier=MRN-2").ids(), [added])

    def test_a_correction_stands_in_the_readings_place(self):
        reading = self.search(f"Observation?patient={self.patient}&code=8867-4&_count=1").resources()[0]
        nurse = self.create({"resourceType": "Practitioner", "name": [{"text": "N. Nightingale"}]})
        corrected = {**reading, "status": "entered-in-error", "performer": [{"reference": f"Practitioner/{nurse}"}]}
        self.assertIn(self.ask("PUT", f"Observation/{reading['id']}", corrected).status, (200, 201))
        self.assertEqual(self.ask("GET", f"Observation/{reading['id']}").body["status"], "entered-in-error")
        found = self.search(f"Observation?patient={self.patient}&code=8867-4&_count=100").resources()
        self.assertEqual(len(found), 10)
        self.assertEqual([one["status"] for one in found if one["id"] == reading["id"]], ["entered-in-error"])
        with_nurse = self.search(f"Observation?_id={reading['id']}&_include=Observation:performer&_include=Observation:device")
        self.assertEqual(sorted(one["resourceType"] for one in with_nurse.resources("include")), ["Device", "Practitioner"])
        self.assertEqual(self.ask("DELETE", f"Observation/{reading['id']}").status, 204)
        self.assertEqual(len(self.search(f"Observation?patient={self.patient}&code=8867-4&_count=100").ids()), 9)

    def test_a_reading_is_the_first_version_of_what_is_written_over_it(self):
        first, second, third = self.search(f"Observation?patient={self.patient}&code=8867-4&_count=3&_sort=date").resources()
        path = f"Observation/{first['id']}"
        self.assertEqual(self.ask("PUT", path, {**first, "status": "amended"}, if_match='W/"2"').status, 412)
        amended = self.ask("PUT", path, {**first, "status": "amended"}, if_match='W/"1"')
        self.assertEqual((amended.status, amended.version), (200, "2"))
        self.assertEqual(self.ask("GET", f"{path}/_history/1").body["status"], "final")
        self.assertEqual(len(self.ask("GET", f"{path}/_history").body["entry"]), 2)
        patched = self.ask("PATCH", f"Observation/{second['id']}", [{"op": "replace", "path": "/status", "value": "amended"}],
                           content_type="application/json-patch+json")
        self.assertEqual((patched.status, patched.body["status"], patched.version), (200, "amended", "2"))
        self.assertEqual(self.ask("DELETE", f"Observation/{third['id']}").status, 204)
        self.assertEqual(self.ask("GET", f"Observation/{third['id']}").status, 410)
        self.assertEqual(len(self.search(f"Observation?patient={self.patient}&code=8867-4&_count=100").ids()), 9)


if __name__ == "__main__":
    unittest.main()
