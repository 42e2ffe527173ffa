#!/usr/bin/python3
"""SearchParameters that are written to the server: in force at once for what is written, searched by once all is indexed."""
import time
import unittest

from fhir_client import FhirTest
from ward import PATIENCE_S, Client, wait_until

EXTENSION = "http://example.org/eye-colour"


def parameter(code, base, type, expression, **more):
    return {"resourceType": "SearchParameter", "url": f"http://example.org/SearchParameter/{code}", "name": code.replace("-", ""),
            "status": "active", "description": "of this site", "code": code, "base": base if isinstance(base, list) else [base], "type": type,
            "expression": expression, **more}


def eye_colour(**more):
    return parameter("eye-colour", "Patient", "token", f"Patient.extension.where(url = '{EXTENSION}').value", **more)


def patient(colour, **more):
    return {"resourceType": "Patient", "extension": [{"url": EXTENSION, "valueString": colour}], **more}


class ParameterTest(FhirTest):
    def when_ready(self, query, **headers):
        """The answer once the resources are indexed; until then 503 says so."""
        def found():
            answer = self.ask("GET", query, prefer="handling=strict", **headers)
            if answer.status == 503:
                self.assert_outcome(answer, 503, "transient")
                return None
            self.assertEqual(answer.status, 200, f"{query}: {answer.text[:500]}")
            return answer
        return wait_until(f"{query} is indexed", found)

    def refused(self, resource, code, place):
        answer = self.ask("POST", "SearchParameter", resource)
        self.assert_outcome(answer, 422, code)
        self.assertIn(place, [one for issue in answer.body["issue"] for one in issue.get("expression", [])])

    def offered(self, type):
        resources = self.ask("GET", "metadata").body["rest"][0]["resource"]
        return {one["name"]: one for one in next(r for r in resources if r["type"] == type)["searchParam"]}


