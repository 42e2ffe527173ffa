#!/usr/bin/python3
"""Operations on what is kept and measured: statistics, matching of patients, the patient summary."""
import datetime
import json
import random
import statistics
import unittest
import xml.etree.ElementTree

from fhir_client import FhirTest
from ward import Client, wait_until

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
SYSTOLIC, DIASTOLIC, PANEL, HEART_RATE, WEIGHT = "8480-6", "8462-4", "85354-9", "8867-4", "29463-7"


def parameters(**values):
    """Parameters of name=value (a list: each); complex types as {"valueCoding": …}."""
    parameter = []
    for name, given in values.items():
        for value in given if isinstance(given, list) else [given]:
            kind = "valueBoolean" if isinstance(value, bool) else "valueInteger" if isinstance(value, int) else "valueString"
            parameter.append({"name": name, **(value if isinstance(value, dict) else {kind: value})})
    return {"resourceType": "Parameters", "parameter": parameter}


class OperationsTest(FhirTest):
    def setUp(self):
        super().setUp()
        self.number = self.add_patient("MRN-1")
        self.patient = wait_until("the patient has a Patient", lambda: self.search("Patient?identifier=MRN-1").ids())[0]

    def monitor(self):
        client = Client(self.server, "monitor-1", self.add_device("monitor-1", self.number)).connect()
        self.addCleanup(client.close)
        self.start = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(seconds=50)
        return client

    def at(self, seconds):
        return (self.start + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def observation(self, code, value, unit, time, **more):
        return {"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": LOINC, "code": code}]},
                "subject": {"reference": f"Patient/{self.patient}"}, "effectiveDateTime": time,
                "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}, **more}

    def stats(self, codes, wanted, **more):
        """{code: Observation} of a $stats by Parameters."""
        answer = self.ask("POST", "Observation/$stats", parameters(
            subject=f"Patient/{self.patient}", coding=[{"valueCoding": {"system": LOINC, "code": code}} for code in codes],
            statistic=wanted, **more))
        self.assertEqual(answer.status, 200, answer.text[:500])
        self.assertEqual(answer.body["resourceType"], "Parameters")
        self.sources = [one["resource"] for one in answer.body["parameter"] if one["name"] == "source"]
        return {one["resource"]["code"]["coding"][0]["code"]: one["resource"] for one in answer.body["parameter"]
                if one["name"] == "statistics"}

    def value(self, observation, statistic):
        for component in observation["component"]:
            if component["code"]["coding"][0]["code"] == statistic:
                return component.get("valueQuantity", {}).get("value", component.get("dataAbsentReason"))
        self.fail(f"no {statistic}")


