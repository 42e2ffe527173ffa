"""The audit names the patients whose record was read or written over FHIR, whatever was asked for."""
import http.client
import json

from fhir_client import FhirTest
from ward import PATIENCE_S, wait_until


class FhirAudit(FhirTest):
    def setUp(self):
        super().setUp()
        self.numbers, self.conditions, self.records = {}, {}, {}
        for name in ("ada", "ben"):
            self.records[name] = self.create({"resourceType": "Patient", "name": [{"family": name}]})
            self.numbers[name] = next(each["id"] for each in self.get("/api/patients")["patients"] if each["fhir_id"] == self.records[name])
            self.conditions[name] = self.create(self.condition(name))
        self.seen = self.newest()

    def condition(self, name):
        return {"resourceType": "Condition", "subject": {"reference": f"Patient/{self.records[name]}"}, "code": {"text": name}}

    def newest(self):
        return self.get("/api/audit?limit=1")["lines"][0]["number"]

    def named(self, method, path, body=None, status=200):
        """What the line of this request says: what was done, and to whom."""
        answer = self.ask(method, path, body)
        self.assertEqual(answer.status, status, answer.text[:300])
        lines = [line for line in self.get("/api/audit?what=fhir.&limit=10")["lines"] if line["number"] > self.seen]
        self.seen = self.newest()
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0]["permitted"])
        return lines[0]["what"], {name for name, number in self.numbers.items() if number in lines[0]["patients"]}

    def test_reads_name_whose_data_they_found(self):
        ada = self.conditions["ada"]
        self.assertEqual(self.named("GET", f"Condition/{ada}"), (f"fhir.read Condition/{ada}", {"ada"}))
        self.assertEqual(self.named("GET", f"Condition/{ada}/_history/1"), (f"fhir.vread Condition/{ada}/_history/1", {"ada"}))
        self.assertEqual(self.named("GET", "Condition"), ("fhir.search Condition", {"ada", "ben"}))
        self.assertEqual(self.named("GET", "Condition?_summary=count")[1], set(), "a number is nobody's data")
        self.assertEqual(self.named("GET", f"Patient/{self.records['ben']}/$everything")[1], {"ben"})
        self.assertEqual(self.named("GET", "Condition/none", status=404), ("fhir.read Condition/none: 404", set()))
        self.assertEqual(self.named("GET", "Condition?code=x&subject:Patient.family=ada&_count=3")[0],
                         "fhir.search Condition?code=x&subject:Patient.family=***&_count=3")

    def test_writes_name_whose_data_they_changed(self):
        ada, ben = self.conditions["ada"], self.conditions["ben"]
        what, whose = self.named("POST", "Condition", self.condition("ben"), 201)
        self.assertRegex(what, r"^fhir.create Condition/[^/]+/_history/1$")
        self.assertEqual(whose, {"ben"})
        self.assertEqual(self.named("PUT", f"Condition/{ada}", self.condition("ada") | {"id": ada}),
                         (f"fhir.update Condition/{ada}/_history/2", {"ada"}))
        self.assertEqual(self.named("DELETE", f"Condition/{ben}", status=204), (f"fhir.delete Condition/{ben}/_history/2", {"ben"}))
        both = {"resourceType": "Bundle", "type": "transaction", "entry": [
            {"resource": self.condition(name), "request": {"method": "POST", "url": "Condition"}} for name in self.numbers]}
        self.assertEqual(self.named("POST", "", both)[1], {"ada", "ben"})

    def lines_since(self):
        """What was done and to whom, line by line, the oldest first."""
        lines = [line for line in self.get("/api/audit?what=fhir.&limit=50")["lines"] if line["number"] > self.seen]
        return [(line["what"], {name for name, number in self.numbers.items() if number in line["patients"]}) for line in reversed(lines)]

    def test_a_batch_names_whom_each_write_changed_and_whom_the_reads_showed(self):
        ada, ben = self.conditions["ada"], self.conditions["ben"]
        entries = [{"request": {"method": "GET", "url": f"Condition/{ben}"}},
                   {"request": {"method": "PUT", "url": f"Condition/{ada}"}, "resource": self.condition("ada") | {"id": ada}},
                   {"request": {"method": "DELETE", "url": "Condition/none/too/far"}}]
        answer = self.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})
        self.assertEqual([entry["response"]["status"][:3] for entry in answer.body["entry"]][:2], ["200", "200"], answer.text)
        self.assertEqual(self.lines_since(), [("fhir.bundle", set()), (f"fhir.update Condition/{ada}/_history/2", {"ada"}), ("fhir.bundle", {"ben"})])

    def test_a_batch_names_whom_its_operations_showed(self):
        entries = [{"request": {"method": "GET", "url": f"Patient/{self.records[name]}/$everything"}} for name in ("ada", "ben")]
        self.assertEqual(self.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries}).status, 200)
        self.assertEqual(self.lines_since(), [("fhir.bundle", set()), ("fhir.bundle", {"ada", "ben"})])

    def of_bulk(self, method, path, body, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        connection.request(method, "/fhir/" + path, body, {"authorization": f"Bearer {self.token}", **headers})
        answer = connection.getresponse()
        text, location = answer.read().decode(), answer.headers["content-location"]
        connection.close()
        return answer.status, location, text

    def test_an_export_names_whose_data_went_out(self):
        status, location, _ = self.of_bulk("GET", "Patient/$export?_type=Condition", None, prefer="respond-async")
        self.assertEqual(status, 202)
        wait_until("the export", lambda: self.of_bulk("GET", location.split("/fhir/")[1], None)[0] == 200)
        end = wait_until("its end on record", lambda: [line for line in self.lines_since() if line[0].startswith("fhir.export.end")])
        self.assertEqual(end, [("fhir.export.end: complete, 2 resources", {"ada", "ben"})])

    def test_an_import_names_whose_data_it_brought_in_the_commit_that_keeps_it(self):
        brought = json.dumps(self.condition("ben") | {"id": "brought"}) + "\n"
        status, _, text = self.of_bulk("POST", "$import", brought, **{"content-type": "application/fhir+ndjson"})
        self.assertEqual(status, 200, text)
        said = wait_until("its end on record", lambda: self.lines_since() if any(".end" in line[0] for line in self.lines_since()) else None)
        self.assertIn(("fhir.import", {"ben"}), said)

    def test_patients_see_who_looked_at_theirs(self):
        self.post("/api/accounts", {"username": "pat", "role": "patient", "password": "a long enough password"})
        token = self.post("/api/accounts/pat/tokens", {"name": "phone", "scopes": ["user/*.rs"]})["token"]
        self.post(f"/api/patients/{self.numbers['ada']}/relations", {"account": "pat", "kind": "self"})
        self.ask("GET", f"Condition/{self.conditions['ada']}")
        self.ask("GET", f"Condition/{self.conditions['ben']}")
        mine = self.call("GET", f"/api/patients/{self.numbers['ada']}/accesses", token=token)["lines"]
        what = f"fhir.read Condition/{self.conditions['ada']}"
        read = next(line for line in mine if line["what"] == what)
        self.assertEqual((read["who"], read["role"], read["act"]), ("admin", "administrator", "read"))
        self.assertNotIn("from", read)
        self.assertEqual(sum(line["what"].startswith("fhir.read Condition") for line in mine), 1)
        self.ask("GET", f"Condition?subject=Patient/{self.records['ada']},Patient/{self.records['ben']}")
        mine = self.call("GET", f"/api/patients/{self.numbers['ada']}/accesses?limit=1", token=token)["lines"]
        self.assertEqual(mine[0]["what"], "fhir.search Condition", "whom else it was about is not theirs to know")