class SearchParameters(ParameterTest):
    def test_finds_what_was_there_and_what_comes(self):
        before = self.create(patient("brown"))
        self.create(patient("green"))
        unknown = self.ask("GET", "Patient?eye-colour=brown", prefer="handling=strict")
        self.assert_outcome(unknown, 400, "not-supported")
        self.create(eye_colour())
        after = self.create(patient("brown"))
        self.assertEqual(set(self.when_ready("Patient?eye-colour=brown").ids()), {before, after})
        self.assertEqual(self.search("Patient?eye-colour:not=brown,green").ids(), [])
        self.assertEqual(self.offered("Patient")["eye-colour"]["definition"], "http://example.org/SearchParameter/eye-colour")
        changed = self.ask("PUT", f"Patient/{before}", patient("blue", id=before))
        self.assertEqual(changed.status, 200)
        self.assertEqual(self.search("Patient?eye-colour=brown").ids(), [after])
        self.assertEqual(self.search("Patient?eye-colour=blue&_sort=eye-colour").ids(), [before])
        self.assertEqual(self.search("Observation?subject:Patient.eye-colour=blue").ids(), [])
        self.server.stop()
        self.server.start()
        self.assertEqual(self.search("Patient?eye-colour=brown").ids(), [after])

    def test_is_of_any_type_of_parameter(self):
        born = self.create({"resourceType": "Patient", "birthDate": "1957-02-03", "multipleBirthInteger": 3, "maritalStatus": {"text": "Widowed"},
                            "photo": [{"url": "http://example.org/anna.png"}], "contact": [{"organization": {"reference": "Organization/o"}}]})
        self.ask("PUT", "Organization/o", {"resourceType": "Organization", "id": "o", "name": "Kin"})
        for one in (parameter("born", "Patient", "date", "Patient.birthDate"),
                    parameter("birth-order", "Patient", "number", "Patient.multipleBirth.ofType(integer)"),
                    parameter("marital", "Patient", "string", "Patient.maritalStatus.text"),
                    parameter("photo", "Patient", "uri", "Patient.photo.url"),
                    parameter("kin", "Patient", "reference", "Patient.contact.organization", target=["Organization"]),
                    parameter("born-as", "Patient", "composite", "Patient", component=[
                        {"definition": "http://example.org/SearchParameter/born", "expression": "birthDate"},
                        {"definition": "http://example.org/SearchParameter/birth-order", "expression": "multipleBirth.ofType(integer)"}])):
            self.create(one)
        for query in ("born=lt1960", "birth-order=3", "marital=wid", "photo=http://example.org/anna.png", "kin=Organization/o",
                      "kin.name=kin", "born-as=1957-02-03$3", "kin:missing=false"):
            self.assertEqual(self.when_ready(f"Patient?{query}").ids(), [born], query)
        for query in ("born=gt1960", "birth-order=2", "born-as=1957-02-03$2", "kin=Organization/p"):
            self.assertEqual(self.when_ready(f"Patient?{query}").ids(), [], query)
        answer = self.search("Patient?_include=Patient:kin")
        self.assertEqual(answer.ids("include"), ["o"])
        self.assertEqual(self.search("Organization?_revinclude=Patient:kin").ids("include"), [born])
        self.assertEqual(self.search("Organization?_has:Patient:kin:born=1957-02-03").ids(), ["o"])

    def test_of_all_types_and_of_readings(self):
        monitor = Client(self.server, "monitor-1", self.add_device("monitor-1", self.add_patient("MRN-1"))).connect()
        self.addCleanup(monitor.close)
        monitor.publish("vigil/monitor-1/telemetry", '{"heart_rate": 72, "spo2": 97}')
        self.create(parameter("unit", "Observation", "string", "Observation.value.ofType(Quantity).code"))
        self.assertEqual([one["valueQuantity"]["value"] for one in self.when_ready("Observation?unit=%2Fmin").resources()], [72])
        self.create(parameter("shown-as", ["Device"], "string", "Device.deviceName.name | Device.identifier.value"))
        self.create(parameter("in-language", "Resource", "token", "Resource.language"))
        german = self.create({"resourceType": "Patient", "language": "de"})
        self.assertEqual(self.when_ready("Patient?in-language=de").ids(), [german])
        self.assertEqual(self.when_ready("Condition?in-language=de").ids(), [])
        self.assertEqual(len(self.when_ready("Device?shown-as=monitor-1").ids()), 1)

    def test_goes_with_its_definition(self):
        self.create(patient("brown"))
        blue = self.create({**patient("brown"), "gender": "female"})
        id = self.create(eye_colour())
        self.when_ready("Patient?eye-colour=brown")
        other = {**eye_colour(id=id), "expression": "Patient.gender"}
        self.assertEqual(self.ask("PUT", f"SearchParameter/{id}", other).status, 200)
        self.assertEqual(self.when_ready("Patient?eye-colour=female").ids(), [blue])
        self.assertEqual(self.when_ready("Patient?eye-colour=brown").ids(), [])
        self.assertEqual(self.ask("PUT", f"SearchParameter/{id}", {**other, "status": "retired"}).status, 200)
        self.assert_outcome(self.ask("GET", "Patient?eye-colour=female", prefer="handling=strict"), 400, "not-supported")
        self.assertNotIn("eye-colour", self.offered("Patient"))
        self.assertEqual(self.ask("PUT", f"SearchParameter/{id}", {**other, "status": "draft"}).status, 200)
        self.assertEqual(self.when_ready("Patient?eye-colour=female").ids(), [blue])
        self.assertEqual(self.ask("DELETE", f"SearchParameter/{id}").status, 204)
        self.assert_outcome(self.ask("GET", "Patient?eye-colour=female", prefer="handling=strict"), 400, "not-supported")
        answer = self.search("Patient?eye-colour=female")
        self.assertEqual(answer.resources("outcome")[0]["issue"][0]["severity"], "warning")

    def test_is_refused_with_what_is_wrong(self):
        self.refused(parameter("x", "Patient", "token", "Patient.name.(("), "value", "SearchParameter.expression")
        self.refused(parameter("x", "Patient", "token", "Patient.name.noSuchFunction()"), "value", "SearchParameter.expression")
        self.refused(parameter("x", "Patient", "token", "Observation.code"), "value", "SearchParameter.expression")
        self.refused(parameter("x", "Patient", "special", "Patient.name"), "not-supported", "SearchParameter.type")
        self.refused(parameter("x.y", "Patient", "token", "Patient.gender"), "value", "SearchParameter.code")
        self.refused(parameter("name", "Patient", "token", "Patient.gender"), "duplicate", "SearchParameter.code")
        self.refused(parameter("code", "Resource", "token", "Resource.id"), "duplicate", "SearchParameter.code")
        self.refused(parameter("x", "Patient", "composite", "Patient", component=[
            {"definition": "http://nowhere", "expression": "name"}, {"definition": "http://hl7.org/fhir/SearchParameter/Patient-name",
                                                                    "expression": "name"}]), "not-found", "SearchParameter.component.definition")
        self.create(eye_colour())
        self.refused(eye_colour(url="http://example.org/another"), "duplicate", "SearchParameter.code")
        two = [{"resource": parameter("y", "Patient", "token", "Patient.gender", url=f"http://example.org/y{i}"),
                "request": {"method": "POST", "url": "SearchParameter"}} for i in range(2)]
        answer = self.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": two})
        self.assert_outcome(answer, 422, "duplicate")
        self.create(parameter("x", "Patient", "token", "Patient.name.((", status="retired"))
        self.create(parameter("name", "Patient", "string", "Patient.name", url="http://hl7.org/fhir/SearchParameter/Patient-name"))

    def test_says_how_often_it_may_be_given(self):
        self.create(patient("brown"))
        self.create(eye_colour(multipleOr=False, multipleAnd=False))
        self.assertEqual(len(self.when_ready("Patient?eye-colour=brown").ids()), 1)
        self.assert_outcome(self.ask("GET", "Patient?eye-colour=brown,blue", prefer="handling=strict"), 400, "not-supported")
        self.assert_outcome(self.ask("GET", "Patient?eye-colour=brown&eye-colour=blue", prefer="handling=strict"), 400, "not-supported")

    def test_an_expression_that_fails_on_a_resource_does_not_refuse_it(self):
        self.create(parameter("only-name", "Patient", "string", "Patient.name.single().family"))
        one = self.create({"resourceType": "Patient", "name": [{"family": "Single"}]})
        self.create({"resourceType": "Patient", "name": [{"family": "Two"}, {"family": "Names"}]})
        self.assertEqual(self.when_ready("Patient?only-name=single").ids(), [one])
        self.assertEqual(self.when_ready("Patient?only-name=two").ids(), [])


class Reindex(ParameterTest):
    COUNT = 3000

    def fill(self):
        for start in range(0, self.COUNT, 500):
            entry = [{"resource": patient("brown"), "request": {"method": "POST", "url": "Patient"}} for _ in range(500)]
            self.assertEqual(self.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entry}).status, 200)

    def test_finds_all_or_says_that_it_cannot_yet_also_after_a_crash(self):
        self.fill()
        self.create(eye_colour())
        first = self.ask("GET", "Patient?eye-colour=brown&_summary=count")
        if first.status == 503:
            self.assertNotIn("eye-colour", self.offered("Patient"))
        self.server.kill()
        self.server.start()
        end = time.monotonic() + PATIENCE_S
        written = 0
        while time.monotonic() < end:
            answer = self.ask("GET", "Patient?eye-colour=brown&_summary=count")
            if answer.status == 200:
                self.assertEqual(answer.body["total"], self.COUNT + written, "all or nothing")
                break
            self.assert_outcome(answer, 503, "transient")
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
            self.create(patient("brown"))  # others write meanwhile
            written += 1
        else:
            self.fail("not indexed in time")

if __name__ == "__main__":
    unittest.main()
