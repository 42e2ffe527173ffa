#!/usr/bin/python3
"""FHIR R4 terminology (4.7): value sets, code systems and concept maps of the record, of packages and of the specification."""
import json
import unittest
import urllib.parse

from fhir_client import FhirTest

WARD = "http://ward.example/CodeSystem/alarm"
GENDER = "http://hl7.org/fhir/administrative-gender"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LOINC = "http://loinc.org"

CODE_SYSTEM = {
    "resourceType": "CodeSystem", "id": "alarm", "url": WARD, "version": "1.0", "name": "AlarmKinds", "status": "active",
    "content": "complete", "caseSensitive": True, "hierarchyMeaning": "is-a", "valueSet": "http://ward.example/ValueSet/all",
    "language": "en", "property": [{"code": "weight", "type": "integer"}, {"code": "inactive", "type": "boolean"}],
    "concept": [
        {"code": "physiological", "display": "Physiological alarm", "definition": "Of the patient",
         "property": [{"code": "notSelectable", "valueBoolean": True}], "concept": [
             {"code": "asystole", "display": "Asystole", "property": [{"code": "weight", "valueInteger": 3}],
              "designation": [{"language": "de", "value": "Herzstillstand"}]},
             {"code": "brady", "display": "Bradycardia", "property": [{"code": "weight", "valueInteger": 2}], "concept": [
                 {"code": "brady-severe", "display": "Severe bradycardia", "property": [{"code": "weight", "valueInteger": 3}]}]}]},
        {"code": "technical", "display": "Technical alarm", "concept": [
            {"code": "lead-off", "display": "Lead off", "property": [{"code": "weight", "valueInteger": 1}]},
            {"code": "battery-nicd", "display": "NiCd battery low", "property": [{"code": "inactive", "valueBoolean": True}]}]}]}


def value_set(id, *include, exclude=(), **more):
    compose = {"include": list(include)} | ({"exclude": list(exclude)} if exclude else {}) | more
    return {"resourceType": "ValueSet", "id": id, "url": f"http://ward.example/ValueSet/{id}", "status": "active", "compose": compose}


def where(property, op, value, system=WARD):
    return {"system": system, "filter": [{"property": property, "op": op, "value": value}]}


VALUE_SETS = [
    value_set("patient-alarms", where("concept", "is-a", "physiological")),
    value_set("chosen", {"system": WARD, "concept": [{"code": "asystole", "display": "Flatline"}, {"code": "lead-off"}]}),
    value_set("most", {"system": WARD}, exclude=[{"valueSet": ["http://ward.example/ValueSet/chosen"]}]),
    value_set("rates", {"system": LOINC, "concept": [{"code": "8867-4", "display": "Heart rate"}]}),
    value_set("all-loinc", {"system": LOINC}),
    value_set("mixed", {"system": LOINC}, {"system": WARD}),
    value_set("circle", {"valueSet": ["http://ward.example/ValueSet/circle"]}),
    value_set("both", {"system": WARD, "valueSet": ["http://ward.example/ValueSet/patient-alarms", "http://ward.example/ValueSet/chosen"]}),
]
CONCEPT_MAP = {
    "resourceType": "ConceptMap", "id": "to-priority", "url": "http://ward.example/ConceptMap/to-priority", "status": "active",
    "sourceUri": "http://ward.example/ValueSet/all", "targetUri": "http://ward.example/ValueSet/priorities", "group": [{
        "source": WARD, "target": "http://ward.example/CodeSystem/priority", "unmapped": {"mode": "fixed", "code": "low", "display": "Low"},
        "element": [{"code": "asystole", "target": [{"code": "high", "display": "High", "equivalence": "wider"}]},
                    {"code": "brady", "target": [
                        {"code": "medium", "equivalence": "wider"},
                        {"code": "high", "equivalence": "wider",
                         "dependsOn": [{"property": "http://ward.example/unit", "value": "ICU"}]}]},
                    {"code": "technical", "target": [{"equivalence": "unmatched"}]}]}]}


def parameters(**values):
    """name=(type, value): a Parameters resource."""
    return {"resourceType": "Parameters", "parameter": [
        {"name": name.replace("_", "-"), ("resource" if kind == "resource" else "value" + kind): value} for name, (kind, value) in values.items()]}


def codes(answer):
    return [entry["code"] for entry in answer.body["expansion"].get("contains", [])]


