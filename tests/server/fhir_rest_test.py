#!/usr/bin/python3
"""FHIR R4 over HTTP (R4 3.1.0): what clients rely on of each interaction."""
import base64
import concurrent.futures
import json
import shutil
import subprocess
import tempfile
import unittest

from fhir_client import FhirTest
from ward import BINARY

PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": "4711"}], "active": True,
           "name": [{"family": "Müller", "given": ["Anna", "Maria"]}], "gender": "female", "birthDate": "1957-02"}


def fhirpath_patch(operations):
    def parts(type, path, more):
        yield {"name": "type", "valueCode": type}
        yield {"name": "path", "valueString": path}
        for name, value in more.items():
            kind, value = value if isinstance(value, tuple) else ("valueInteger" if isinstance(value, int) else "valueString", value)
            yield {"name": name, kind: value}

    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": list(parts(*one))} for one in operations]}


class Rest(FhirTest):
    def test_pages_of_a_history_are_bounded_in_bytes(self):
        for number in range(9):
            data = base64.b64encode(bytes([number]) * (9 << 19)).decode()
            answer = self.ask("PUT", "Binary/large", {"resourceType": "Binary", "id": "large", "contentType": "application/pdf", "data": data}, prefer="return=minimal")
            self.assertIn(answer.status, (200, 201), answer.text[:500])
        pages, query = [], "Binary/large/_history?_count=100"
        while query:
            answer = self.ask("GET", query)
            self.assertLess(len(answer.text), 44 << 20)
            pages.append([entry["response"]["etag"] for entry in answer.body["entry"]])
            query = answer.link("next")
        self.assertGreater(len(pages), 1)
        self.assertEqual(sum(pages, []), [f'W/"{number}"' for number in range(9, 0, -1)])

    def test_a_resource_is_created_read_updated_and_deleted_with_its_history(self):
        created = self.ask("POST", "Patient", PATIENT)
        self.assertEqual(created.status, 201)
        id = created.body["id"]
        self.assertTrue(created.headers["location"].endswith(f"/fhir/Patient/{id}/_history/1"))
        self.assertEqual(created.headers["etag"], 'W/"1"')
        self.assertEqual({**created.body, "id": None, "meta": None}, {**PATIENT, "id": None, "meta": None})

        read = self.ask("GET", f"Patient/{id}")
        self.assertEqual(read.text, created.text)
        self.assertEqual(read.body["meta"]["versionId"], "1")
        self.assertIn("last-modified", read.headers)

        updated = self.ask("PUT", f"Patient/{id}", {**PATIENT, "id": id, "active": False})
        self.assertEqual((updated.status, updated.version), (200, "2"))
        self.assertEqual(self.ask("GET", f"Patient/{id}/_history/1").body["active"], True)
        self.assertEqual(self.ask("GET", f"Patient/{id}/_history/2").body["active"], False)

        deleted = self.ask("DELETE", f"Patient/{id}")
        self.assertEqual((deleted.status, deleted.text), (204, ""))
        self.assertEqual(self.ask("DELETE", f"Patient/{id}").status, 204)
        self.assert_outcome(self.ask("GET", f"Patient/{id}"), 410, "deleted")
        self.assert_outcome(self.ask("GET", f"Patient/{id}/_history/3"), 410, "deleted")

        history = self.ask("GET", f"Patient/{id}/_history").body
        self.assertEqual(history["type"], "history")
        self.assertEqual([entry["request"]["method"] for entry in history["entry"]], ["DELETE", "PUT", "POST"])
        self.assertEqual([entry["response"]["status"] for entry in history["entry"]], ["204", "200", "201"])
        self.assertNotIn("resource", history["entry"][0])

        again = self.ask("PUT", f"Patient/{id}", {**PATIENT, "id": id})
        self.assertEqual(again.version, "4")
        self.assertEqual(self.ask("GET", f"Patient/{id}").status, 200)

    def test_an_update_of_nothing_creates_under_the_clients_id(self):
        self.assertEqual(self.ask("PUT", "Organization/ward-7", {"resourceType": "Organization", "id": "ward-7", "name": "7"}).status, 201)
        self.assertEqual(self.ask("GET", "Organization/ward-7").body["name"], "7")
        self.assert_outcome(self.ask("PUT", "Organization/ward-8", {"resourceType": "Organization", "id": "other", "name": "8"}),
                            400, "invalid", "Organization.id")
        self.assert_outcome(self.ask("PUT", "Organization/ward-8", {"resourceType": "Organization", "name": "8"}), 400, "required")
        self.assert_outcome(self.ask("PUT", "Organization/a_b", {"resourceType": "Organization", "id": "a_b", "name": "8"}), 400, "value")

    def test_json_comes_back_as_it_went_in(self):
        body = ('{"resourceType":"Observation","status":"final","code":{"text":"\\u00b5 \\"quoted\\" \\/"},'
                '"extension":[{"url":"urn:x","valueDecimal":1.00}],"_status":{"id":"s"},'
                '"valueQuantity":{"value":100.00,"unit":"mg"},"referenceRange":[{"low":{"value":-0.0},"high":{"value":1E2}}]}')
        answer = self.ask("POST", "Observation", body)
        self.assertEqual(answer.status, 201, answer.text)
        for text in ('"valueDecimal":1.00', '"value":100.00', '"value":-0.0', '"value":1E2', '"_status":{"id":"s"}', 'µ \\"quoted\\" /'):
            self.assertIn(text, answer.text)

    def test_versions_guard_against_overwriting_anothers_work(self):
        id = self.create(PATIENT)
        ok = self.ask("PUT", f"Patient/{id}", {**PATIENT, "id": id}, if_match='W/"1"')
        self.assertEqual((ok.status, ok.version), (200, "2"))
        self.assert_outcome(self.ask("PUT", f"Patient/{id}", {**PATIENT, "id": id}, if_match='W/"1"'), 412, "conflict")
        self.assert_outcome(self.ask("DELETE", f"Patient/{id}", if_match='W/"1"'), 412, "conflict")
        self.assertEqual(self.ask("GET", f"Patient/{id}", if_none_match='W/"2"').status, 304)
        modified = self.ask("GET", f"Patient/{id}").headers["last-modified"]
        self.assertEqual(self.ask("GET", f"Patient/{id}", if_modified_since=modified).status, 304)
        self.assertEqual(self.ask("GET", f"Patient/{id}", if_modified_since="Wed, 21 Oct 2015 07:28:00 GMT").status, 200)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: self.ask("PUT", f"Patient/{id}", {**PATIENT, "id": id}, if_match='W/"2"').status, range(8)))
        self.assertEqual(sorted(answers), [200] + [412] * 7)

    def test_conditional_interactions_find_their_resource_or_refuse(self):
        first = self.ask("POST", "Patient", PATIENT, if_none_exist="identifier=urn:mrn|4711")
        self.assertEqual(first.status, 201)
        second = self.ask("POST", "Patient", PATIENT, if_none_exist="identifier=urn:mrn|4711")
        self.assertEqual((second.status, second.body["id"]), (200, first.body["id"]))
        updated = self.ask("PUT", "Patient?identifier=urn:mrn|4711", {**PATIENT, "active": False})
        self.assertEqual((updated.status, updated.body["id"], updated.version), (200, first.body["id"], "2"))
        created = self.ask("PUT", "Patient?identifier=urn:mrn|4712",
                           {**PATIENT, "identifier": [{"system": "urn:mrn", "value": "4712"}]})
        self.assertEqual(created.status, 201)
        for refused in (self.ask("PUT", "Patient?gender=female", PATIENT), self.ask("DELETE", "Patient?gender=female"),
                        self.ask("POST", "Patient", PATIENT, if_none_exist="gender=female")):
            self.assert_outcome(refused, 412, "multiple-matches")
        self.assertEqual(self.ask("DELETE", "Patient?identifier=urn:mrn|4712").status, 204)
        self.assertEqual(self.ask("DELETE", "Patient?identifier=urn:mrn|4712").status, 204)
        self.assert_outcome(self.ask("DELETE", "Patient?nothing=1"), 400, "not-supported")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            same = {**PATIENT, "identifier": [{"system": "urn:mrn", "value": "race"}]}
            answers = list(pool.map(lambda _: self.ask("POST", "Patient", same, if_none_exist="identifier=race"), range(8)))
        self.assertEqual(sorted(answer.status for answer in answers), [200] * 7 + [201])
        self.assertEqual(len({answer.body["id"] for answer in answers}), 1)

    def test_of_many_writes_of_one_commit_each_stands_or_falls_alone(self):
        patched = self.create({**PATIENT, "name": [{"given": ["0"]}]})
        patch = json.dumps([{"op": "add", "path": "/name/0/given/-", "value": "Ida"}])

        def with_identifier(value):
            return {**PATIENT, "identifier": [{"system": "urn:one", "value": value}]}

        def write(i):
            if i % 4 == 0:  # its first entry could be written, its second not
                return self.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [
                    {"resource": with_identifier("wrong"), "request": {"method": "POST", "url": "Patient"}},
                    {"resource": {**PATIENT, "id": patched}, "request": {"method": "PUT", "url": f"Patient/{patched}", "ifMatch": 'W/"999"'}}]})
            if i % 4 == 1:
                return self.ask("POST", "Patient", with_identifier("same"), if_none_exist="identifier=urn:one|same")
            if i % 4 == 2:
                return self.ask("PUT", f"Patient?identifier=urn:one|{i}", with_identifier(str(i)))
            return self.ask("PATCH", f"Patient/{patched}", patch, content_type="application/json-patch+json")

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(write, range(160)))
        self.assertEqual({answer.status for answer in answers[::4]}, {412})
        self.assertEqual(self.search("Patient?identifier=urn:one|wrong").ids(), [])
        self.assertEqual({answer.body["id"] for answer in answers[1::4]}, set(self.search("Patient?identifier=urn:one|same").ids()))
        self.assertEqual(sorted(answer.status for answer in answers[1::4]), [200] * 39 + [201])
        for i in range(2, 160, 4):
            self.assertEqual(answers[i].status, 201)
            self.assertEqual(self.search(f"Patient?identifier=urn:one|{i}").ids(), [answers[i].body["id"]])
        self.assertEqual({answer.status for answer in answers[3::4]}, {200})
        self.assertEqual(self.ask("GET", f"Patient/{patched}").body["name"][0]["given"], ["0"] + ["Ida"] * 40)
        self.assertEqual(sorted(int(answer.version) for answer in answers[3::4]), list(range(2, 42)))

    def test_each_request_that_writes_is_one_line_of_the_audit_by_its_answer_and_each_write_of_a_batch(self):
        patient = self.create(PATIENT)

        def bundle(kind, count):
            return {"resourceType": "Bundle", "type": kind, "entry": [
                {"resource": PATIENT, "request": {"method": "POST", "url": "Patient"}} for _ in range(count)]}

        requests = [("POST", "Patient", PATIENT, {}, 201), ("PUT", f"Patient/{patient}", {**PATIENT, "id": patient}, {}, 200),
                    ("PUT", f"Patient/{patient}", {**PATIENT, "id": patient}, {"if_match": 'W/"9"'}, 412),
                    ("POST", "Patient", {**PATIENT, "gender": "unheard-of"}, {}, 422), ("POST", "Patient", "{", {}, 400),
                    ("POST", "", bundle("transaction", 3), {}, 200), ("POST", "", bundle("batch", 3), {}, 200, 1 + 3),
                    ("POST", "", bundle("batch", 0), {}, 200), ("DELETE", f"Patient/{patient}", None, {}, 204),
                    ("DELETE", f"Patient/{patient}", None, {}, 204)]
        for method, path, body, headers, status, *lines in requests:
            with self.subTest(f"{method} {path} {status}"):
                before = self.lines_of_audit()
                answer = self.ask(method, path, body, **headers)
                self.assertEqual((answer.status, self.lines_of_audit()), (status, before + sum(lines or [1])), answer.text[:200])

    def test_patches(self):
        id = self.create(PATIENT)
        patch = json.dumps([{"op": "test", "path": "/active", "value": True}, {"op": "replace", "path": "/active", "value": False},
                            {"op": "add", "path": "/name/0/given/-", "value": "Ida"}])
        patched = self.ask("PATCH", f"Patient/{id}", patch, content_type="application/json-patch+json")
        self.assertEqual((patched.status, patched.version), (200, "2"))
        self.assertEqual((patched.body["active"], patched.body["name"][0]["given"]), (False, ["Anna", "Maria", "Ida"]))
        self.assert_outcome(self.ask("PATCH", f"Patient/{id}", patch, content_type="application/json-patch+json"), 422, "processing")
        operations = [("add", "Patient", {"name": "maritalStatus", "value": ("valueCodeableConcept", {"text": "M"})}),
                      ("insert", "Patient.name.given", {"index": 0, "value": ("valueString", "Eva")}),
                      ("replace", "Patient.birthDate", {"value": ("valueDate", "1957-02-03")}),
                      ("move", "Patient.name.given", {"source": 3, "destination": 1}),
                      ("add", "Patient", {"name": "deceased", "value": ("valueBoolean", False)}),
                      ("delete", "Patient.identifier", {}), ("delete", "Patient.photo", {})]
        changed = self.ask("PATCH", f"Patient/{id}", fhirpath_patch(operations))
        self.assertEqual((changed.status, changed.version), (200, "3"), changed.text[:300])
        self.assertEqual(changed.body["name"][0]["given"], ["Eva", "Ida", "Anna", "Maria"])
        self.assertEqual((changed.body["birthDate"], changed.body["maritalStatus"], changed.body["deceasedBoolean"]),
                         ("1957-02-03", {"text": "M"}, False))
        self.assertNotIn("identifier", changed.body)
        for refused in (("replace", "Patient.photo", {"value": ("valueString", "x")}), ("delete", "Patient.name.given", {}),
                        ("add", "Patient", {"name": "nothing", "value": ("valueString", "x")}),
                        ("insert", "Patient.name.given", {"index": 9, "value": ("valueString", "x")})):
            self.assert_outcome(self.ask("PATCH", f"Patient/{id}", fhirpath_patch([refused])), 422, "processing")
        self.assert_outcome(self.ask("PATCH", "Patient/none", patch, content_type="application/json-patch+json"), 404, "not-found")

    def test_prefer_says_what_comes_back(self):
        self.assertEqual(self.ask("POST", "Patient", PATIENT, prefer="return=minimal").text, "")
        self.assertEqual(self.ask("POST", "Patient", PATIENT, prefer="return=representation").body["resourceType"], "Patient")
        self.assertEqual(self.ask("POST", "Patient", PATIENT, prefer="return=OperationOutcome").body["resourceType"], "OperationOutcome")
        self.assert_outcome(self.ask("GET", "Patient?nothing=1", prefer="handling=strict"), 400, "not-supported")
        lenient = self.search("Patient?nothing=1&active=true")
        self.assertEqual(len(lenient.resources("outcome")), 1)
        self.assertNotIn("nothing", lenient.link("self"))

    def test_wrong_input_is_told_where_and_what(self):
        self.assert_outcome(self.ask("POST", "Patient", '{"resourceType":"Patient",'), 400, "structure")
        self.assert_outcome(self.ask("POST", "Patient", '{"resourceType":"Patient","id":"a","id":"b"}'), 400, "structure")
        self.assert_outcome(self.ask("POST", "Patient", {"resourceType": "Observation"}), 400, "invalid", "resourceType")
        self.assert_outcome(self.ask("POST", "Nothing", {"resourceType": "Nothing"}), 404, "not-supported")
        self.assert_outcome(self.ask("GET", "Nothing/1"), 404, "not-supported")
        self.assert_outcome(self.ask("GET", "Patient/none"), 404, "not-found")
        self.assert_outcome(self.ask("GET", "Patient/$fly"), 404, "not-supported")
        self.assert_outcome(self.ask("GET", "Patient", accept="application/fhir+xml"), 406, "not-supported")
        self.assert_outcome(self.ask("POST", "Patient", "<Patient/>", content_type="application/fhir+xml"), 415, "not-supported")
        self.assert_outcome(self.ask("POST", "Patient/1", PATIENT), 405, "not-supported")

    def test_nobody_gets_in_without_a_token_but_everyone_sees_what_the_server_can(self):
        self.assert_outcome(self.ask("GET", "Patient", token="wrong"), 401, "login")
        reader = self.server_token("system/*.rs")
        self.assertEqual(self.ask("GET", "Patient", token=reader).status, 200)
        self.assert_outcome(self.ask("POST", "Patient", PATIENT, token=reader), 403, "forbidden")
        capability = self.ask("GET", "metadata", token="wrong")
        self.assertEqual((capability.status, capability.body["fhirVersion"]), (200, "4.0.1"))
        rest = capability.body["rest"][0]
        self.assertEqual(len(rest["resource"]), 146)
        observation = next(one for one in rest["resource"] if one["type"] == "Observation")
        self.assertIn("combo-code-value-quantity", [parameter["name"] for parameter in observation["searchParam"]])

    def server_token(self, scope):
        account = self.call("POST", "/api/accounts", {"username": "reader", "display_name": "R", "role": "service", "password": ""})
        self.assertTrue(account)
        return self.call("POST", "/api/accounts/reader/tokens", {"name": "t", "scopes": [scope]})["token"]


