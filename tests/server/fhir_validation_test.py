#!/usr/bin/python3
"""What a client is told about a resource that is not valid (R4 5.2), and what a site can ask for."""
import json
import unittest

from fhir_client import FhirTest

OBSERVATION = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
PROFILE = {"resourceType": "StructureDefinition", "url": "http://site.example/noted", "name": "Noted", "type": "Observation",
           "kind": "resource", "derivation": "constraint", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation",
           "differential": {"element": [{"id": "Observation.note", "path": "Observation.note", "min": 1}]}}


class Validation(FhirTest):
    def issues(self, answer, status):
        self.assertEqual(answer.status, status, answer.text[:500])
        return [(issue["code"], *issue.get("expression", [])) for issue in answer.body["issue"] if issue["severity"] == "error"]

    def test_a_resource_that_is_not_valid_is_refused_with_every_place_that_is_wrong(self):
        wrong = {**OBSERVATION, "status": "finished", "valueQuantity": {"value": "5", "unt": "x"}}
        refused = self.ask("POST", "Observation", wrong)
        self.assertEqual(self.issues(refused, 422), [("code-invalid", "Observation.status"), ("structure", "Observation.value"),
                                                     ("value", "Observation.value.value")])
        self.assertEqual(self.search("Observation").ids(), [])

    def test_validate_says_the_same_without_keeping_anything(self):
        wrong = {**OBSERVATION, "valueInteger": 1, "dataAbsentReason": {"text": "x"}}
        self.assertEqual(self.issues(self.ask("POST", "Observation/$validate", wrong), 200), [("invariant", "Observation")])
        heart_rate = "Observation/$validate?profile=http://hl7.org/fhir/StructureDefinition/heartrate"
        self.assertIn(("required", "Observation.subject"), self.issues(self.ask("POST", heart_rate, OBSERVATION), 200))
        self.assertEqual(self.search("Observation").ids(), [])


class Warned(FhirTest):
    config = '[fhir]\nvalidation = "warn"\n'

    def test_what_is_not_valid_is_kept_and_told_of(self):
        wrong = {"resourceType": "Patient", "gender": "f"}
        told = self.ask("POST", "Patient", wrong, prefer="return=OperationOutcome")
        self.assertEqual(told.status, 201)
        issue = told.body["issue"][0]
        self.assertEqual((issue["severity"], issue["expression"]), ("warning", ["Patient.gender"]))
        self.assertEqual(self.ask("POST", "Patient", wrong).body["gender"], "f")
        answer = self.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [
            {"resource": one, "request": {"method": "POST", "url": "Patient"}} for one in (wrong, {"resourceType": "Patient"})]}).body
        self.assertEqual(answer["entry"][0]["response"]["outcome"]["issue"][0]["expression"], ["Patient.gender"])
        self.assertNotIn("outcome", answer["entry"][1]["response"])


class Packages(FhirTest):
    def setUp(self):
        super().setUp()
        package = self.place / "packages" / "site" / "package"
        package.mkdir(parents=True)
        (package / "StructureDefinition-noted.json").write_text(json.dumps(PROFILE))
        config = self.place / "vigil.toml"
        config.write_text(f'[fhir]\npackages = "{self.place / "packages"}"\n')
        self.server.stop()
        self.server.options = ("--config", str(config))
        self.server.start()

    def test_who_claims_a_profile_of_a_package_must_conform_to_it(self):
        claims = {**OBSERVATION, "meta": {"profile": ["http://site.example/noted"]}}
        refused = self.ask("POST", "Observation", claims)
        self.assertEqual(refused.status, 422)
        self.assertEqual(refused.body["issue"][0]["expression"], ["Observation.note"])
        self.create({**claims, "note": [{"text": "x"}]})
        self.create(OBSERVATION)


if __name__ == "__main__":
    unittest.main()
