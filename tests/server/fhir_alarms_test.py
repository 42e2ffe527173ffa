#!/usr/bin/python3
"""Alarms over FHIR: Communications that are made of the log's events (docs/decisions/0049-alarms-over-fhir.md)."""
import json
import time
import unittest

from fhir_client import FhirTest
from ward import Client, wait_until


class Alarms(FhirTest):
    def setUp(self):
        super().setUp()
        self.number = self.post("/api/patients", {"display_name": "Ada Example", "identifier": "MRN-1", "unit": "ICU", "bed": "01"})["id"]
        self.patient = wait_until("the patient has a Patient", lambda: self.search("Patient?identifier=MRN-1").ids())[0]
        self.client = Client(self.server, "oximeter", self.add_device("oximeter", self.number)).connect()
        self.addCleanup(self.client.close)
        wait_until("the patient is watched", lambda: self.get("/api/alarms")["beds"])
        path = f"/api/patients/{self.number}/alarm-limits/spo2_desaturation"
        self.call("PUT", path, {"on_delay_s": 0, "off_delay_s": 0, "reason": "a test"})

    def send(self, **values):
        self.client.publish("vigil/oximeter/telemetry", json.dumps({"ts": time.time_ns() // 1_000_000, **values}))

    def desaturation(self):
        """The alarm at the API, and its Communication."""
        def raised():
            self.send(spo2=78)
            return [each for each in self.get(f"/api/patients/{self.number}/alarms")["alarms"] if each["condition"] == "spo2_desaturation"]
        alarm = wait_until("it is an alarm", raised)[0]
        return alarm, self.communication(alarm)

    def communication(self, alarm, holds=lambda it: True):
        """It follows what is shown by a commit."""
        def found():
            query = f"Communication?identifier=urn:vigil:alarm|{alarm['id']}.{alarm['episode']}"
            return [each for each in self.search(query).resources() if holds(each)]
        return wait_until("it is a Communication", found)[0]

    def acknowledge(self, alarm):
        self.post(f"/api/alarms/{alarm['id']}/acknowledge", {"episode": alarm["episode"], "seen": alarm["priority"]})

    def test_an_alarm_is_a_communication_from_its_onset_to_its_end(self):
        alarm, begun = self.desaturation()
        self.assertEqual((begun["status"], begun["priority"]), ("in-progress", "stat"))
        self.assertEqual(begun["category"][0]["coding"][0]["code"], "alert")
        self.assertEqual(begun["subject"]["reference"], f"Patient/{self.patient}")
        self.assertGreaterEqual(begun["sent"][:19], alarm["since"][:19], "once it is on record")
        self.assertNotIn("received", begun)
        coding = begun["reasonCode"][0]["coding"]
        self.assertEqual([each["code"] for each in coding], ["spo2_desaturation", "196670"])
        self.assertEqual(begun["payload"][0]["contentString"], "Desaturation: 78 %, limit 80 %")
        self.assertEqual(begun["meta"]["versionId"], "1")
        device = self.ask("GET", begun["sender"]["reference"])
        self.assertEqual((device.status, device.body["identifier"][0]["value"]), (200, "oximeter"))
        metric = self.ask("GET", begun["about"][0]["reference"])
        self.assertEqual((metric.status, metric.body["source"]["reference"]), (200, begun["sender"]["reference"]))
        self.acknowledge(alarm)
        seen = self.communication(alarm, lambda it: "received" in it)
        self.assertEqual((seen["id"], seen["status"], seen["meta"]["versionId"]), (begun["id"], "in-progress", "2"))

        def breathes():
            self.send(spo2=97)
            return not [each for each in self.get(f"/api/patients/{self.number}/alarms")["alarms"] if each["condition"] == "spo2_desaturation"]
        wait_until("it is over", breathes)
        ended = self.communication(alarm, lambda it: it["status"] == "completed")
        self.assertEqual((ended["id"], ended["meta"]["versionId"], ended["received"]), (begun["id"], "3", seen["received"]))
        read = self.ask("GET", f"Communication/{begun['id']}")
        self.assertEqual((read.status, read.body, read.version), (200, ended, "3"))
        self.assertEqual(self.ask("GET", f"Communication/{begun['id']}/_history/3").body, ended)
        self.assertEqual(self.ask("GET", f"Communication/{begun['id']}/_history/1").status, 404)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.ask("GET", f"Communication/{begun['id']}").body, ended)

    def test_they_are_found_beside_those_that_were_posted(self):
        alarm, view = self.desaturation()
        category = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "instruction"}]}
        subject = {"reference": f"Patient/{self.patient}"}
        posted = [self.ask("POST", "Communication", {"resourceType": "Communication", "status": "completed", "category": [category],
                                                     "subject": subject, **more}).body["id"]
                  for more in ({"sent": "2026-01-01T08:00:00Z"}, {"sent": "2099-01-01T08:00:00Z"}, {})]
        old, future, unsent = posted

        def ids(query):
            return [each for each in self.search(f"Communication?patient={self.patient}&{query}").ids() if each in (*posted, view["id"])]
        self.assertEqual(ids("_count=100"), [future, view["id"], old, unsent], "newest first")
        self.assertEqual(ids("_sort=-sent&_count=100"), [future, view["id"], old, unsent])
        self.assertEqual(ids("_sort=sent&_count=100"), [old, view["id"], future, unsent])
        self.assertEqual(ids("category=alert&_count=100"), [view["id"]])
        self.assertEqual(ids("category=instruction"), [future, old, unsent])
        self.assertEqual(ids("status=in-progress&_count=100"), [view["id"]])
        self.assertEqual(ids(f"sent={view['sent']}"), [view["id"]])
        self.assertEqual(ids("sent=lt2026-02-01"), [old])
        self.assertEqual(ids(f"_id={view['id']},{old}"), [view["id"], old])
        self.assertEqual(self.search(f"Communication?_id={view['id']}&_lastUpdated=ge{view['sent'][:10]}").ids(), [view["id"]])
        self.assertEqual(self.search("Communication?patient=nobody").ids(), [])
        found, link = [], f"Communication?patient={self.patient}&_count=1"
        while link:
            page = self.search(link)
            found += page.ids()
            link = page.link("next")
        self.assertEqual([each for each in found if each in (*posted, view["id"])], [future, view["id"], old, unsent], "page by page")
        self.assertEqual(len(found), len(set(found)))
        included = self.search(f"Communication?_id={view['id']}&_include=Communication:subject&_include=Communication:sender")
        self.assertEqual(sorted(each["resourceType"] for each in included.resources("include")), ["Device", "Patient"])
        back = self.search(f"Patient?_id={self.patient}&_revinclude=Communication:subject&_count=100")
        self.assertIn(view["id"], back.ids("include"))
        total = self.search(f"Communication?_id={view['id']},{old}&_total=accurate&_count=1").body["total"]
        self.assertEqual(total, 2)
        self.assertIn(view["id"], self.everything())
        self.acknowledge(alarm)

    def everything(self):
        found, link = [], f"Patient/{self.patient}/$everything?_type=Communication"
        while link:
            page = self.search(link)
            found += page.ids()
            link = page.link("next")
        return found

    def test_a_search_parameter_of_the_site_finds_them_by_priority(self):
        _, view = self.desaturation()
        definition = {"resourceType": "SearchParameter", "url": "http://hospital.example/communication-priority", "name": "Priority", "status": "active",
                      "description": "routine | urgent | asap | stat", "code": "priority", "base": ["Communication"], "type": "token",
                      "expression": "Communication.priority"}
        self.assertEqual(self.ask("POST", "SearchParameter", definition).status, 201)
        wait_until("it is in force", lambda: self.ask("GET", "Communication?priority=stat", prefer="handling=strict").status == 200)
        self.assertIn(view["id"], self.search("Communication?priority=stat&_count=100").ids())
        self.assertNotIn(view["id"], self.search("Communication?priority=routine&_count=100").ids())

    def test_nobody_writes_them(self):
        _, view = self.desaturation()
        path = f"Communication/{view['id']}"
        before = self.ask("GET", path).body
        for answer in (self.ask("PUT", path, view | {"status": "completed"}), self.ask("DELETE", path),
                       self.ask("PATCH", path, [{"op": "replace", "path": "/status", "value": "completed"}], content_type="application/json-patch+json")):
            self.assertEqual(answer.status, 405, answer.text)
        unknown = self.ask("PUT", "Communication/a1.0.1", view | {"id": "a1.0.1"})
        self.assertEqual(unknown.status, 405)
        self.assertEqual(self.ask("GET", path).body["id"], before["id"])
        self.assertEqual(self.ask("GET", "Communication/a1.0.1").status, 404)
        said = self.ask("GET", "metadata").body["rest"][0]["resource"]
        self.assertIn("alert", {each["type"]: each for each in said}["Communication"]["documentation"])

    def test_an_alarm_tells_of_readings_and_takes_both_rights(self):
        _, view = self.desaturation()

        def seen_with(*scopes):
            token = self.post("/api/accounts/admin/tokens", {"name": "some", "scopes": list(scopes)})["token"]
            searched = self.ask("GET", f"Communication?_id={view['id']}", token=token)
            return self.ask("GET", f"Communication/{view['id']}", token=token).status, len(searched.resources())
        self.assertEqual(seen_with("system/Communication.rs", "system/Observation.rs"), (200, 1))
        self.assertEqual(seen_with("system/Communication.rs"), (404, 0))
        only = self.post("/api/accounts/admin/tokens", {"name": "other", "scopes": ["system/Observation.rs"]})["token"]
        self.assertEqual(self.ask("GET", f"Communication/{view['id']}", token=only).status, 403)
        lines = self.get(f"/api/audit?patient={self.number}&what=fhir.read")["lines"]
        self.assertIn(f"fhir.read Communication/{view['id']}", [line["what"] for line in lines if self.number in line["patients"]])

    def test_whoever_is_not_to_see_readings_sees_no_alarms(self):
        _, view = self.desaturation()
        self.post("/api/accounts", {"username": "cleo", "role": "clinician", "password": "a long enough password"})
        token = self.post("/api/accounts/cleo/tokens", {"name": "t", "scopes": ["system/*.cruds"]})["token"]

        def seen():
            found = self.ask("GET", f"Communication?_id={view['id']}", token=token).resources()
            listed = self.call("GET", "/api/alarms/events", token=token)["events"]
            read = self.ask("GET", f"Communication/{view['id']}", token=token).status
            return len(found), read, self.number in [event["patient"] for event in listed]
        self.assertEqual(seen(), (1, 200, True))
        self.create({"resourceType": "Consent", "status": "active", "patient": {"reference": f"Patient/{self.patient}"}, "policyRule": {"text": "the site's"},
                     "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
                     "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
                     "provision": {"type": "deny", "class": [{"system": "http://hl7.org/fhir/resource-types", "code": "Observation"}]}})
        self.assertEqual(seen(), (0, 404, False))


if __name__ == "__main__":
    unittest.main()