class Stats(OperationsTest):
    def test_of_readings_are_those_of_every_value(self):
        monitor = self.monitor()
        seed = 4711
        pick = random.Random(seed)
        values = [pick.randint(55, 140) for _ in range(45)]
        for second, value in enumerate(values):
            monitor.publish("vigil/monitor-1/telemetry", json.dumps({"ts": self.at(second), "heart_rate": value}))
        wanted = ["average", "maximum", "minimum", "count", "total-count", "median", "std-dev", "sum", "variance"]
        found = self.stats([HEART_RATE], wanted, duration={"valueDecimal": 1})[HEART_RATE]
        self.assertEqual(found["status"], "final")
        self.assertEqual(found["subject"]["reference"], f"Patient/{self.patient}")
        self.assertEqual([one["code"]["coding"][0]["code"] for one in found["component"]], wanted)
        expected = {"average": statistics.mean(values), "maximum": max(values), "minimum": min(values), "count": 45,
                    "total-count": 45, "median": statistics.median(values), "std-dev": statistics.stdev(values),
                    "sum": sum(values), "variance": statistics.variance(values)}
        for name, value in expected.items():
            self.assertAlmostEqual(self.value(found, name), value, 6, f"{name}, seed {seed}")
        average = found["component"][0]["valueQuantity"]
        self.assertEqual((average["system"], average["code"]), (UCUM, "/min"))
        self.assertEqual(found["component"][8]["valueQuantity"]["code"], "(1/min).(1/min)")
        period = {"valuePeriod": {"start": self.at(10), "end": self.at(19)}}
        found = self.stats([HEART_RATE], ["count", "sum", "min"], period=period)[HEART_RATE]
        self.assertEqual((self.value(found, "count"), self.value(found, "sum"), self.value(found, "minimum")),
                         (10, sum(values[10:20]), min(values[10:20])))
        self.assertTrue(found["effectivePeriod"]["start"].startswith(self.at(10)[:-1]))
        quartiles = statistics.quantiles(values, n=4, method="inclusive")
        found = self.stats([HEART_RATE], ["4-lower", "4-upper"])[HEART_RATE]
        self.assertEqual([self.value(found, name) for name in ("4-lower", "4-upper")], [quartiles[0], quartiles[2]])
        found = self.stats([HEART_RATE], ["regression"], period=period)[HEART_RATE]
        slope, intercept = statistics.linear_regression([second / 3600 for second in range(10)], values[10:20])
        self.assertEqual([one["code"]["text"] for one in found["component"]], ["gradient", "intercept"])
        for component, expected in zip(found["component"], (slope, intercept)):
            self.assertAlmostEqual(component["valueQuantity"]["value"], expected, 5)

    def test_a_corrected_reading_counts_as_its_record_says(self):
        monitor = self.monitor()
        for second, value in enumerate([70, 80, 250, 90]):
            monitor.publish("vigil/monitor-1/telemetry", json.dumps({"ts": self.at(second), "heart_rate": value}))
        readings = {one["valueQuantity"]["value"]: one for one in self.search(f"Observation?patient={self.patient}&code={HEART_RATE}").resources()}
        wrong = readings[250]
        self.assertIn(self.ask("PUT", f"Observation/{wrong['id']}", {**wrong, "status": "entered-in-error"}).status, (200, 201))
        self.assertEqual(self.value(self.stats([HEART_RATE], ["sum"])[HEART_RATE], "sum"), 240)
        wrong["valueQuantity"]["value"] = 85
        self.assertEqual(self.ask("PUT", f"Observation/{wrong['id']}", {**wrong, "status": "corrected"}).status, 200)
        found = self.stats([HEART_RATE], ["sum", "count"])[HEART_RATE]
        self.assertEqual((self.value(found, "sum"), self.value(found, "count")), (325, 4))
        self.assertEqual(self.ask("DELETE", f"Observation/{wrong['id']}").status, 204)
        self.assertEqual(self.value(self.stats([HEART_RATE], ["sum"])[HEART_RATE], "sum"), 240)

    def test_of_readings_of_one_time_each_counts_and_is_corrected_by_itself(self):
        monitor = self.monitor()
        for value in (100, 110):
            monitor.publish("vigil/monitor-1/telemetry", json.dumps({"ts": self.at(3), "heart_rate": value}))
        readings = {one["id"]: one for one in self.search(f"Observation?patient={self.patient}&code={HEART_RATE}").resources()}
        self.assertEqual(len(readings), 2)
        second = next(one for id, one in readings.items() if id.endswith(".1"))
        left = sum(one["valueQuantity"]["value"] for one in readings.values()) - second["valueQuantity"]["value"]
        self.ask("PUT", f"Observation/{second['id']}", {**second, "status": "entered-in-error"})
        found = self.stats([HEART_RATE], ["sum", "count"])[HEART_RATE]
        self.assertEqual((self.value(found, "sum"), self.value(found, "count")), (left, 1))

    def test_of_a_panel_are_those_of_its_parts_records_and_readings_as_one(self):
        monitor = self.monitor()
        monitor.publish("vigil/monitor-1/telemetry", json.dumps({"ts": self.at(5), "nibp_sys": 120, "nibp_dia": 80, "nibp_mean": 93}))

        def component(code, value):
            return {"code": {"coding": [{"system": LOINC, "code": code}]},
                    "valueQuantity": {"value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}}

        panel = self.observation(PANEL, 0, "1", self.at(9), component=[component(SYSTOLIC, 140), component(DIASTOLIC, 90)])
        del panel["valueQuantity"]
        self.create(panel)
        found = self.stats([PANEL], ["average", "count"], include=True)
        self.assertIn(SYSTOLIC, found)
        self.assertNotIn(PANEL, found)
        self.assertEqual([self.value(found[code], "average") for code in (SYSTOLIC, DIASTOLIC)], [130, 85])
        self.assertEqual(found[SYSTOLIC]["component"][0]["valueQuantity"]["code"], "mm[Hg]")
        self.assertEqual(len(self.sources), 2)
        self.assertEqual(self.value(self.stats([SYSTOLIC], ["maximum"])[SYSTOLIC], "maximum"), 140)

    def test_of_records_are_in_one_unit_and_say_what_is_not(self):
        self.start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        for second, (value, unit) in enumerate(((80, "kg"), (82000, "g"), (5, "mm[Hg]"))):
            self.create(self.observation(WEIGHT, value, unit, self.at(second)))
        self.create(self.observation(WEIGHT, 300, "kg", self.at(7), status="entered-in-error"))
        without = self.observation(WEIGHT, 0, "kg", self.at(8), dataAbsentReason={"text": "refused"})
        del without["valueQuantity"]
        self.create(without)
        found = self.stats([WEIGHT], ["average", "count", "total-count", "skew"], include=True, limit={"valuePositiveInt": 2})[WEIGHT]
        self.assertEqual((self.value(found, "average"), self.value(found, "count"), self.value(found, "total-count")), (81, 2, 4))
        self.assertEqual(found["component"][0]["valueQuantity"]["code"], "kg")
        self.assertIn("does not convert", found["note"][0]["text"])
        self.assertEqual(len(self.sources), 2)
        nothing = self.stats(["2339-0"], ["average", "count"])["2339-0"]
        self.assertEqual(self.value(nothing, "count"), 0)
        self.assertEqual(self.value(nothing, "average")["coding"][0]["code"], "not-a-number")

    def test_members_of_a_panel_count_by_their_codes(self):
        self.start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        member = self.create(self.observation("2160-0", 1.5, "mg/dL", self.at(1)))
        panel = self.observation("24323-8", 0, "1", self.at(1), hasMember=[{"reference": f"Observation/{member}"}])
        del panel["valueQuantity"]
        self.create(panel)
        found = self.stats(["24323-8"], ["maximum"], include=True)
        self.assertEqual(list(found), ["2160-0"])
        self.assertEqual(self.value(found["2160-0"], "maximum"), 1.5)
        self.assertIn(member, [one["id"] for one in self.sources])

    def test_is_asked_by_get_and_says_what_is_missing(self):
        base = f"Observation/$stats?subject=Patient/{self.patient}&code={HEART_RATE}&system={LOINC}"
        answer = self.ask("GET", base + "&statistic=average&statistic=max&duration=1")
        self.assertEqual(answer.status, 200, answer.text[:300])
        self.assert_outcome(self.ask("GET", base), 400, "required")
        self.assert_outcome(self.ask("GET", base + "&statistic=mode"), 400, "value")
        self.assert_outcome(self.ask("GET", base + "&statistic=count&duration=-1"), 400, "value")
        self.assert_outcome(self.ask("GET", base + "&statistic=count&period=2026"), 400, "value")
        self.assert_outcome(self.ask("GET", f"Observation/$stats?code={HEART_RATE}&system={LOINC}&statistic=count"), 400, "required")
        self.assert_outcome(self.ask("GET", f"Observation/$stats?subject=Patient/nobody&code=1&system={LOINC}&statistic=count"), 404, "not-found")
        self.assert_outcome(self.ask("GET", f"Observation/$stats?subject=Patient/{self.patient}&code=1&statistic=count"), 400, "required")


class Offered(FhirTest):
    def test_the_operations_are_in_the_capability_statement(self):
        resources = {one["type"]: one for one in self.ask("GET", "metadata").body["rest"][0]["resource"]}
        offered = {(type, operation["name"]): operation["definition"] for type in ("Patient", "Observation")
                   for operation in resources[type]["operation"]}
        base = "http://hl7.org/fhir/OperationDefinition/"
        self.assertEqual(offered["Observation", "stats"], base + "Observation-stats")
        self.assertEqual(offered["Patient", "match"], base + "Patient-match")
        self.assertEqual(offered["Patient", "summary"], "http://hl7.org/fhir/uv/ips/OperationDefinition/summary")


class Match(OperationsTest):
    def setUp(self):
        super().setUp()
        self.anna = self.create({"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": "4711"}],
                                 "name": [{"family": "Müller", "given": ["Anna", "Maria"]}], "gender": "female", "birthDate": "1957-02-03",
                                 "telecom": [{"system": "phone", "value": "+49 30 1234567"}]})
        self.berta = self.create({"resourceType": "Patient", "name": [{"family": "Müller", "given": ["Berta"]}], "gender": "female",
                                  "birthDate": "1957-02-03"})

    def match(self, patient, **more):
        """[(id, grade, score)] in the order of the answer."""
        answer = self.ask("POST", "Patient/$match", {
            "resourceType": "Parameters", "parameter": [{"name": "resource", "resource": {"resourceType": "Patient", **patient}},
                                                        *parameters(**more)["parameter"]]})
        self.assertEqual(answer.status, 200, answer.text[:500])
        self.assertEqual(answer.body["type"], "searchset")
        found = []
        for entry in answer.body.get("entry", []):
            search = entry["search"]
            self.assertEqual(search["mode"], "match")
            self.assertEqual(search["extension"][0]["url"], "http://hl7.org/fhir/StructureDefinition/match-grade")
            found.append((entry["resource"]["id"], search["extension"][0]["valueCode"], search["score"]))
        return found

    def test_finds_and_grades_however_the_name_is_written(self):
        asked = {"name": [{"family": "MULLER", "given": ["anna"]}], "birthDate": "1957-02-03"}
        found = self.match(asked)
        self.assertEqual([one[:2] for one in found], [(self.anna, "probable"), (self.berta, "possible")])
        self.assertEqual(self.match({"name": [{"family": "Anna", "given": ["Müller"]}], "birthDate": "1957-03-02"})[0][:2],
                         (self.anna, "possible"))
        self.assertEqual(self.match({"name": [{"family": "Mueller", "given": ["Anna"]}], "birthDate": "1957-02-03"})[0][:2],
                         (self.anna, "probable"))
        self.assertEqual(self.match({"name": [{"text": "Test MRN-1"}]})[0][0], self.patient)
        self.assertEqual(self.match({"name": [{"family": "Nobody", "given": ["At all"]}]}), [])

    def test_certain_matches_only_where_there_is_one(self):
        identified = {"identifier": [{"system": "urn:mrn", "value": "4711"}]}
        self.assertEqual(self.match(identified, onlyCertainMatches=True), [(self.anna, "certain", 1)])
        self.assertEqual(self.match({"name": [{"family": "Müller", "given": ["Anna"]}]}, onlyCertainMatches=True), [])
        double = self.create({"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": "4711"}]})
        self.assertEqual(self.match(identified, onlyCertainMatches=True), [])
        self.assertEqual({one[0] for one in self.match(identified)}, {self.anna, double})
        self.assertEqual(len(self.match(identified, count=1)), 1)

    def test_takes_the_patient_itself_and_says_what_it_lacks(self):
        answer = self.ask("POST", "Patient/$match", {"resourceType": "Patient", "telecom": [{"value": "+49 30 1234567"}],
                                                     "birthDate": "1957-02-03", "gender": "female"})
        self.assertEqual([entry["resource"]["id"] for entry in answer.body["entry"]], [self.anna])
        self.assert_outcome(self.ask("POST", "Patient/$match", {"resourceType": "Patient", "gender": "female"}), 400, "required")
        self.assert_outcome(self.ask("POST", "Patient/$match", parameters(count=1)), 400, "required")
        self.assert_outcome(self.ask("GET", "Patient/$match"), 405, "not-supported")


