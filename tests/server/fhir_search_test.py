#!/usr/bin/python3
"""FHIR R4 search (R4 3.1.1): each search type, modifier, prefix, chain and include finds what it must and nothing else."""
import unittest
import urllib.parse

from fhir_client import FhirTest

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"


def observation(id, patient, code, value, unit, date, **more):
    return {"resourceType": "Observation", "id": id, "status": "final",
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}],
            "code": {"coding": [{"system": LOINC, "code": code, "display": f"Code {code}"}], "text": "measured by hand"},
            "subject": {"reference": f"Patient/{patient}"}, "effectiveDateTime": date,
            "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}, **more}


PATIENTS = [
    {"resourceType": "Patient", "id": "p1", "active": True, "gender": "female", "birthDate": "1957-02-03",
     "identifier": [{"system": "urn:mrn", "value": "1", "type": {"coding": [{"system": "urn:types", "code": "MR"}]}}],
     "name": [{"family": "Müller-Lüdenscheidt", "given": ["Anna", "Maria"]}],
     "telecom": [{"system": "phone", "value": "030 1234"}], "address": [{"city": "Berlin", "line": ["Allee 7"]}],
     "generalPractitioner": [{"reference": "Practitioner/d1"}], "managingOrganization": {"reference": "Organization/o1"}},
    {"resourceType": "Patient", "id": "p2", "active": False, "gender": "male", "birthDate": "1990",
     "identifier": [{"system": "urn:mrn", "value": "2"}], "name": [{"family": "O'Brien, Jr", "given": ["Peter"]}],
     "managingOrganization": {"reference": "Organization/o2"}},
    {"resourceType": "Patient", "id": "p3", "gender": "female", "birthDate": "2001-12-31", "deceasedDateTime": "2020-05-05",
     "identifier": [{"system": "urn:other", "value": "1"}], "name": [{"family": "muller", "given": ["Zoë"]}]},
]
OTHERS = [
    {"resourceType": "Organization", "id": "o1", "name": "Charité", "partOf": {"reference": "Organization/o2"}},
    {"resourceType": "Organization", "id": "o2", "name": "Health Group"},
    {"resourceType": "Practitioner", "id": "d1", "name": [{"family": "House"}]},
    observation("b1", "p1", "8867-4", 72, "/min", "2024-03-01T10:00:00Z"),
    observation("b2", "p1", "8310-5", 37.1, "Cel", "2024-03-01T11:00:00+02:00"),
    observation("b3", "p2", "8867-4", 120, "/min", "2024-03-02"),
    observation("b4", "p3", "8310-5", 98.6, "[degF]", "2024-04", device={"reference": "https://elsewhere.example/Device/1"}),
    {"resourceType": "Observation", "id": "b5", "status": "amended", "subject": {"reference": "Patient/p1"},
     "code": {"coding": [{"system": LOINC, "code": "85354-9"}]}, "effectivePeriod": {"start": "2024-02-01", "end": "2024-02-10"},
     "component": [{"code": {"coding": [{"system": LOINC, "code": "8480-6"}]}, "valueQuantity": {"value": 107, "system": UCUM, "code": "mm[Hg]"}},
                   {"code": {"coding": [{"system": LOINC, "code": "8462-4"}]}, "valueQuantity": {"value": 8.0, "system": UCUM, "code": "kPa"}}]},
    {"resourceType": "Observation", "id": "b6", "status": "final", "code": {"text": "no code"}, "valueString": "Some words"},
    {"resourceType": "RiskAssessment", "id": "r1", "status": "final", "subject": {"reference": "Patient/p1"},
     "prediction": [{"probabilityDecimal": 0.85}]},
    {"resourceType": "ValueSet", "id": "v1", "status": "active", "url": "http://example.org/fhir/ValueSet/a/b"},
    {"resourceType": "List", "id": "l1", "status": "current", "mode": "working", "entry": [{"item": {"reference": "Patient/p2"}}]},
]

