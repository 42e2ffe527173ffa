"""What patients agreed to and did not, and what is sensitive, holds on every way to their data."""
import json

from browser import Browser
from fhir_client import FhirTest
from ward import Client, Refused, wait_until
from websocket import WebSocket

PASSWORD = "a long enough password"
TYPES = "http://hl7.org/fhir/resource-types"
LOINC = "http://loinc.org"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"


class ConsentTest(FhirTest):
    config = '[[topic]]\naccount = "hub"\nfilter = "vigil/#"\nallow = ["subscribe"]\n'

    def setUp(self):
        super().setUp()
        self.records, self.numbers, self.made = {}, {}, {}
        for name in ("ada", "ben"):
            self.records[name] = self.create({"resourceType": "Patient", "name": [{"family": name}]})
            self.numbers[name] = next(each["id"] for each in self.get("/api/patients")["patients"] if each["fhir_id"] == self.records[name])
            encounter = self.create({"resourceType": "Encounter", "status": "finished", "subject": self.of(name),
                                     "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}})
            self.made[name] = {
                "Encounter": encounter,
                "Condition": self.create({"resourceType": "Condition", "subject": self.of(name), "code": {"coding": [{"system": "urn:x", "code": "flu"}]},
                                          "encounter": {"reference": f"Encounter/{encounter}"}}),
                "AllergyIntolerance": self.create({"resourceType": "AllergyIntolerance", "patient": self.of(name), "clinicalStatus": {"coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]}})}
        self.people = {}
        for name, role, more in (("bo", "clinician", {"fhir_user": "Practitioner/bo"}), ("cleo", "clinician", {}), ("hub", "service", {})):
            self.post("/api/accounts", {"username": name, "role": role, "password": "" if role == "service" else PASSWORD} | more)
            self.people[name] = self.post(f"/api/accounts/{name}/tokens", {"name": "test", "scopes": ["system/*.cruds"]})["token"]

    def of(self, name):
        return {"reference": f"Patient/{self.records[name]}"}

    def consent(self, provision, name="ada", **more):
        return self.create({"resourceType": "Consent", "status": "active", "patient": self.of(name), "policyRule": {"text": "the site's"},
                            "scope": {"coding": [{"system": SCOPE, "code": "patient-privacy"}]},
                            "category": [{"coding": [{"system": LOINC, "code": "59284-0"}]}], "provision": provision} | more)

    def found(self, who, query, **headers):
        answer = self.ask("GET", query, token=self.people[who], **headers)
        self.assertEqual(answer.status, 200, answer.text[:500])
        return answer

    def status(self, who, path, method="GET", body=None, **headers):
        return self.ask(method, path, body, token=self.people[who], **headers).status

    def assert_refused(self, status, who, method, path, body=None):
        with self.assertRaises(Refused) as told:
            self.call(method, path, body, self.people[who])
        self.assertEqual(told.exception.status, status, told.exception)
        return told.exception.error["message"]


class OfEverything(ConsentTest):
    def setUp(self):
        super().setUp()
        self.consent({"type": "deny", "provision": [{"type": "permit", "actor": [{"role": {"text": "doctor"}, "reference": {"reference": "Practitioner/bo"}}]}]})

    def test_who_is_denied_finds_nobody_and_who_is_excepted_all(self):
        for who, seen in (("cleo", 0), ("bo", 1), ("hub", 0)):
            for kind, number in self.made["ada"].items():
                self.assertEqual(self.status(who, f"{kind}/{number}"), 200 if seen else 404, (who, kind))
            self.assertEqual(self.found(who, "Condition?_summary=count").body["total"], 1 + seen, who)
            self.assertEqual(len(self.found(who, "Condition").ids()), 1 + seen)
            self.assertEqual(len(self.found(who, "Patient?_has:Condition:patient:code=urn:x|flu").ids()), 1 + seen)
            self.assertEqual(len(self.found(who, "Condition?subject:Patient.family=ada").ids()), seen)
            self.assertEqual(len(self.found(who, "Encounter?_revinclude=Condition:encounter").ids("include")), 1 + seen)
            self.assertEqual(self.status(who, f"Patient/{self.records['ada']}/$everything"), 200 if seen else 403)
            self.assertEqual(len([each for each in self.found(who, "Condition/_history").body["entry"]]), 1 + seen)

    def test_it_holds_for_readings_lists_and_writing(self):
        self.assertIn("Consent/", self.assert_refused(403, "cleo", "GET", f"/api/patients/{self.numbers['ada']}"))
        self.assert_refused(403, "cleo", "GET", f"/api/series?patient={self.numbers['ada']}")
        self.assertEqual([each["id"] for each in self.call("GET", "/api/patients", token=self.people["cleo"])["patients"]], [self.numbers["ben"]])
        self.assertEqual(len(self.call("GET", "/api/patients", token=self.people["bo"])["patients"]), 2)
        condition = {"resourceType": "Condition", "subject": self.of("ada"), "code": {"text": "new"}}
        self.assertEqual(self.status("cleo", "Condition", "POST", condition), 403)
        number = self.made["ada"]["Condition"]
        self.assertEqual(self.status("cleo", f"Condition/{number}", "PUT", condition | {"id": number}), 403)
        self.assertEqual(self.status("bo", "Condition", "POST", condition), 201)
        denied = self.get("/api/audit?who=cleo&outcome=denied")["lines"]
        self.assertTrue(all("Consent/" in line["reason"] for line in denied if line["what"] == "patient"), "why is on record")

    def test_it_is_in_force_as_soon_as_it_is_answered_and_as_long_as_it_stands(self):
        path = f"Condition/{self.made['ben']['Condition']}"
        self.assertEqual(self.status("cleo", path), 200)
        consent = self.consent({"type": "deny"}, "ben")
        self.assertEqual(self.status("cleo", path), 404)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.status("cleo", path), 404, "also after a restart")
        kept = self.ask("GET", f"Consent/{consent}").body
        self.assertEqual(self.ask("PUT", f"Consent/{consent}", kept | {"status": "inactive"}).status, 200)
        self.assertEqual(self.status("cleo", path), 200)
        self.assertEqual(self.ask("PUT", f"Consent/{consent}", kept).status, 200)
        self.assertEqual(self.status("cleo", path), 404)
        self.assertEqual(self.ask("DELETE", f"Consent/{consent}").status, 204)
        self.assertEqual(self.status("cleo", path), 200)

    def test_an_emergency_opens_what_is_not_denied_to_emergencies(self):
        cleo = Browser(self.server)
        cleo.sign_in("cleo", PASSWORD)
        path = f"/fhir/Condition/{self.made['ada']['Condition']}"
        self.assertEqual(cleo.ask("GET", path)[0], 404)
        status, said = cleo.ask("POST", f"/api/patients/{self.numbers['ada']}/emergency-access", {"reason": "collapsed", "password": PASSWORD, "minutes": 10})
        self.assertEqual(status, 201, said)
        self.assertEqual(cleo.ask("GET", path)[0], 200)
        line = next(line for line in self.get("/api/audit?who=cleo&what=fhir.read")["lines"] if self.numbers["ada"] in line["patients"])
        self.assertEqual(line["purpose"], "emergency")
        self.consent({"type": "permit", "provision": [{"type": "deny", "purpose": [{"system": REASON, "code": "BTG"}]}]})
        self.assertEqual(cleo.ask("GET", path)[0], 404)

    def test_exports_leave_them_out(self):
        answer = self.ask("GET", "Condition?_count=100", token=self.people["hub"])
        self.assertEqual(len(answer.ids()), 1)
        started = self.ask("GET", "$export?_type=Condition,Patient", token=self.people["hub"], prefer="respond-async", accept="application/fhir+json")
        self.assertEqual(started.status, 202, started.text)
        where = started.headers["content-location"]
        manifest = []

        def is_done():
            answer = self.ask("GET", where, token=self.people["hub"])
            manifest[:] = [answer.body] if answer.status == 200 else []
            return answer.status == 200
        wait_until("the export is done", is_done)
        self.assertEqual({each["type"]: each["count"] for each in manifest[0]["output"]}, {"Condition": 1, "Patient": 1})

    def test_the_live_stream_refuses_and_ends_with_the_consent(self):
        stream = WebSocket(self.server, "/api/live", authorization=f"Bearer {self.people['cleo']}")
        both = [self.numbers["ada"], self.numbers["ben"]]
        stream.send({"type": "subscribe", "patients": both, "metrics": "all", "waveforms": False})
        self.assertEqual(self.snapshot(stream), ([self.numbers["ben"]], [self.numbers["ada"]]))
        self.consent({"type": "deny"}, "ben")
        while (frame := json.loads(stream.text()))["type"] != "error":
            self.assertNotEqual(frame["type"], "readings")
        stream.close()

    def snapshot(self, stream):
        """Whom it shows and whom it refuses."""
        shown = []
        while True:
            frame = json.loads(stream.text())
            if frame["type"] == "snapshot":
                shown += [each["patient"] for each in frame["patients"]]
                if frame["last"]:
                    return shown, frame["refused"]


class OfWhatIsPassedOn(ConsentTest):
    def test_it_holds_for_subscribers_of_the_broker(self):
        devices = {name: Client(self.server, f"of-{name}", self.add_device(f"of-{name}", self.numbers[name])).connect() for name in ("ada", "ben")}
        hub = Client(self.server, "hub", self.people["hub"]).connect()
        hub.subscribe("vigil/#")
        consent = self.consent({"type": "deny"})
        for name, device in devices.items():
            device.publish(f"vigil/of-{name}/telemetry", {"heart_rate": 61})
        self.assertEqual(hub.receive(1) and [message.topic for message in hub.messages], ["vigil/of-ben/telemetry"])
        self.assertEqual(self.ask("DELETE", f"Consent/{consent}").status, 204)
        devices["ada"].publish("vigil/of-ada/telemetry", {"heart_rate": 62})
        self.assertEqual([json.loads(payload)["heart_rate"] for payload in hub.receive(2)], [61, 62], "what was withheld does not come later")
        for each in (*devices.values(), hub):
            each.close()


class OfParts(ConsentTest):
    def test_a_class_and_a_code_are_withheld_and_the_rest_is_seen(self):
        consent = self.consent({"type": "permit", "provision": [{"type": "deny", "class": [{"system": TYPES, "code": "AllergyIntolerance"}]},
                                                      {"type": "deny", "code": [{"coding": [{"system": "urn:x", "code": "flu"}]}]}]})
        for kind, status in (("AllergyIntolerance", 404), ("Condition", 404), ("Encounter", 200)):
            self.assertEqual(self.status("bo", f"{kind}/{self.made['ada'][kind]}"), status, kind)
            self.assertEqual(self.status("bo", f"{kind}/{self.made['ben'][kind]}"), 200)
        everything = self.found("bo", f"Patient/{self.records['ada']}/$everything")
        self.assertEqual({each["resource"]["resourceType"] for each in everything.body["entry"]} & set(self.made["ada"]), {"Encounter"})
        number = self.made["ada"]["Condition"]
        self.assertEqual(self.ask("GET", f"Condition/{number}").status, 404, "nor by an administrator")
        self.assertEqual(self.status("bo", f"Condition/{number}", "DELETE"), 204, "as of one that is not there")
        self.assertEqual(self.status("bo", f"Condition/{number}", "PUT", {"resourceType": "Condition", "id": number, "subject": self.of("ada")}), 403)
        self.assertEqual(self.ask("DELETE", f"Consent/{consent}").status, 204)
        kept = self.ask("GET", f"Condition/{number}")
        self.assertEqual((kept.status, kept.version), (200, "1"), "nobody changed it")

    def test_readings_of_a_metric_are_withheld_and_others_seen(self):
        patient, record = self.numbers["ada"], self.records["ada"]
        client = Client(self.server, "probe", self.add_device("probe", patient)).connect()
        client.publish("vigil/probe/telemetry", {"heart_rate": 71, "spo2": 97})
        stream = WebSocket(self.server, "/api/live", authorization=f"Bearer {self.people['bo']}")
        stream.send({"type": "subscribe", "patients": [patient], "metrics": "all", "waveforms": False})

        def views(code):
            return self.found("bo", f"Observation?patient={record}&code={LOINC}|{code}").ids()

        def readings(metric):
            text = self.call("GET", f"/api/series/raw?patient={patient}&metric={metric}&format=ndjson", token=self.people["bo"])
            return [json.loads(line) for line in text.splitlines()]

        def values(metric):
            return [each["value"] for each in readings(metric)]

        view, shown = views("8867-4")[0], readings("spo2")[0]
        message = f"/api/messages?device=probe&metric=spo2&at={shown['filed_time']}"
        self.call("GET", message, token=self.people["bo"])
        self.assertEqual((values("heart_rate"), values("spo2")), (["71"], ["97"]))
        self.consent({"type": "permit", "provision": [{"type": "deny", "code": [{"coding": [{"system": LOINC, "code": "8867-4"}]}]}]})
        self.assertEqual((views("8867-4"), values("heart_rate"), values("spo2")), ([], [], ["97"]))
        self.assertEqual(self.status("bo", f"Observation/{view}"), 404)
        self.assertEqual(self.found("bo", f"Observation?patient={record}&_summary=count").body["total"], 1)
        series = self.call("GET", f"/api/series?patient={patient}", token=self.people["bo"])["series"]
        self.assertEqual({each["metric"] for each in series}, {"spo2"})
        with self.assertRaises(Refused) as told:
            self.call("GET", message, token=self.people["bo"])
        self.assertEqual(told.exception.status, 404, "a message holds what is withheld too")
        latest = self.call("GET", f"/api/series/latest?patient={patient}", token=self.people["bo"])
        self.assertNotIn("heart_rate", json.dumps(latest))
        client.publish("vigil/probe/telemetry", {"heart_rate": 72, "spo2": 96})
        streamed = ""
        while '"value":"96"' not in streamed:
            streamed = stream.text()
        self.assertNotIn("heart_rate", streamed)
        self.assertEqual(self.values(patient, "heart_rate"), [], "from the administrator too: nobody is excepted")
        stream.close()
        client.close()

    def test_what_cannot_be_held_to_is_not_kept_as_if_it_were(self):
        organization = self.create({"resourceType": "Organization", "name": "Elsewhere"})
        provision = {"type": "deny", "actor": [{"role": {"text": "them"}, "reference": {"reference": f"Organization/{organization}"}}]}
        consent = {"resourceType": "Consent", "status": "active", "patient": self.of("ada"), "policyRule": {"text": "x"},
                   "scope": {"coding": [{"system": SCOPE, "code": "patient-privacy"}]},
                   "category": [{"coding": [{"system": LOINC, "code": "59284-0"}]}], "provision": provision}
        self.assert_outcome(self.ask("POST", "Consent", consent), 422, "not-supported", "Consent.provision.actor.reference")
        self.assertEqual(self.ask("POST", "Consent", consent | {"status": "draft"}).status, 201)
        self.assertEqual(self.status("bo", f"Condition/{self.made['ada']['Condition']}"), 200)


class Labels(ConsentTest):
    def labelled(self, code, name="ada"):
        return self.create({"resourceType": "Condition", "subject": self.of(name), "code": {"text": code},
                            "meta": {"security": [{"system": ACT, "code": code}]}})

    def test_what_is_sensitive_is_for_few(self):
        notes = self.labelled("PSYTHPN")
        self.assertEqual(self.status("bo", f"Condition/{notes}"), 404)
        self.assertEqual(self.found("bo", f"Condition?patient={self.records['ada']}&_summary=count").body["total"], 1)
        self.assertEqual(self.found("bo", f"Condition?_security={ACT}|PSYTHPN").ids(), [])
        self.assertEqual(self.status("bo", f"Condition/{notes}", "PUT", {"resourceType": "Condition", "id": notes, "subject": self.of("ada")}), 403)
        self.post(f"/api/patients/{self.numbers['ada']}/relations", {"account": "bo", "kind": "care-team"})
        self.assertEqual(self.status("bo", f"Condition/{notes}"), 200)
        self.assertEqual(self.status("cleo", f"Condition/{notes}"), 404)

    def test_the_patient_sees_their_own_and_a_consent_that_names_it_opens_it(self):
        notes = self.labelled("SUD")
        self.post("/api/accounts", {"username": "pat", "role": "patient", "password": PASSWORD})
        self.post(f"/api/patients/{self.numbers['ada']}/relations", {"account": "pat", "kind": "self"})
        self.people["pat"] = self.post("/api/accounts/pat/tokens", {"name": "phone", "scopes": ["user/*.cruds"]})["token"]
        self.assertEqual(self.status("pat", f"Condition/{notes}"), 200)
        self.assertEqual(self.status("bo", f"Condition/{notes}"), 404)
        consent = {"resourceType": "Consent", "status": "active", "patient": self.of("ada"), "policyRule": {"text": "x"},
                   "scope": {"coding": [{"system": SCOPE, "code": "patient-privacy"}]},
                   "category": [{"coding": [{"system": LOINC, "code": "59284-0"}]}],
                   "provision": {"type": "permit", "securityLabel": [{"system": ACT, "code": "SUD"}],
                                 "actor": [{"role": {"text": "my doctor"}, "reference": {"reference": "Practitioner/bo"}}]}}
        self.assertEqual(self.ask("POST", "Consent", consent, token=self.people["pat"]).status, 201, "by the patient")
        self.assertEqual(self.status("bo", f"Condition/{notes}"), 200)
        self.assertEqual(self.status("cleo", f"Condition/{notes}"), 404)


class Purposes(ConsentTest):
    def test_a_request_says_what_for_within_what_its_role_is_for(self):
        path = f"Condition/{self.made['ada']['Condition']}"
        self.assertEqual(self.status("bo", path, purpose_of_use="TREAT"), 200)
        self.assertEqual(self.status("bo", path, purpose_of_use="HRESCH"), 404, "without a consent to it")
        self.assertEqual(self.found("bo", "Condition", purpose_of_use="research").ids(), [])
        self.assertEqual(self.status("bo", path, purpose_of_use="HMARKT"), 400)
        self.assertEqual(self.status("bo", path, purpose_of_use="PATRQT"), 403)
        with self.assertRaises(Refused) as told:
            self.call("GET", f"/api/patients/{self.numbers['ada']}", token=self.people["bo"], headers={"purpose-of-use": "gossip"})
        self.assertEqual(told.exception.status, 400)
        self.consent({"type": "permit"}, scope={"coding": [{"system": SCOPE, "code": "research"}]})
        self.assertEqual(self.found("bo", "Condition", purpose_of_use="HRESCH").ids(), [self.made["ada"]["Condition"]])
        purposes = {line["purpose"] for line in self.get("/api/audit?who=bo&what=fhir.")["lines"] if line["permitted"]}
        self.assertEqual(purposes, {"treatment", "research"})