class Shared(FhirTest):
    def setUp(self):
        self.options = ("--config", self.configuration())
        super().setUp()

    def configuration(self):
        file = tempfile.NamedTemporaryFile("w", suffix=".toml")
        file.write('[fhir]\ncors_origins = "https://app.example https://other.example"\nvalidation = "off"\n')
        file.flush()
        self.addCleanup(file.close)
        return file.name

    def test_a_page_of_an_allowed_origin_may_ask_and_another_may_not(self):
        asked = self.ask("OPTIONS", "Patient", origin="https://app.example", access_control_request_method="POST")
        self.assertEqual((asked.status, asked.headers["access-control-allow-origin"]), (204, "https://app.example"))
        self.assertIn("authorization", asked.headers["access-control-allow-headers"])
        self.assertIn("etag", self.ask("GET", "Patient", origin="https://other.example").headers["access-control-expose-headers"])
        self.assertNotIn("access-control-allow-origin", self.ask("GET", "Patient", origin="https://evil.example").headers)
        self.assertNotIn("access-control-allow-origin", self.ask("GET", "Patient").headers)
        self.assertTrue(self.ask("GET", "metadata").body["rest"][0]["security"]["cors"])

    def test_what_is_not_looked_at_is_kept(self):
        self.assertEqual(self.ask("POST", "Patient", {"resourceType": "Patient", "gender": "f"}).status, 201)