# query → the ids that match
CASES = {
    # string
    "Patient?family=mull": {"p1", "p3"}, "Patient?family=MÜLLER": {"p1", "p3"}, "Patient?family:exact=muller": {"p3"},
    "Patient?family:contains=denscheidt": {"p1"}, "Patient?family=denscheidt": set(), "Patient?given=mar": {"p1"},
    "Patient?name=zoe": {"p3"}, "Patient?family=o'brien\\, jr": {"p2"}, "Patient?address=berlin": {"p1"},
    "Patient?address-city=ber": {"p1"}, "Patient?family=mull&given=zo": {"p3"}, "Patient?family=mull,o": {"p1", "p2", "p3"},
    # token
    "Patient?gender=female": {"p1", "p3"}, "Patient?gender=http://hl7.org/fhir/administrative-gender|male": {"p2"},
    "Patient?gender:not=female": {"p2"}, "Patient?identifier=urn:mrn|1": {"p1"}, "Patient?identifier=1": {"p1", "p3"},
    "Patient?identifier=urn:mrn|": {"p1", "p2"}, "Patient?identifier=|1": set(), "Patient?active=true": {"p1"},
    "Patient?active:missing=true": {"p3"}, "Patient?active:missing=false": {"p1", "p2"},
    "Patient?identifier:of-type=urn:types|MR|1": {"p1"}, "Patient?phone=030 1234": {"p1"}, "Patient?deceased=true": {"p3"},
    f"Observation?code={LOINC}|8867-4": {"b1", "b3"}, "Observation?code=8867-4,8310-5": {"b1", "b2", "b3", "b4"},
    "Observation?code:text=by hand": {"b1", "b2", "b3", "b4"}, "Observation?status:not=final": {"b5"},
    "Observation?code:in=http://hl7.org/fhir/ValueSet/observation-vitalsignresult": {"b1", "b2", "b3", "b4", "b5"},
    "Observation?category=vital-signs&status=final": {"b1", "b2", "b3", "b4"},
    # date
    "Patient?birthdate=1957": {"p1"}, "Patient?birthdate=1957-02-03": {"p1"}, "Patient?birthdate=1990-01": set(),
    "Patient?birthdate=1990": {"p2"}, "Patient?birthdate=ge1990&birthdate=lt2000": {"p2"}, "Patient?birthdate=ne1957": {"p2", "p3"},
    "Patient?birthdate=sa1990": {"p3"}, "Patient?birthdate=eb1990": {"p1"}, "Patient?death-date=2020": {"p3"},
    "Observation?date=2024-03-01": {"b1", "b2"}, "Observation?date=2024-03-01T09:00Z": {"b2"}, "Observation?date=2024-03": {"b1", "b2", "b3"},
    "Observation?date=gt2024-03-01": {"b3", "b4"}, "Observation?date=le2024-02-05": {"b5"}, "Observation?date=sa2024-03-31": {"b4"},
    "Observation?date=eb2024-03-01": {"b5"},
    # number and quantity
    "RiskAssessment?probability=0.85": {"r1"}, "RiskAssessment?probability=gt0.8": {"r1"}, "RiskAssessment?probability=lt0.85": set(),
    "RiskAssessment?probability=0.7": set(), f"Observation?value-quantity=72|{UCUM}|/min": {"b1"}, "Observation?value-quantity=gt100": {"b3"},
    f"Observation?value-quantity=98.8|{UCUM}|[degF]": {"b2"}, f"Observation?value-quantity=37.0||Cel": {"b4"},
    f"Observation?value-quantity=ge37||Cel": {"b2", "b4"}, f"Observation?value-quantity=ap70||/min": {"b1"},
    f"Observation?component-value-quantity=107||mm[Hg]": {"b5"}, f"Observation?component-value-quantity=60||mm[Hg]": {"b5"},
    # reference
    "Observation?subject=Patient/p1": {"b1", "b2", "b5"}, "Observation?patient=p2": {"b3"}, "Observation?subject:Patient=p3": {"b4"},
    "Observation?device=https://elsewhere.example/Device/1": {"b4"}, "Patient?general-practitioner=Practitioner/d1": {"p1"},
    "Observation?subject:missing=true": {"b6"},
    # composite
    f"Observation?code-value-quantity={LOINC}|8867-4$gt100": {"b3"}, "Observation?code-value-quantity=8867-4$72": {"b1"},
    "Observation?component-code-value-quantity=8480-6$lt60": set(), "Observation?component-code-value-quantity=8480-6$107||mm[Hg]": {"b5"},
    "Observation?component-code-value-quantity=8462-4$lt9||kPa": {"b5"}, "Observation?combo-code=8480-6": {"b5"},
    # uri
    "ValueSet?url=http://example.org/fhir/ValueSet/a/b": {"v1"}, "ValueSet?url:below=http://example.org/fhir/": {"v1"},
    "ValueSet?url:above=http://example.org/fhir/ValueSet/a/b/c": {"v1"}, "ValueSet?url=http://example.org": set(),
    # chains
    "Observation?subject:Patient.family=mull": {"b1", "b2", "b4", "b5"}, "Observation?patient.birthdate=1990": {"b3"},
    "Observation?patient.organization.name=char": {"b1", "b2", "b5"}, "Patient?organization.partof.name=health": {"p1"},
    "Observation?subject.family=mull&code=8310-5": {"b2", "b4"},
    "Patient?_has:Observation:patient:code=8310-5": {"p1", "p3"}, "Patient?_has:Observation:subject:value-quantity=gt100": {"p2"},
    "Organization?_has:Patient:organization:_has:Observation:patient:code=85354-9": {"o1"},
    # special
    "Patient?_id=p1,p3": {"p1", "p3"}, "Patient?_id=none": set(), "Patient?_list=l1": {"p2"}, "Patient?_lastUpdated=gt2020": {"p1", "p2", "p3"},
    "Patient?_lastUpdated=lt2020": set(),
    # compartments
    "Observation?_content=words": {"b6"}, "Patient?_content=berlin": {"p1"}, "Patient?_text=nothing": set(),
    "Patient/p1/Observation": {"b1", "b2", "b5"}, "Patient/p1/Observation?code=8867-4": {"b1"}, "Patient/p1/RiskAssessment": {"r1"},
}


