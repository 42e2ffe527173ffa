"""The audit as FHIR AuditEvents (IHE BALP 1.1): what each thing of a day looks like, who sees it, and that nobody changes it."""
import base64
import json
import urllib.error
import urllib.request

from fhir_client import FhirTest
from ward import wait_until

PASSWORD = "a long enough password"
BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
DCM = "http://dicom.nema.org/resources/ontology/DCM"
SCOPES = ["system/*.cruds", "vigil/administer"]


def codes(concepts):
    return [coding["code"] for concept in concepts for coding in concept["coding"]]


def agent(event, code):
    """The participant of that type."""
    return next(each for each in event["agent"] if code in codes([each["type"]]))


class AuditEvents(FhirTest):
    def setUp(self):
        super().setUp()
        self.tokens, self.records, self.conditions = {}, {}, {}
        self.numbers = {unit: self.post("/api/patients", {"display_name": f"Test {unit}", "unit": unit, "bed": "01"})["id"]
                        for unit in ("ICU 1", "Ward 2")}
        for name, role, units in (("nia", "nurse", ["ICU 1"]), ("olga", "auditor", []), ("pat", "patient", []),
                                  ("cara", "caregiver", []), ("rex", "researcher", [])):
            self.post("/api/accounts", {"username": name, "role": role, "units": units, "password": PASSWORD,
                                        "display_name": f"{name.title()} Example"})
            self.tokens[name] = self.post(f"/api/accounts/{name}/tokens", {"name": f"{name}'s \"<phone>\"", "scopes": SCOPES})["token"]
        for name, kind in (("pat", "self"), ("cara", "caregiver")):
            self.post(f"/api/patients/{self.numbers['ICU 1']}/relations", {"account": name, "kind": kind})
        for unit, number in self.numbers.items():
            self.records[unit] = wait_until("the patient's record", lambda n=number: self.get(f"/api/patients/{n}")["patient"]["fhir_id"])
            self.conditions[unit] = self.create(self.condition(unit))
        self.near, self.far = self.records["ICU 1"], self.records["Ward 2"]

    def condition(self, unit):
        return {"resourceType": "Condition", "subject": {"reference": f"Patient/{self.records[unit]}"}, "code": {"text": "x"}}

    def as_(self, name, method, path, body=None, **headers):
        return self.ask(method, path, body, self.tokens[name], **headers)

    def events(self, query="", who="olga"):
        answer = self.as_(who, "GET", "AuditEvent" + (f"?{query}" if query else ""))
        self.assertEqual(answer.status, 200, answer.text[:500])
        return answer.resources()

    def newest(self, query):
        found = self.events(query)
        self.assertTrue(found, query)
        return found[0]

    def profile(self, event):
        named = event.get("meta", {}).get("profile", [])
        self.assertTrue(all(each.startswith(BALP) for each in named))
        return [each.removeprefix(BALP) for each in named]

    def sign_in(self, name, password):
        request = urllib.request.Request(self.server.url("/api/session"), method="POST", headers={"content-type": "application/json"},
                                         data=json.dumps({"username": name, "password": password}).encode())
        try:
            with urllib.request.urlopen(request) as answer:
                return {"cookie": answer.headers["set-cookie"].split(";")[0], "x-vigil-csrf": json.load(answer)["csrf"]}
        except urllib.error.HTTPError as refused:
            refused.close()
            return None

    # --- a day

    def test_a_read_names_the_nurse_the_patient_the_resource_and_the_purpose(self):
        condition = self.conditions["ICU 1"]
        self.assertEqual(self.as_("nia", "GET", f"Condition/{condition}").status, 200)
        event = self.newest(f"entity=Condition/{condition}&altid=nia")
        self.assertEqual((event["type"]["code"], event["subtype"][0]["code"], event["action"], event["outcome"]), ("rest", "read", "R", "0"))
        self.assertEqual(self.profile(event), ["PatientRead"])
        self.assertEqual(codes(event["purposeOfEvent"]), ["TREAT"])
        self.assertEqual(agent(event, "110152")["network"], {"address": "127.0.0.1", "type": "2"})
        nurse = agent(event, "IRCP")
        self.assertEqual((nurse["altId"], nurse["name"], nurse["requestor"], nurse["role"][0]["text"]), ("nia", "Nia Example", True, "nurse"))
        self.assertEqual(agent(event, "110153")["who"], event["source"]["observer"])
        self.assertEqual([entity["what"]["reference"] for entity in event["entity"]], [f"Patient/{self.near}", f"Condition/{condition}"])

    def test_what_is_written_names_the_version(self):
        condition = self.conditions["ICU 1"]
        self.assertEqual(self.as_("nia", "PUT", f"Condition/{condition}", self.condition("ICU 1") | {"id": condition}).status, 200)
        event = self.newest("altid=nia&subtype=update")
        self.assertEqual(self.profile(event), ["PatientUpdate"])
        self.assertEqual(event["entity"][1]["what"]["reference"], f"Condition/{condition}/_history/2")
        made = self.as_("nia", "POST", "Condition", self.condition("ICU 1")).body["id"]
        event = self.newest("altid=nia&action=C")
        self.assertEqual((self.profile(event), event["entity"][1]["what"]["reference"]), (["PatientCreate"], f"Condition/{made}/_history/1"))
        self.assertEqual(codes([agent(event, "AUT")["type"]]), ["AUT"])
        self.assertEqual(self.as_("nia", "DELETE", f"Condition/{made}").status, 204)
        event = self.newest("altid=nia&action=D")
        self.assertEqual((self.profile(event), codes([event["agent"][0]["type"]])), (["PatientDelete"], ["110150"]))

    def test_a_write_that_was_refused_claims_nothing(self):
        condition = self.conditions["ICU 1"]
        refused = self.as_("nia", "PUT", f"Condition/{condition}", self.condition("ICU 1") | {"id": condition}, if_match='W/"9"')
        self.assertEqual(refused.status, 412)
        event = self.newest("altid=nia&subtype=update")
        self.assertEqual((event["outcome"], event["outcomeDesc"], self.profile(event)), ("4", "answered with HTTP status 412", []))

    def test_a_search_has_its_query_without_what_says_who_somebody_is(self):
        self.as_("nia", "GET", f"Condition?subject=Patient/{self.near}&_count=5")
        event = self.newest("altid=nia&subtype=search-type")
        self.assertEqual(self.profile(event), ["PatientQuery"])
        query = next(entity for entity in event["entity"] if entity.get("role", {}).get("code") == "24")
        self.assertEqual(base64.b64decode(query["query"]).decode().split("/fhir/")[1], f"Condition?subject=Patient/{self.near}&_count=5")
        self.as_("nia", "GET", "Patient?family=Secret&identifier=MRN-99&_count=5")
        event = self.newest("altid=nia&subtype=search-type")
        self.assertEqual(self.profile(event), [], "the query is not whole")
        self.assertNotIn("Secret", json.dumps(event))
        self.assertNotIn("MRN-99", json.dumps(event))
        self.assertIn("Patient?family=***&identifier=***&_count=5", json.dumps(event))

    def test_a_denial_says_why(self):
        self.assertEqual(self.as_("nia", "GET", f"Patient/{self.far}").status, 403)
        event = self.newest("outcome=8&altid=nia")
        self.assertEqual(event["outcomeDesc"], "this patient is not in your care")
        self.assertEqual(event["entity"][0]["what"]["reference"], f"Patient/{self.far}")
        self.assertEqual(self.profile(event), [])

    def test_broken_glass_is_an_alert_and_the_purpose_of_what_follows(self):
        session = self.sign_in("nia", PASSWORD)
        number = self.numbers["Ward 2"]
        self.break_glass(session, number)
        event = self.newest(f"patient=Patient/{self.far}&subtype={DCM}|110127")
        self.assertEqual((event["type"]["code"], codes(event["purposeOfEvent"])), ("110113", ["BTG"]))
        self.assertEqual(self.as_("nia", "GET", f"Patient/{self.far}").status, 200)
        event = self.newest(f"patient=Patient/{self.far}&subtype=read&altid=nia")
        self.assertEqual((codes(event["purposeOfEvent"]), self.profile(event)), (["BTG"], ["PatientRead"]))

    def break_glass(self, session, number):
        request = urllib.request.Request(self.server.url(f"/api/patients/{number}/emergency-access"), method="POST",
                                         headers=session | {"content-type": "application/json"},
                                         data=json.dumps({"reason": "collapsed", "password": PASSWORD, "minutes": 60}).encode())
        urllib.request.urlopen(request).close()

    def test_sign_ins_exports_and_the_rest_of_a_day(self):
        self.assertIsNone(self.sign_in("nia", "a wrong password"))
        event = self.newest("type=110114&outcome=8")
        self.assertEqual((event["subtype"][0]["code"], event["entity"][0]["name"]), ("110122", "sign-in nia"))
        self.assertTrue(event["outcomeDesc"])
        self.sign_in("nia", PASSWORD)
        self.assertEqual(self.newest("type=110114&outcome=0&subtype=110122")["agent"][-1]["altId"], "nia")
        self.assertEqual(self.ask("GET", "$export", prefer="respond-async").status, 202)
        event = self.newest("type=110106&altid=admin")
        self.assertEqual((event["action"], event["subtype"][0]["code"], self.profile(event)), ("R", "disclose", []))
        self.get(f"/api/patients/{self.numbers['ICU 1']}/everything")
        # The export, which ends whenever it ends, has a line that names this patient too.
        (event,) = [each for each in self.events(f"type=110106&patient=Patient/{self.near}")
                    if "patient everything" in json.dumps(each)]
        self.assertEqual(self.profile(event), ["PrivacyDisclosure.Source"])
        self.get(f"/api/series?patient={self.numbers['ICU 1']}")
        self.assertEqual(self.newest(f"type=110110&patient=Patient/{self.near}")["action"], "R")
        self.post("/api/accounts/nia/tokens", {"name": "again", "scopes": SCOPES})
        self.assertEqual(self.newest("subtype=ITI-71")["type"]["code"], "110114")

    def test_every_event_of_it_is_valid(self):
        self.as_("nia", "GET", f"Patient/{self.far}")
        self.as_("nia", "GET", "Condition?code=x")
        self.sign_in("nobody", "a wrong password")
        events = self.events("_count=200")
        self.assertGreater(len(events), 20)
        for event in events:
            checked = self.ask("POST", "AuditEvent/$validate", event)
            wrong = [issue for issue in checked.body["issue"] if issue["severity"] in ("error", "fatal")]
            self.assertEqual(wrong, [], json.dumps(event))

    # --- reading

    def test_events_come_newest_first_a_page_at_a_time_under_ids_that_stay(self):
        numbers, url = [], "AuditEvent?_count=7"
        while url:
            page = self.as_("olga", "GET", url)
            self.assertLessEqual(len(page.ids()), 7)
            numbers += [int(each.removeprefix("a")) for each in page.ids()]
            url = page.link("next")
        self.assertEqual(numbers, sorted(numbers, reverse=True))
        self.assertEqual(numbers, list(range(numbers[0], 0, -1)), "no line is left out")
        one = self.as_("olga", "GET", f"AuditEvent/a{numbers[3]}")
        self.assertEqual((one.status, one.body["id"], one.version), (200, f"a{numbers[3]}", "1"))
        self.assertEqual(self.as_("olga", "GET", f"AuditEvent/a{numbers[3]}/_history/1").body, one.body)
        self.assertEqual(self.as_("olga", "GET", "AuditEvent/a999999").status, 404)
        line = next(each for each in self.get("/api/audit?limit=1000")["lines"] if each["number"] == numbers[3])
        self.assertEqual(one.body["recorded"][:19], line["time"][:19])

    def test_searches_are_by_time_and_by_all_that_a_line_knows(self):
        self.as_("nia", "GET", f"Condition/{self.conditions['ICU 1']}")
        event = self.newest("altid=nia&subtype=read")
        for query in (f"_id={event['id']}", f"date={event['recorded']}&altid=nia", f"date=ge{event['recorded']}&altid=nia", "agent-name=nia",
                      "address=127.0.0.1&altid=nia", f"_lastUpdated=ge{event['recorded']}&altid=nia",
                      f"entity=Condition/{self.conditions['ICU 1']}", "entity-type=1&altid=nia&action=R", "agent-role=nurse",
                      "altid=nia&subtype=read&_sort=-date"):
            self.assertIn(event["id"], [each["id"] for each in self.events(query)], query)
        for query in (f"patient.name=Test&_id={event['id']}", f"_id={event['id']}&_include=AuditEvent:patient"):
            found = self.ask("GET", f"AuditEvent?{query}")
            self.assertEqual(found.ids(), [event["id"]], query)
        self.assertEqual(found.ids("include"), [self.near])
        self.assertEqual(self.events("date=lt2020-01-01"), [])
        self.assertEqual(self.events("patient=Patient/nobody"), [])
        together = self.as_("olga", "GET", f"AuditEvent?_id={event['id']}&_elements=recorded")
        self.assertNotIn("entity", together.resources()[0])

    def test_what_cannot_be_answered_is_refused(self):
        for query, code in (("_sort=date", "structure"), ("_summary=count", "too-costly"), ("_total=accurate", "too-costly")):
            self.assert_outcome(self.as_("olga", "GET", f"AuditEvent?{query}"), 400, code)
        self.assert_outcome(self.as_("olga", "GET", "AuditEvent?colour=red", prefer="handling=strict"), 400, "not-supported")

    def test_a_patient_sees_what_names_them_as_their_list_of_accesses_tells_it(self):
        self.as_("nia", "GET", f"Condition?subject=Patient/{self.near},Patient/{self.far}")
        self.ask("GET", f"Condition/{self.conditions['Ward 2']}")
        for who in ("pat", "cara", "nia"):
            events = self.events(f"patient=Patient/{self.near}&_count=500", who)
            told = self.call("GET", f"/api/patients/{self.numbers['ICU 1']}/accesses?limit=1000", token=self.tokens[who])["lines"]
            listed = {f"a{line['number']}" for line in told}
            self.assertLessEqual({event["id"] for event in events}, listed)
            self.assertGreaterEqual(len(events), len(listed) - 2, "but for these looks themselves")
            text = json.dumps(events)
            self.assertNotIn("127.0.0.1", text.replace(self.server.addresses["http"], ""))
            self.assertNotIn(self.far, text)
            self.assertIn("Nia Example", text)
        for who, query, status in (("pat", "", 403), ("pat", f"?patient=Patient/{self.far}", 403), ("nia", f"?patient=Patient/{self.far}", 403),
                                   ("nia", "", 403), ("rex", f"?patient=Patient/{self.near}", 403), ("rex", "", 403), ("pat", f"/{events[0]['id']}", 403)):
            self.assertEqual(self.as_(who, "GET", "AuditEvent" + query).status, status, (who, query))

    def test_reading_the_audit_is_an_event_itself(self):
        self.events("outcome=8")
        event = self.newest("altid=olga&subtype=search-type")
        self.assertIn("AuditEvent?outcome=8", json.dumps(event))

    # --- nobody changes it

    def test_nobody_writes_an_event_of_the_server_and_what_others_record_stands_beside(self):
        event = self.newest("altid=admin")
        path = f"AuditEvent/{event['id']}"
        for method, body in (("PUT", event), ("DELETE", None)):
            refused = self.ask(method, path, body)
            self.assert_outcome(refused, 405, "not-supported")
            self.assertIn("line of this server's audit", refused.text)
        self.assertEqual(self.ask("PATCH", path, [{"op": "replace", "path": "/outcome", "value": "0"}],
                                  content_type="application/json-patch+json").status, 405)
        both = {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": event, "request": {"method": "PUT", "url": path}}]}
        self.assertEqual(self.ask("POST", "", both).status, 405)
        self.assertEqual(self.as_("olga", "DELETE", path).status, 403)
        self.assertEqual(self.ask("PUT", "AuditEvent/a99999999", event | {"id": "a99999999"}).status, 405, "nor is one put before its time")
        self.assertEqual(self.as_("olga", "GET", path).body["outcome"], event["outcome"])

        own = {key: value for key, value in event.items() if key not in ("id", "meta")} | {"recorded": "2026-01-02T03:04:05Z"}
        posted = self.create(own)
        found = self.ask("GET", "AuditEvent?_count=500")
        while found.link("next"):
            found = self.ask("GET", found.link("next"))
        self.assertEqual(found.ids()[-1], posted, "the oldest")
        self.assertEqual(self.ask("DELETE", f"AuditEvent/{posted}").status, 204)

    def test_the_capability_statement_says_so(self):
        resources = self.ask("GET", "metadata").body["rest"][0]["resource"]
        events = next(each for each in resources if each["type"] == "AuditEvent")
        self.assertIn(BALP + "PatientRead", events["supportedProfile"])
        self.assertIn("audit", events["documentation"])