class Summary(OperationsTest):
    ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
    PROFILE = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"

    def summary(self, path=None):
        """The document as {fullUrl: resource}, and its sections as {LOINC code: section}."""
        answer = self.ask("GET", path or f"Patient/{self.patient}/$summary")
        self.assertEqual(answer.status, 200, answer.text[:500])
        bundle = answer.body
        self.assertEqual((bundle["resourceType"], bundle["type"]), ("Bundle", "document"))
        self.assertIn(self.PROFILE, bundle["meta"]["profile"])
        self.assertTrue(bundle["identifier"]["value"].startswith("urn:uuid:"))
        self.assertIn("timestamp", bundle)
        resources = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
        self.assertEqual(len(resources), len(bundle["entry"]), "each once")
        composition = bundle["entry"][0]["resource"]
        self.assertEqual(composition["resourceType"], "Composition")
        self.assertEqual(composition["type"]["coding"][0]["code"], "60591-5")
        self.assertEqual(resources[composition["subject"]["reference"]]["resourceType"], "Patient")
        self.assertEqual(resources[composition["author"][0]["reference"]]["resourceType"], "Device")
        sections = {}
        for section in composition["section"]:
            self.assertEqual(section["text"]["status"], "generated")
            xml.etree.ElementTree.fromstring(section["text"]["div"])
            for entry in section["entry"]:
                self.assertIn(entry["reference"], resources)
            sections[section["code"]["coding"][0]["code"]] = section
        outcome = self.ask("POST", "Bundle/$validate", bundle).body
        self.assertEqual([issue for issue in outcome["issue"] if issue["severity"] in ("error", "fatal")], [])
        return resources, sections

    def entries(self, resources, section):
        return [resources[entry["reference"]] for entry in section["entry"]]

    def test_of_an_empty_record_says_that_nothing_is_known(self):
        resources, sections = self.summary()
        self.assertEqual(set(sections), {"11450-4", "48765-2", "10160-0"}, "the required ones alone")
        said = {one["resourceType"]: (one.get("code") or one.get("medicationCodeableConcept"))["coding"][0] for section in sections.values()
                for one in self.entries(resources, section)}
        self.assertEqual({kind: coding["code"] for kind, coding in said.items()},
                         {"Condition": "no-problem-info", "AllergyIntolerance": "no-allergy-info", "MedicationStatement": "no-medication-info"})
        self.assertEqual({coding["system"] for coding in said.values()}, {self.ABSENT})
        self.assertIn("no information available", sections["48765-2"]["text"]["div"])

    def test_has_the_record_by_sections_with_what_it_refers_to(self):
        subject, clinical = {"reference": f"Patient/{self.patient}"}, "http://terminology.hl7.org/CodeSystem/condition-clinical"

        def coded(system, code):
            return {"coding": [{"system": system, "code": code}]}

        medication = self.create({"resourceType": "Medication", "code": {"text": "Ramipril 5 mg"}})
        maker = self.create({"resourceType": "Organization", "name": "Ward 4"})
        doctor = self.create({"resourceType": "Practitioner", "name": [{"family": "House"}]})
        active = self.create({"resourceType": "Condition", "clinicalStatus": coded(clinical, "active"), "subject": subject,
                              "code": {"text": "COPD <script>alert('x')</script> & more"}, "asserter": {"reference": f"Practitioner/{doctor}"}})
        past = self.create({"resourceType": "Condition", "clinicalStatus": coded(clinical, "resolved"), "subject": subject, "code": {"text": "Measles"}})
        self.create({"resourceType": "Condition", "subject": subject, "code": {"text": "never was"},
                     "verificationStatus": coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error")})
        allergy = self.create({"resourceType": "AllergyIntolerance", "patient": subject, "code": {"text": "Penicillin"},
                               "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
                               "reaction": [{"manifestation": [{"text": "Rash"}]}]})
        prescribed = self.create({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": subject,
                                  "medicationReference": {"reference": f"Medication/{medication}"}, "dosageInstruction": [{"text": "one a day"}]})
        shot = self.create({"resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "Influenza"}, "patient": subject,
                            "occurrenceDateTime": "2025-10-01", "performer": [{"actor": {"reference": f"Organization/{maker}"}}]})
        done = self.create({"resourceType": "Procedure", "status": "completed", "subject": subject, "code": {"text": "Appendectomy"},
                            "performedDateTime": "2001-05"})
        lab = self.observation("2160-0", 1.1, "mg/dL", "2026-01-02T08:00:00Z")
        lab["category"] = [coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory")]
        lab = self.create(lab)
        smokes = self.observation("72166-2", 0, "1", "2026-01-02T08:00:00Z")
        smokes["valueCodeableConcept"] = {"text": "Never smoked"}
        del smokes["valueQuantity"]
        smokes = self.create(smokes)
        plan = self.create({"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": subject, "title": "Walk each day"})
        monitor = self.monitor()
        for second, value in enumerate((71, 72)):
            monitor.publish("vigil/monitor-1/telemetry", json.dumps({"ts": self.at(second), "heart_rate": value}))
        resources, sections = self.summary()
        ids = {code: [one["id"] for one in self.entries(resources, section)] for code, section in sections.items()}
        for code, expected in {"11450-4": [active], "11348-0": [past], "48765-2": [allergy], "10160-0": [prescribed], "11369-6": [shot],
                               "47519-4": [done], "30954-2": [lab], "29762-2": [smokes], "18776-5": [plan]}.items():
            self.assertEqual(ids.get(code), expected, code)
        vital = self.entries(resources, sections["8716-3"])
        self.assertEqual([one["valueQuantity"]["value"] for one in vital], [72], "the newest reading of each kind")
        use = self.entries(resources, sections["46264-8"])
        self.assertEqual(len(use), 1, "what is worn, once")
        self.assertEqual(resources[use[0]["device"]["reference"]]["identifier"][0]["value"], "monitor-1")
        text = sections["11450-4"]["text"]["div"]
        self.assertNotIn("<script", text)
        self.assertIn("&lt;script&gt;alert('x')&lt;/script&gt; &amp; more", text)
        self.assertIn("Ramipril 5 mg", sections["10160-0"]["text"]["div"])
        self.assertIn("one a day", sections["10160-0"]["text"]["div"])
        self.assertIn("Rash", sections["48765-2"]["text"]["div"])
        kinds = {(one["resourceType"], one["id"]) for one in resources.values()}
        self.assertLessEqual({("Medication", medication), ("Organization", maker), ("Practitioner", doctor)}, kinds)

    def test_is_found_by_identifier_and_says_what_it_does_not_do(self):
        by_id, _ = self.summary("Patient/$summary?identifier=MRN-1")
        self.assertIn(self.patient, [one["id"] for one in by_id.values()])
        self.summary(f"Patient/{self.patient}/$summary?profile={self.PROFILE}")
        self.assert_outcome(self.ask("GET", "Patient/$summary?identifier=nobody"), 404, "not-found")
        self.assert_outcome(self.ask("GET", "Patient/$summary"), 400, "required")
        self.assert_outcome(self.ask("GET", "Patient/nobody/$summary"), 404, "not-found")
        self.assert_outcome(self.ask("GET", f"Patient/{self.patient}/$summary?profile=http://other"), 400, "not-supported")
        self.assert_outcome(self.ask("GET", f"Patient/{self.patient}/$summary?graph=http://other"), 400, "not-supported")
        double = {"resourceType": "Patient", "identifier": [{"value": "MRN-1"}]}
        self.create(double)
        self.assert_outcome(self.ask("GET", "Patient/$summary?identifier=MRN-1"), 412, "multiple-matches")


if __name__ == "__main__":
    unittest.main()