class Bundles(FhirTest):
    def test_a_transaction_links_its_entries_and_is_all_or_nothing(self):
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                                                   "subject": {"reference": "urn:uuid:1"}},
             "request": {"method": "POST", "url": "Observation"}},
            {"fullUrl": "urn:uuid:1", "resource": PATIENT, "request": {"method": "POST", "url": "Patient"}},
            {"request": {"method": "GET", "url": "Observation?subject:Patient.family=muller"}},
            {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "Organization", "id": "o1", "name": "O"},
             "request": {"method": "PUT", "url": "Organization/o1"}}]}
        answer = self.ask("POST", "", bundle)
        self.assertEqual(answer.status, 200, answer.text[:500])
        self.assertEqual(answer.body["type"], "transaction-response")
        entries = answer.body["entry"]
        self.assertEqual([entry["response"]["status"] for entry in entries], ["201 Created", "201 Created", "200 OK", "201 Created"])
        patient = entries[1]["response"]["location"].split("/")[1]
        observation = entries[0]["response"]["location"].split("/")[1]
        self.assertEqual(self.ask("GET", f"Observation/{observation}").body["subject"]["reference"], f"Patient/{patient}")
        self.assertEqual([e["resource"]["id"] for e in entries[2]["resource"]["entry"]], [observation])

        bundle["entry"][3]["request"]["ifMatch"] = 'W/"7"'
        before = len(self.search("Patient").ids())
        self.assert_outcome(self.ask("POST", "", bundle), 412, "conflict", "Bundle.entry[3]")
        self.assertEqual(len(self.search("Patient").ids()), before)

    def test_a_transaction_resolves_conditional_references(self):
        patient = self.create(PATIENT)
        note = {"resourceType": "Bundle", "type": "transaction", "entry": [
            {"resource": {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                          "subject": {"reference": "Patient?identifier=urn:mrn|4711"}},
             "request": {"method": "POST", "url": "Observation"}}]}
        answer = self.ask("POST", "", note, prefer="return=representation")
        self.assertEqual(answer.body["entry"][0]["resource"]["subject"]["reference"], f"Patient/{patient}")
        note["entry"][0]["resource"]["subject"]["reference"] = "Patient?identifier=nobody"
        self.assertEqual(self.ask("POST", "", note).status, 412)

    def test_entries_of_a_batch_stand_for_themselves(self):
        answer = self.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [
            {"resource": PATIENT, "request": {"method": "POST", "url": "Patient"}},
            {"resource": {"resourceType": "Observation"}, "request": {"method": "POST", "url": "Patient"}},
            {"request": {"method": "GET", "url": "Patient/none"}},
            {"request": {"method": "DELETE", "url": "Patient/none"}},
            {"request": {"method": "GET", "url": "Patient?family=muller"}}]})
        self.assertEqual((answer.status, answer.body["type"]), (200, "batch-response"))
        entries = answer.body["entry"]
        self.assertEqual([entry["response"]["status"][:3] for entry in entries], ["201", "400", "404", "204", "200"])
        self.assertEqual(entries[1]["response"]["outcome"]["resourceType"], "OperationOutcome")
        self.assertEqual(len(entries[4]["resource"]["entry"]), 1)

    def test_what_is_no_batch_or_transaction_is_refused(self):
        self.assert_outcome(self.ask("POST", "", PATIENT), 400, "invalid", "resourceType")
        self.assert_outcome(self.ask("POST", "", {"resourceType": "Bundle", "type": "collection"}), 400, "value", "Bundle.type")
        self.assert_outcome(self.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": PATIENT}]}),
                            400, "required", "Bundle.entry[0].request")