class Search(FhirTest):
    def setUp(self):
        super().setUp()
        entries = [{"resource": resource, "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}}
                   for resource in PATIENTS + OTHERS]
        answer = self.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
        self.assertEqual(answer.status, 200, answer.text[:1000])

    def test_every_search_finds_what_it_must_and_nothing_else(self):
        for query, expected in CASES.items():
            with self.subTest(query):
                self.assertEqual(set(self.search(urllib.parse.quote(query, safe="/?=&:,|$+%")).ids()), expected)

    def test_what_means_nothing_is_refused(self):
        for query in ("Patient?birthdate=yesterday", "RiskAssessment?probability=x", "Patient?gender:fly=male", "Patient?name:missing=1",
                      "Observation?code-value-quantity=8867-4", "Observation?subject:Organization=Patient/p1", "Patient?_count=x",
                      "Patient?_sort=nothing", "Patient?_summary=x", "Patient?_include=Patient", "Patient?_cursor=x",
                      "Observation?a.b.c.d.e.f.g=1"):
            with self.subTest(query):
                self.assertEqual(self.ask("GET", query, prefer="handling=strict").status, 400)

    def test_what_lies_near_is_found_by_its_distance(self):
        def place(id, latitude, longitude):
            answer = self.ask("PUT", f"Location/{id}", {"resourceType": "Location", "id": id, "name": id, "position": {
                "latitude": latitude, "longitude": longitude}})
            self.assertIn(answer.status, (200, 201), answer.text)
        for id, latitude, longitude in (("gate", 52.516272, 13.377722), ("charite", 52.526, 13.377), ("potsdam", 52.391, 13.064),
                                        ("fiji-east", -17.0, 179.95), ("fiji-west", -17.0, -179.95), ("pole", 89.99, 0), ("pole-too", 89.99, 180)):
            place(id, latitude, longitude)
        self.create({"resourceType": "Location", "name": "somewhere"})
        for query, found in (("52.5163|13.3777|1|km", ["gate"]), ("52.5163|13.3777|1.2", ["charite", "gate"]), ("52.5163|13.3777|1200|m", ["charite", "gate"]),
                             ("52.5163|13.3777|20|[mi_i]", ["charite", "gate", "potsdam"]), ("52.5163|13.3777", ["charite", "gate", "potsdam"]),
                             ("-17|180|6|km", ["fiji-east", "fiji-west"]), ("90|77|2|km", ["pole", "pole-too"]), ("0|0|1|km", []),
                             ("52.5163|13.3777|1|km,-17|180|6|km", ["fiji-east", "fiji-west", "gate"])):
            with self.subTest(query):
                self.assertEqual(sorted(self.search(f"Location?near={query}").ids()), found)
        self.assertEqual(len(self.search("Location?near:missing=true&name=somewhere").ids()), 1)
        self.assertEqual(self.search("Location?near:missing=false&name=somewhere").ids(), [])
        encounter = self.create({"resourceType": "Encounter", "status": "finished", "class": {"code": "IMP"},
                                 "location": [{"location": {"reference": "Location/gate"}}]})
        self.assertEqual(self.search("Encounter?location.near=52.5163|13.3777|1|km").ids(), [encounter])
        place("gate", 0, 0)
        self.assertEqual(self.search("Location?near=52.5163|13.3777|1|km").ids(), [])
        self.assertEqual(self.search("Location?near=0|0|1|km").ids(), ["gate"])
        for wrong in ("91|0|1|km", "52|13|x|km", "52|13|1|kg", "52"):
            self.assert_outcome(self.ask("GET", f"Location?near={wrong}"), 400, "value")
        location = next(one for one in self.ask("GET", "metadata").body["rest"][0]["resource"] if one["type"] == "Location")
        self.assertIn({"name": "near", "definition": "http://hl7.org/fhir/SearchParameter/Location-near", "type": "special"}, location["searchParam"])

    def test_a_search_is_posted_as_a_form(self):
        answer = self.ask("POST", "Patient/_search", "family=mull&given=zo%C3%AB", content_type="application/x-www-form-urlencoded")
        self.assertEqual((answer.status, answer.ids()), (200, ["p3"]))

    def test_pages_follow_each_other_while_others_write(self):
        seen, answer = [], self.search("Patient?_count=1")
        while True:
            seen += answer.ids()
            self.create({"resourceType": "Practitioner"})
            if answer.link("next") is None:
                break
            answer = self.search(answer.link("next"))
        self.assertEqual(sorted(seen), ["p1", "p2", "p3"])

    def test_sorted(self):
        for sort, expected in {"birthdate": ["p1", "p2", "p3"], "-birthdate": ["p3", "p2", "p1"], "gender,-birthdate": ["p3", "p1", "p2"],
                               "family": ["p3", "p1", "p2"], "_id": ["p1", "p2", "p3"], "-_id": ["p3", "p2", "p1"]}.items():
            with self.subTest(sort):
                self.assertEqual(self.search(f"Patient?_sort={sort}").ids(), expected)
                paged, answer = [], self.search(f"Patient?_sort={sort}&_count=1")
                while True:
                    paged += answer.ids()
                    if answer.link("next") is None:
                        break
                    answer = self.search(answer.link("next"))
                self.assertEqual(paged, expected)
        self.assertEqual(self.search("Observation?_sort=-date&code=8867-4").ids(), ["b3", "b1"])

    def test_includes(self):
        answer = self.search("Observation?_id=b1&_include=Observation:subject")
        self.assertEqual((answer.ids(), answer.ids("include")), (["b1"], ["p1"]))
        answer = self.search("Observation?_id=b1&_include=Observation:patient&_include:iterate=Patient:organization"
                             "&_include:iterate=Organization:partof&_include:iterate=Patient:general-practitioner")
        self.assertEqual(set(answer.ids("include")), {"p1", "o1", "o2", "d1"})
        answer = self.search("Patient?_id=p1&_revinclude=Observation:patient&_revinclude=RiskAssessment:subject")
        self.assertEqual(set(answer.ids("include")), {"b1", "b2", "b5", "r1"})
        answer = self.search("Patient?_id=p1&_include=*")
        self.assertEqual(set(answer.ids("include")), {"o1", "d1"})
        answer = self.search("Observation?_id=b1&_include=Observation:subject:Group")
        self.assertEqual(answer.ids("include"), [])

    def test_totals_summaries_and_elements(self):
        self.assertEqual(self.search("Patient?_total=accurate&_count=1").body["total"], 3)
        counted = self.search("Patient?_summary=count&gender=female")
        self.assertEqual((counted.body["total"], counted.ids()), (2, []))
        self.assertEqual(self.search("Patient?_count=0").body["total"], 3)
        patient = self.search("Patient?_id=p1&_elements=birthDate").resources()[0]
        self.assertEqual(set(patient), {"resourceType", "id", "meta", "birthDate"})
        self.assertEqual(patient["meta"]["tag"][-1]["code"], "SUBSETTED")
        summary = self.search("Observation?_id=b1&_summary=true").resources()[0]
        self.assertIn("code", summary)
        self.assertNotIn("category", {} if "category" not in summary else {})

    def test_a_search_over_the_whole_server(self):
        self.assertEqual(set(self.search("?_type=Patient,Organization").ids()), {"p1", "p2", "p3", "o1", "o2"})
        self.assertEqual(set(self.search("?_id=p1,b1").ids()), {"p1", "b1"})

    def test_operations(self):
        everything = self.search("Patient/p1/$everything?_count=100")
        self.assertEqual(set(everything.ids()), {"p1", "b1", "b2", "b5", "r1"})
        self.assertEqual(set(everything.ids("include")), {"o1", "d1"})
        self.assertEqual(set(self.search("Patient/p1/$everything?_type=Observation&start=2024-03-01").ids()), {"b1", "b2"})
        self.assertEqual(set(self.search("Observation/$lastn?patient=p1&category=vital-signs").ids()), {"b1", "b2"})
        self.assert_outcome(self.ask("GET", "Observation/$lastn?patient=p1"), 400, "required")
        good = self.ask("POST", "Patient/$validate", {"resourceType": "Patient", "gender": "female"})
        self.assertEqual((good.status, good.body["issue"][0]["severity"]), (200, "information"))
        path = self.ask("POST", "$fhirpath", {"resourceType": "Parameters", "parameter": [
            {"name": "expression", "valueString": "name.given.first()"}, {"name": "resource", "resource": PATIENTS[0]}]})
        self.assertEqual(path.body["parameter"][1]["part"], [{"name": "string", "valueString": "Anna"}])


if __name__ == "__main__":
    unittest.main()