def given(answer, name):
    """The values of a Parameters' parameters of that name; of one with parts, a dict of those."""
    found = []
    for one in answer.body["parameter"]:
        if one["name"] == name:
            values = [value for key, value in one.items() if key.startswith("value")]
            found.append(values[0] if values else
                         {part["name"]: next(v for k, v in part.items() if k != "name") for part in one["part"]})
    return found


class Terminology(FhirTest):
    def setUp(self):
        super().setUp()
        entries = [{"resource": resource, "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}}
                   for resource in [CODE_SYSTEM, *VALUE_SETS, CONCEPT_MAP]]
        answer = self.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
        self.assertEqual(answer.status, 200, answer.text[:1000])

    def get(self, path, status=200, **query):
        answer = self.ask("GET", f"{path}?{urllib.parse.urlencode(query, doseq=True)}")
        self.assertEqual(answer.status, status, answer.text[:500])
        return answer

    def expand(self, id, **query):
        return self.get("ValueSet/$expand", url=f"http://ward.example/ValueSet/{id}", **query)

    # --- $expand

    def test_a_value_set_of_the_record_is_expanded_by_url_by_id_and_as_it_is_sent(self):
        expected = ["physiological", "asystole", "brady", "brady-severe"]
        by_url = self.expand("patient-alarms")
        self.assertEqual(codes(by_url), expected)
        self.assertEqual(by_url.body["url"], "http://ward.example/ValueSet/patient-alarms")
        self.assertEqual(by_url.body["expansion"]["total"], 4)
        self.assertIn({"name": "version", "valueUri": WARD + "|1.0"}, by_url.body["expansion"]["parameter"])
        self.assertNotIn("compose", by_url.body)
        self.assertEqual(codes(self.get("ValueSet/patient-alarms/$expand")), expected)
        sent = self.ask("POST", "ValueSet/$expand", parameters(valueSet=("resource", VALUE_SETS[0])))
        self.assertEqual(codes(sent), expected)
        self.assertIn("compose", self.expand("patient-alarms", includeDefinition="true").body)
        self.assertEqual(self.ask("POST", "ValueSet/$validate", by_url.body).body["issue"][0]["severity"], "information")

    def test_parts_of_a_composition_are_joined_met_and_taken_away(self):
        self.assertEqual(codes(self.expand("chosen")), ["asystole", "lead-off"])
        self.assertEqual(codes(self.expand("both")), ["asystole"])
        self.assertEqual(codes(self.expand("most")), ["physiological", "brady", "brady-severe", "technical", "battery-nicd"])
        self.assertEqual(codes(self.expand("most", activeOnly="true")), ["physiological", "brady", "brady-severe", "technical"])
        self.assertEqual(codes(self.expand("most", excludeNotForUI="true"))[0], "brady")
        self.assertEqual(len(codes(self.expand("all"))), 7)  # CodeSystem.valueSet

    def test_filters_select_by_hierarchy_and_property(self):
        for property, op, value, expected in (
                ("concept", "descendent-of", "physiological", ["asystole", "brady", "brady-severe"]),
                ("concept", "is-not-a", "physiological", ["technical", "lead-off", "battery-nicd"]),
                ("concept", "generalizes", "brady-severe", ["physiological", "brady", "brady-severe"]),
                ("weight", "=", "3", ["asystole", "brady-severe"]), ("weight", "in", "1,2", ["brady", "lead-off"]),
                ("weight", "not-in", "1, 2,3", ["physiological", "technical", "battery-nicd"]),
                ("weight", "exists", "false", ["physiological", "technical", "battery-nicd"]),
                ("code", "regex", "brady.*", ["brady", "brady-severe"]), ("display", "regex", "Lead", []),
                ("inactive", "=", "true", ["battery-nicd"]), ("parent", "=", "technical", ["lead-off", "battery-nicd"])):
            with self.subTest(f"{property} {op} {value}"):
                answer = self.ask("POST", "ValueSet/$expand", parameters(valueSet=("resource", value_set("f", where(property, op, value)))))
                self.assertEqual(answer.status, 200, answer.text[:300])
                self.assertEqual(codes(answer), expected)
        for property, op, value in (("unknown", "=", "x"), ("concept", "is-a", "nothing"), ("weight", "is-a", "3"), ("code", "regex", "(?=x)")):
            with self.subTest(f"{property} {op} {value}"):
                answer = self.ask("POST", "ValueSet/$expand", parameters(valueSet=("resource", value_set("f", where(property, op, value)))))
                self.assert_outcome(answer, 422, "not-supported")

    def test_a_text_filter_finds_beginnings_of_words_in_every_language(self):
        self.assertEqual(codes(self.expand("all", filter="sev brad")), ["brady-severe"])
        self.assertEqual(codes(self.expand("all", filter="HERZ")), ["asystole"])
        self.assertEqual(codes(self.expand("all", filter="adycardia")), [])
        self.assertEqual(codes(self.expand("all", filter="lead-")), ["lead-off"])

    def test_an_expansion_comes_in_pages(self):
        page = self.expand("all", offset=1, count=2)
        self.assertEqual((codes(page), page.body["expansion"]["total"], page.body["expansion"]["offset"]), (["asystole", "brady"], 7, 1))
        self.assertEqual(self.expand("all", count=0).body["expansion"]["total"], 7)
        self.assertEqual(codes(self.expand("all", count=0)), [])
        self.assertEqual(codes(self.expand("all", offset=100)), [])

    def test_an_expansion_is_nested_on_demand(self):
        top = self.expand("all", excludeNested="false").body["expansion"]["contains"]
        self.assertEqual([entry["code"] for entry in top], ["physiological", "technical"])
        self.assertTrue(top[0]["abstract"])
        self.assertEqual([entry["code"] for entry in top[0]["contains"]], ["asystole", "brady"])
        self.assertEqual(top[0]["contains"][1]["contains"][0]["code"], "brady-severe")
        self.assertTrue(top[1]["contains"][1]["inactive"])

    def test_displays_and_designations_are_told_in_a_language(self):
        entry = self.expand("patient-alarms", displayLanguage="de-CH", includeDesignations="true").body["expansion"]["contains"][1]
        self.assertEqual((entry["display"], entry["designation"][0]["value"]), ("Herzstillstand", "Herzstillstand"))
        self.assertEqual(self.expand("patient-alarms", displayLanguage="fr").body["expansion"]["contains"][1]["display"], "Asystole")
        self.assertEqual(self.expand("chosen").body["expansion"]["contains"][0]["display"], "Flatline")
        tokens = self.expand("patient-alarms", designation="urn:ietf:bcp:47|fr").body["expansion"]["contains"][1]
        self.assertNotIn("designation", tokens)

    def test_value_sets_of_the_specification_are_known_too(self):
        answer = self.get("ValueSet/$expand", url="http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1")
        self.assertEqual(codes(answer), ["male", "female", "other", "unknown"])
        self.assertEqual(answer.body["name"], "AdministrativeGender")
        encounter = self.get("ValueSet/$expand", url="http://terminology.hl7.org/ValueSet/v3-ActEncounterCode", filter="inpatient")
        self.assertIn("IMP", codes(encounter))
        whole = self.get("ValueSet/$expand", url="http://hl7.org/fhir/ValueSet/cdshooks-indicator")
        self.assertEqual(codes(whole), ["info", "warning", "critical"])
        v2 = self.get("CodeSystem/$lookup", system="http://terminology.hl7.org/CodeSystem/v2-0001", code="f")
        self.assertEqual(given(v2, "display"), ["Female"])

    def test_what_cannot_be_expanded_is_an_error_not_a_guess(self):
        self.assert_outcome(self.expand_raw("all-loinc"), 422, "not-found")
        self.assert_outcome(self.expand_raw("mixed"), 422, "not-found")
        self.assert_outcome(self.expand_raw("circle"), 422, "invalid")
        self.assert_outcome(self.expand_raw("nowhere"), 404, "not-found")
        self.assert_outcome(self.ask("GET", "ValueSet/nowhere/$expand"), 404, "not-found")
        self.assert_outcome(self.ask("GET", "ValueSet/$expand"), 400, "required")
        self.assert_outcome(self.ask("GET", "ValueSet/$expand?url=a&colour=red"), 400, "not-supported")
        self.assert_outcome(self.ask("GET", "ValueSet/$expand?url=a&date=2020"), 400, "not-supported")
        self.assert_outcome(self.ask("GET", "ValueSet/$expand?url=a&count=-1"), 400, "value")
        self.assert_outcome(self.ask("GET", "ValueSet/$expand?url=a&url=b"), 400, "value")
        self.assertEqual(codes(self.expand("rates")), ["8867-4"])

    def expand_raw(self, id):
        return self.ask("GET", f"ValueSet/$expand?url=http://ward.example/ValueSet/{id}")

    def test_an_expansion_follows_what_is_written(self):
        self.assertEqual(len(codes(self.expand("all"))), 7)
        changed = json.loads(json.dumps(CODE_SYSTEM))
        changed["concept"].append({"code": "network", "display": "Network lost"})
        self.assertEqual(self.ask("PUT", "CodeSystem/alarm", changed).status, 200)
        self.assertIn("network", codes(self.expand("all")))
        self.assertEqual(self.ask("DELETE", "ValueSet/chosen").status, 204)
        self.assert_outcome(self.expand_raw("both"), 422, "not-found")

    def test_versions_are_kept_apart(self):
        newer = json.loads(json.dumps(CODE_SYSTEM)) | {"id": "alarm-2", "version": "1.10"}
        newer["concept"] = newer["concept"][:1]
        self.create_as(newer)
        self.create_as(json.loads(json.dumps(newer)) | {"id": "alarm-3", "version": "1.9", "concept": CODE_SYSTEM["concept"][1:]})
        self.assertEqual(len(codes(self.expand("all"))), 4)  # 1.10 is newer than 1.9
        self.assertEqual(len(codes(self.expand("patient-alarms", **{"system-version": WARD + "|1.0"}))), 4)
        old = parameters(valueSet=("resource", value_set("old", {"system": WARD, "version": "1.0"})))
        self.assertEqual(len(codes(self.ask("POST", "ValueSet/$expand", old))), 7)
        old["parameter"].append({"name": "force-system-version", "valueCanonical": WARD + "|1.10"})
        self.assertEqual(len(codes(self.ask("POST", "ValueSet/$expand", old))), 4)
        old["parameter"][1]["name"] = "check-system-version"
        self.assert_outcome(self.ask("POST", "ValueSet/$expand", old), 422, "value")
        self.assertEqual(given(self.get("CodeSystem/$lookup", system=WARD, code="technical", version="1.0"), "version"), ["1.0"])
        self.get("CodeSystem/$lookup", 404, system=WARD, code="technical")

    def create_as(self, resource):
        self.assertEqual(self.ask("PUT", f"{resource['resourceType']}/{resource['id']}", resource).status, 201)

    # --- $validate-code

    def validate(self, path="ValueSet/$validate-code", **query):
        answer = self.get(path, **query)
        return given(answer, "result")[0], (given(answer, "message") + [""])[0], (given(answer, "display") + [None])[0]

    def test_a_code_is_in_a_value_set_or_not(self):
        chosen = "http://ward.example/ValueSet/chosen"
        self.assertEqual(self.validate(url=chosen, system=WARD, code="lead-off"), (True, "", "Lead off"))
        result, message, _ = self.validate(url=chosen, system=WARD, code="brady")
        self.assertFalse(result)
        self.assertIn("is not in the value set", message)
        self.assertTrue(self.validate("ValueSet/chosen/$validate-code", system=WARD, code="asystole", display="flatline")[0])
        self.assertTrue(self.validate("ValueSet/patient-alarms/$validate-code", system=WARD, code="asystole", display="Herzstillstand")[0])
        result, message, display = self.validate(url=chosen, system=WARD, code="lead-off", display="Cable off")
        self.assertEqual((result, display), (False, "Lead off"))
        self.assertIn("Lead off", message)

    def test_an_abstract_code_is_taken_where_it_is_said(self):
        alarms = "http://ward.example/ValueSet/patient-alarms"
        self.assertFalse(self.validate(url=alarms, system=WARD, code="physiological")[0])
        self.assertTrue(self.validate(url=alarms, system=WARD, code="physiological", abstract="true")[0])
        result, message, _ = self.validate(url="http://ward.example/ValueSet/most", system=WARD, code="battery-nicd")
        self.assertTrue(result)
        self.assertIn("inactive", message)

    def test_codings_and_concepts_are_validated(self):
        coding = {"system": WARD, "code": "asystole"}
        answer = self.ask("POST", "ValueSet/chosen/$validate-code", parameters(coding=("Coding", coding)))
        self.assertEqual(given(answer, "result"), [True])
        several = {"coding": [{"system": WARD, "code": "brady"}, {"code": "x"}, coding]}
        answer = self.ask("POST", "ValueSet/chosen/$validate-code", parameters(codeableConcept=("CodeableConcept", several)))
        self.assertEqual(given(answer, "result"), [True])
        answer = self.ask("POST", "ValueSet/$validate-code", parameters(
            valueSet=("resource", VALUE_SETS[1]), codeableConcept=("CodeableConcept", {"coding": several["coding"][:2]})))
        self.assertEqual(given(answer, "result"), [False])
        self.assertIn("has no system", given(answer, "message")[0])

    def test_what_is_not_at_hand_is_told_apart_from_what_is_wrong(self):
        mixed = "http://ward.example/ValueSet/mixed"
        self.assertTrue(self.validate(url=mixed, system=WARD, code="brady")[0])
        self.assertFalse(self.validate(url=mixed, system=GENDER, code="male")[0])
        self.assert_outcome(self.get("ValueSet/$validate-code", 422, url=mixed, system=LOINC, code="8867-4"), 422, "not-found")
        self.get("CodeSystem/$validate-code", 404, url=LOINC, code="8867-4")
        self.assert_outcome(self.get("ValueSet/$validate-code", 400, url=mixed, code="brady"), 400, "required")

    def test_a_code_is_of_a_code_system_or_not(self):
        path = "CodeSystem/$validate-code"
        self.assertEqual(self.validate(path, url=WARD, code="brady"), (True, "", "Bradycardia"))
        self.assertFalse(self.validate(path, url=WARD, code="Brady")[0])  # case counts
        self.assertTrue(self.validate("CodeSystem/alarm/$validate-code", code="brady")[0])
        self.assertTrue(self.validate(path, url=GENDER, code="male", display="Male")[0])
        self.assertFalse(self.validate(path, url=GENDER, code="m")[0])
        answer = self.ask("POST", path, parameters(codeSystem=("resource", CODE_SYSTEM), coding=("Coding", {"system": GENDER, "code": "male"})))
        self.assertEqual(given(answer, "result"), [False])
        part = CODE_SYSTEM | {"content": "fragment"}
        answer = self.ask("POST", path, parameters(codeSystem=("resource", part), code=("Code", "other")))
        self.assert_outcome(answer, 422, "incomplete")

    # --- $lookup, $subsumes, $translate

    def test_a_concept_is_looked_up(self):
        answer = self.get("CodeSystem/$lookup", system=WARD, code="brady")
        self.assertEqual((given(answer, "name"), given(answer, "version"), given(answer, "display")), (["AlarmKinds"], ["1.0"], ["Bradycardia"]))
        self.assertIn({"code": "parent", "value": "physiological", "description": "Physiological alarm"}, given(answer, "property"))
        self.assertIn({"code": "child", "value": "brady-severe", "description": "Severe bradycardia"}, given(answer, "property"))
        self.assertIn({"code": "weight", "value": 2}, given(answer, "property"))
        only = self.get("CodeSystem/$lookup", system=WARD, code="physiological", property=["definition"])
        self.assertEqual(given(only, "property"), [{"code": "definition", "value": "Of the patient"}])
        german = self.ask("POST", "CodeSystem/$lookup", parameters(coding=("Coding", {"system": WARD, "code": "asystole"}), displayLanguage=("Code", "de")))
        self.assertEqual(given(german, "display"), ["Herzstillstand"])
        self.assertEqual(given(german, "designation"), [{"language": "de", "value": "Herzstillstand"}])
        act = self.get("CodeSystem/$lookup", system=ACT_CODE, code="IMP")
        self.assertEqual(given(act, "display"), ["inpatient encounter"])
        self.assertIn("_ActEncounterCode", [p["value"] for p in given(act, "property")])
        self.assert_outcome(self.get("CodeSystem/$lookup", 404, system=WARD, code="nothing"), 404, "not-found")
        self.assert_outcome(self.get("CodeSystem/$lookup", 404, system=LOINC, code="8867-4"), 404, "not-found")
        self.assert_outcome(self.get("CodeSystem/$lookup", 400, code="brady"), 400, "required")

    def test_subsumption_is_tested(self):
        for a, b, outcome in (("brady", "brady-severe", "subsumes"), ("brady-severe", "physiological", "subsumed-by"),
                              ("brady", "brady", "equivalent"), ("brady", "asystole", "not-subsumed")):
            answer = self.get("CodeSystem/$subsumes", system=WARD, codeA=a, codeB=b)
            self.assertEqual(given(answer, "outcome"), [outcome], f"{a} {b}")
        self.assertEqual(given(self.get("CodeSystem/alarm/$subsumes", codeA="technical", codeB="lead-off"), "outcome"), ["subsumes"])
        self.assertEqual(given(self.get("CodeSystem/$subsumes", system=ACT_CODE, codeA="_ActEncounterCode", codeB="IMP"), "outcome"), ["subsumes"])
        self.get("CodeSystem/$subsumes", 404, system=LOINC, codeA="1", codeB="2")
        self.assert_outcome(self.get("CodeSystem/$subsumes", 422, system=WARD, codeA="brady", codeB="x"), 422, "not-found")
        other = parameters(system=("Uri", WARD), codingA=("Coding", {"system": GENDER, "code": "male"}), codingB=("Coding", {"system": WARD, "code": "brady"}))
        self.assert_outcome(self.ask("POST", "CodeSystem/$subsumes", other), 422, "not-supported")

    def test_codes_are_translated(self):
        url = CONCEPT_MAP["url"]
        answer = self.get("ConceptMap/$translate", url=url, system=WARD, code="asystole")
        self.assertEqual(given(answer, "result"), [True])
        self.assertEqual(given(answer, "match"), [{"equivalence": "wider", "source": url, "concept": {
            "system": "http://ward.example/CodeSystem/priority", "code": "high", "display": "High"}}])
        for path, query in (("ConceptMap/to-priority/$translate", {}), ("ConceptMap/$translate", {"targetsystem": "http://ward.example/CodeSystem/priority"}),
                            ("ConceptMap/$translate", {"source": "http://ward.example/ValueSet/all"})):
            self.assertEqual(given(self.get(path, system=WARD, code="asystole", **query), "result"), [True], path)
        self.assertEqual(given(self.get("ConceptMap/$translate", source="http://elsewhere", system=WARD, code="asystole"), "result"), [False])
        unmapped = self.get("ConceptMap/$translate", url=url, system=WARD, code="lead-off")
        self.assertEqual(given(unmapped, "match")[0]["concept"]["code"], "low")
        unmatched = self.get("ConceptMap/$translate", url=url, system=WARD, code="technical")
        self.assertEqual((given(unmatched, "result"), given(unmatched, "match")[0]["equivalence"]), ([False], "unmatched"))
        back = self.get("ConceptMap/$translate", url=url, system="http://ward.example/CodeSystem/priority", code="high", reverse="true")
        self.assertEqual([(match["equivalence"], match["concept"]["code"]) for match in given(back, "match")], [("narrower", "asystole")])
        self.get("ConceptMap/$translate", 404, url="http://nowhere", system=WARD, code="asystole")

    def test_a_translation_may_depend_on_another_element(self):
        url = CONCEPT_MAP["url"]
        plain = self.get("ConceptMap/$translate", url=url, system=WARD, code="brady")
        self.assertEqual([match["concept"]["code"] for match in given(plain, "match")], ["medium"])
        self.assertIn("dependency", given(plain, "message")[0])
        asked = parameters(url=("Uri", url), coding=("Coding", {"system": WARD, "code": "brady"}))
        asked["parameter"].append({"name": "dependency", "part": [
            {"name": "element", "valueUri": "http://ward.example/unit"}, {"name": "concept", "valueCodeableConcept": {"text": "ICU"}}]})
        self.assertEqual([m["concept"]["code"] for m in given(self.ask("POST", "ConceptMap/$translate", asked), "match")], ["medium", "high"])

    # --- searches and metadata

    def test_searches_use_value_sets_and_hierarchies(self):
        def flag(id, system, code):
            return {"resourceType": "Observation", "id": id, "status": "final", "code": {"coding": [{"system": system, "code": code}]}}
        for each in (flag("a", WARD, "asystole"), flag("b", WARD, "brady-severe"), flag("c", WARD, "lead-off"), flag("d", LOINC, "8867-4"),
                     flag("e", "http://other.example", "asystole")):
            self.create_as(each)
        for query, expected in (
                ("code:in=http://ward.example/ValueSet/patient-alarms", {"a", "b"}), ("code:in=ValueSet/chosen", {"a", "c"}),
                ("code:in=http://ward.example/ValueSet/rates", {"d"}), ("code:not-in=http://ward.example/ValueSet/patient-alarms", {"c", "d", "e"}),
                (f"code:below={WARD}|brady", {"b"}), (f"code:below={WARD}|technical", {"c"}), (f"code:above={WARD}|brady-severe", {"b"}),
                (f"code:below={WARD}|physiological,{WARD}|lead-off", {"a", "b", "c"})):
            with self.subTest(query):
                self.assertEqual(set(self.search("Observation?" + query.replace("|", "%7C")).ids()), expected)
        self.assert_outcome(self.ask("GET", "Observation?code:in=http://nowhere"), 404, "not-found")
        self.assert_outcome(self.ask("GET", "Observation?code:in=http://ward.example/ValueSet/all-loinc"), 422, "not-found")
        self.assert_outcome(self.ask("GET", "Observation?code:below=brady"), 400, "value")
        self.assert_outcome(self.ask("GET", f"Observation?code:below={LOINC}%7C1"), 404, "not-found")

    def test_metadata_tells_what_works(self):
        capability = self.ask("GET", "metadata").body["rest"][0]["resource"]
        operations = {resource["type"]: {op["name"]: op["definition"] for op in resource["operation"]} for resource in capability}
        self.assertEqual(operations["ValueSet"]["expand"], "http://hl7.org/fhir/OperationDefinition/ValueSet-expand")
        for type, names in (("ValueSet", {"expand", "validate-code"}), ("CodeSystem", {"lookup", "validate-code", "subsumes"}), ("ConceptMap", {"translate"})):
            self.assertLessEqual(names, set(operations[type]))
        self.assertNotIn("expand", operations["Patient"])
        terminology = self.ask("GET", "metadata?mode=terminology")
        self.assertEqual((terminology.status, terminology.body["resourceType"]), (200, "TerminologyCapabilities"))
        systems = {system["uri"]: system for system in terminology.body["codeSystem"]}
        self.assertEqual(systems[WARD]["version"][0]["code"], "1.0")
        self.assertIn(GENDER, systems)
        self.assertNotIn(LOINC, systems)
        self.assertIn("filter", [one["name"] for one in terminology.body["expansion"]["parameter"]])
        self.assertNotIn("date", [one["name"] for one in terminology.body["expansion"]["parameter"]])
        issues = self.ask("POST", "TerminologyCapabilities/$validate", terminology.body).body["issue"]
        self.assertEqual([issue for issue in issues if issue["severity"] in ("error", "fatal")], [])
        self.assertEqual(self.ask("GET", "metadata?mode=terminology", token="none").status, 401)


class Packages(FhirTest):
    def setUp(self):
        self.prepare = True
        super().setUp()

    def make_token(self):
        folder = self.place / "packages" / "ward" / "package"
        folder.mkdir(parents=True)
        for resource in (CODE_SYSTEM, VALUE_SETS[0], CONCEPT_MAP):
            (folder / f"{resource['resourceType']}-{resource['id']}.json").write_text(json.dumps(resource))
        file = self.place / "vigil.toml"
        file.write_text(f'[fhir]\npackages = "{self.place / "packages"}"\n')
        self.server.options = ("--config", str(file))
        super().make_token()

    def test_terminology_of_a_package_is_at_hand(self):
        answer = self.ask("GET", "ValueSet/$expand?url=http://ward.example/ValueSet/patient-alarms")
        self.assertEqual(codes(answer), ["physiological", "asystole", "brady", "brady-severe"])
        translated = self.ask("GET", f"ConceptMap/$translate?system={WARD}&code=asystole")
        self.assertEqual(given(translated, "match")[0]["concept"]["code"], "high")
        # What the record keeps under the same url stands before it.
        own = CODE_SYSTEM | {"concept": CODE_SYSTEM["concept"][:1], "version": "2"}
        self.assertEqual(self.ask("PUT", "CodeSystem/alarm", own).status, 201)
        self.assertEqual(given(self.ask("GET", f"CodeSystem/$lookup?system={WARD}&code=asystole"), "version"), ["2"])
        self.assertEqual(given(self.ask("GET", f"CodeSystem/$lookup?system={WARD}&code=asystole&version=1.0"), "version"), ["1.0"])


if __name__ == "__main__":
    unittest.main()