class Restored(FhirTest):
    def test_a_restored_record_is_found_as_before(self):
        ids = [self.create({**PATIENT, "identifier": [{"value": str(number)}]}) for number in range(3)]
        self.call("POST", "/api/backup", {"folder": str(self.place / "backup")})
        self.server.stop()
        (self.place / "restored").mkdir(mode=0o700)
        shutil.copytree(self.place / "data/keys", self.place / "restored/keys")
        self.server.folder = str(self.place / "restored")
        subprocess.run([BINARY, "restore", str(self.place / "backup"), "--data", self.server.folder], check=True, capture_output=True)
        self.server.start()
        self.assertEqual(sorted(self.search("Patient?family=muller").ids()), sorted(ids))
        self.assertEqual(self.search("Patient?identifier=1&_content=anna").ids(), [ids[1]])
        self.server.stop()
        self.server.start()
        self.assertEqual(len(self.search("Patient?family=muller").ids()), 3)


class Restarted(FhirTest):
    def test_what_was_acknowledged_is_there_after_a_kill(self):
        ids = [self.create({**PATIENT, "identifier": [{"value": str(number)}]}) for number in range(20)]
        self.server.kill()
        self.server.start()
        self.assertEqual(sorted(self.search("Patient?family=muller&_count=100").ids()), sorted(ids))
        self.assertEqual(self.ask("PUT", f"Patient/{ids[0]}", {**PATIENT, "id": ids[0]}).version, "2")


if __name__ == "__main__":
    unittest.main()
