"""The audit names the patients whose record was read or written over FHIR, whatever was asked for."""
from fhir_client import FhirTest


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
