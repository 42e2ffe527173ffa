"""Breaking the glass: a patient outside one's care, for a time, with a reason, on record, and looked at afterwards."""
import json
import subprocess
import urllib.request

from ward import BINARY, Refused, ServerTest

PASSWORD = "a long enough password"
REASON = "collapsed at the lift"


class EmergencyAccess(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()
        self.server.start()
        for name, role, units in (("nia", "nurse", ["ICU 1"]), ("olga", "auditor", []), ("ed", "engineer", ["ICU 1"])):
            self.post("/api/accounts", {"username": name, "role": role, "units": units, "password": PASSWORD})
        self.near, self.far = (self.post("/api/patients", {"display_name": f"Test {unit}", "unit": unit, "bed": "01"})["id"]
                               for unit in ("ICU 1", "Ward 2"))
        self.sessions = {}

    def sign_in(self, name):
        request = urllib.request.Request(self.server.url("/api/session"), method="POST", headers={"content-type": "application/json"},
                                         data=json.dumps({"username": name, "password": PASSWORD}).encode())
        with urllib.request.urlopen(request) as answer:
            cookie = answer.headers["set-cookie"].split(";")[0]
            self.sessions[name] = {"cookie": cookie, "x-vigil-csrf": json.load(answer)["csrf"], "authorization": ""}

    def ask_as(self, name, method, path, body=None):
        if name not in self.sessions:
            self.sign_in(name)
        request = urllib.request.Request(self.server.url(path), method=method, headers={
            key: value for key, value in self.sessions[name].items() if value},
            data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as refused:
            with refused:
                raise Refused(refused.code, refused.read().decode()) from None

    def refused(self, status, *asked):
        with self.assertRaises(Refused) as told:
            self.ask_as(*asked)
        self.assertEqual(told.exception.status, status, told.exception)
        return told.exception.error["message"]

    def break_glass(self, name, patient, **more):
        body = {"reason": REASON, "password": PASSWORD, "minutes": 60} | more
        return self.ask_as(name, "POST", f"/api/patients/{patient}/emergency-access", body)

    def test_it_opens_that_patient_for_its_time_and_no_other(self):
        told = self.refused(403, "nia", "GET", f"/api/patients/{self.far}")
        self.assertEqual(told, "this patient is not in your care")
        other = self.post("/api/patients", {"display_name": "Test other", "unit": "Ward 2", "bed": "02"})["id"]
        relation = self.break_glass("nia", self.far)
        self.assertEqual((relation["kind"], relation["reason"], relation["review"]), ("emergency", REASON, None))
        self.assertEqual(self.ask_as("nia", "GET", f"/api/patients/{self.far}")["patient"]["id"], self.far)
        self.refused(403, "nia", "GET", f"/api/patients/{other}")
        self.assertEqual([each["kind"] for each in self.ask_as("nia", "GET", "/api/me")["relations"]], ["emergency"])

        lines = self.get(f"/api/audit?patient={self.far}&who=nia")["lines"]
        looked = next(line for line in lines if line["what"] == "patient" and line["permitted"])
        self.assertEqual(looked["purpose"], "emergency")
        self.assertTrue(any(line["what"] == "emergency access" and line["permitted"] for line in lines))

        self.ask_as("nia", "DELETE", f"/api/relations/{relation['id']}")
        self.refused(403, "nia", "GET", f"/api/patients/{self.far}")

    def test_in_ones_own_care_it_opens_what_is_withheld(self):
        relation = self.break_glass("nia", self.near)
        self.assertEqual(relation["kind"], "emergency")
        self.ask_as("nia", "GET", f"/api/patients/{self.near}")
        self.assertEqual(self.get(f"/api/audit?patient={self.near}&who=nia&what=patient")["lines"][0]["purpose"], "emergency")

    def test_it_is_refused_without_reason_password_or_role(self):
        path = f"/api/patients/{self.far}/emergency-access"
        self.refused(400, "nia", "POST", path, {"reason": " ", "password": PASSWORD})
        self.refused(403, "nia", "POST", path, {"reason": REASON, "password": "a guess"})
        self.refused(400, "nia", "POST", path, {"reason": REASON, "password": PASSWORD, "minutes": 721})
        self.refused(403, "ed", "POST", path, {"reason": REASON, "password": PASSWORD})
        token = self.post("/api/accounts/nia/tokens", {"name": "script", "scopes": ["system/*.cruds"]})["token"]
        with self.assertRaises(Refused) as told:
            self.call("POST", path, {"reason": REASON, "password": PASSWORD}, token)
        self.assertEqual(told.exception.status, 403)
        self.refused(403, "nia", "GET", f"/api/patients/{self.far}")
        denied = self.get("/api/audit?who=nia&outcome=denied")["lines"]
        self.assertTrue(any(line["what"] == "emergency access" for line in denied), "the tries are on record")

    def test_somebody_else_reviews_it_and_the_patient_sees_it(self):
        relation = self.break_glass("nia", self.far)
        self.refused(403, "nia", "GET", "/api/emergencies")
        self.assertEqual(self.ask_as("olga", "GET", "/api/me")["emergencies_to_review"], 1, "is told wherever they are")
        self.assertNotIn("emergencies_to_review", self.ask_as("nia", "GET", "/api/me"))
        waiting = self.ask_as("olga", "GET", "/api/emergencies")["emergencies"]
        self.assertEqual([each["id"] for each in waiting], [relation["id"]])
        found = self.ask_as("olga", "POST", f"/api/emergencies/{relation['id']}/review", {"finding": "on call"})["review"]
        self.assertEqual((found["by"], found["finding"]), ("olga", "on call"))
        self.assertEqual(self.ask_as("olga", "GET", "/api/emergencies")["emergencies"], [])
        self.assertEqual(self.ask_as("olga", "GET", "/api/me")["emergencies_to_review"], 0)

        self.post("/api/accounts", {"username": "pat", "role": "patient", "password": PASSWORD})
        self.post(f"/api/patients/{self.far}/relations", {"account": "pat", "kind": "self"})
        seen = self.ask_as("pat", "GET", f"/api/patients/{self.far}/relations")["relations"]
        self.assertEqual({each["kind"] for each in seen}, {"emergency", "self"})

    def test_it_outlives_a_restart_and_ends_with_the_command_line_too(self):
        relation = self.break_glass("nia", self.far)
        self.server.kill()
        self.server.start()
        self.sessions.clear()
        self.assertEqual(self.ask_as("nia", "GET", f"/api/patients/{self.far}")["patient"]["id"], self.far)
        where = ["--server", self.server.url(""), "--api-token", self.token]
        listed = subprocess.run([BINARY, "emergency", "list", *where], capture_output=True, text=True)
        self.assertIn(REASON, listed.stdout, listed.stderr)
        reviewed = subprocess.run([BINARY, "emergency", "review", str(relation["id"]), "--finding", "seen", *where], capture_output=True, text=True)
        self.assertEqual(reviewed.returncode, 0, reviewed.stderr)
        ended = subprocess.run([BINARY, "relation", "end", str(relation["id"]), *where], capture_output=True, text=True)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.refused(403, "nia", "GET", f"/api/patients/{self.far}")
