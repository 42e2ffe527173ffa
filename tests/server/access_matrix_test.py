"""Every role, every way in, every kind of data: what access_matrix.tsv says of it is what the server does."""
import datetime
import json
import re
import time

from fhir_client import FhirTest
from ward import HERE, Client, Refused, wait_until
from websocket import WebSocket

TABLE = HERE / "access_matrix.tsv"
SOURCES = HERE.parent.parent / "src/share/api"
UNIT = {"in": "ICU 1", "out": "Ward 2"}
# Asked of nobody's data but one's own, at a browser: signing in and out, password, second factor, apps (tests/server/apps_test.py).
OPEN_ROUTES = ("/api/session", "/api/me/", "/api/authorizations/", "/api/launches")
# What it takes is more than a right: tests/server/emergency_access_test.py.
ELSEWHERE = {"POST /api/patients/{}/emergency-access"}


def read_table():
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    roles = lines[0].split("\t")[1:]
    return roles, [(line.split("\t")[0], dict(zip(roles, line.split("\t")[1:], strict=True))) for line in lines[1:]]


class AccessMatrix(FhirTest):
    def setUp(self):
        super().setUp()
        self.roles, self.rows = read_table()
        self.names = {"somebody": "spare-nurse", "no-item": "0:999999", "no-patient": "999999", "no-relation": "999999", "no-token": "999999", "no-app": "no-app",
                      "idle-device": "idle-device", "a-condition": "heart_rate_high", "no-proposal": "0-0-999999-0", "no-contact": "999999", "no-duty": "999999", "no-screen": "2147483649", "a-score-setting": "pregnancy", "no-message": "nobody-knows-it", "a-metric": "heart_rate", "a-rule": "rule_32768", "in-unit": "ICU%201", "out-unit": "Ward%202", "no-code-device": "idle-device", "no-serial": "0a",
                      "measured": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        self.tokens = {}
        self.fill()

    # --- a small hospital

    def fill(self):
        self.add_device("idle-device")
        for which, unit in UNIT.items():
            patient = self.post("/api/patients", {"display_name": f"Test {which}", "unit": unit, "bed": "01"})["id"]
            self.names[which] = patient
            self.names[f"{which}-alarm"] = f"{patient}-0-1-0"
            self.fill_record(which, patient)
        for kind in ("Organization", "ValueSet", "ResearchStudy", "Binary"):
            self.names[kind] = self.create(self.body_of(kind))
        for role in self.roles:
            self.tokens[role] = self.add_account(role, role, [UNIT["in"]] if role in ("physician", "nurse") else [])
        for role in ("nurse", "caregiver", "patient"):
            self.add_account(f"spare-{role}", role, [])
        self.relate("in", "patient", "self")
        self.relate("in", "caregiver", "caregiver")
        self.names["a-relation"] = self.relate("out", "spare-patient", "self")

    def fill_record(self, which, patient):
        device = f"{which}-device"
        secret = self.add_device(device, patient)
        self.names[device] = device
        client = Client(self.server, device, secret).connect()
        client.publish(f"vigil/{device}/telemetry", json.dumps({"heart_rate": 72, "ts": self.names["measured"]}))
        wait_until("the patient is watched", lambda: patient in [bed["patient"] for bed in self.get("/api/alarms")["beds"]])
        self.call("PUT", f"/api/patients/{patient}/alarm-limits/spo2_desaturation", {"on_delay_s": 0, "reason": "a test"})
        record = wait_until("the patient's record", lambda: self.get(f"/api/patients/{patient}")["patient"]["fhir_id"])
        self.names[f"{which}-record"] = record
        named = {"resourceType": "Patient", "id": record, "name": [{"text": f"Test {which}", "family": which}]}
        self.assertEqual(self.ask("PUT", f"Patient/{record}", named).status, 200)
        for name, kind in (("condition", "Condition"), ("spare", "Condition"), ("observation", "Observation"),
                           ("order", "MedicationRequest"), ("consent", "Consent")):
            self.names[f"{which}-{name}"] = self.create(self.body_of(kind, which))
        views = self.search(f"Observation?patient={record}&code=8867-4").ids()
        self.assertEqual(len(views), 1)
        self.names[f"{which}-view"] = views[0]

        def alarmed():
            client.publish(f"vigil/{device}/telemetry", json.dumps({"spo2": 70}))
            time.sleep(0.3)
            return self.search(f"Communication?patient={record}&category=alert").ids()
        self.names[f"{which}-alert"] = wait_until("the patient has an alarm", alarmed)[-1]
        client.close()

    def add_account(self, name, role, units):
        body = {"username": name, "role": role, "units": units}
        if role != "service":
            body["password"] = "a long enough password"
        self.post("/api/accounts", body)
        return self.post(f"/api/accounts/{name}/tokens",
                         {"name": "all", "scopes": ["system/*.cruds", "vigil/administer"]})["token"]

    def relate(self, which, account, kind):
        path = f"/api/patients/{self.names[which]}/relations"
        return str(self.post(path, {"account": account, "kind": kind})["id"])

    def body_of(self, kind, which=None):
        subject = {"reference": f"Patient/{self.names.get(f'{which}-record')}"}
        coded = {"coding": [{"system": "http://snomed.info/sct", "code": "73211009"}]}
        only = {"coding": coded["coding"] + [{"code": f"{which}-only"}]}
        active = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}
        return {"resourceType": kind} | {
            "Condition": {"code": only, "subject": subject, "clinicalStatus": active},
            "Observation": {"status": "final", "code": coded, "subject": subject},
            "MedicationRequest": {"status": "draft", "intent": "order", "medicationCodeableConcept": coded, "subject": subject},
            "Consent": {"status": "active", "patient": subject, "provision": {"type": "permit"}, "policy": [{"uri": "http://example.org/policy"}],
                        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
                        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]},
            "Organization": {"name": "Test hospital"},
            "ValueSet": {"status": "draft"},
            "ResearchStudy": {"status": "active"},
            "Binary": {"contentType": "text/plain", "data": "aGVsbG8="},
        }.get(kind, {})

    # --- one cell

    def filled(self, way):
        return re.sub(r"\{([\w-]+)\}", lambda name: self.names[name[1]], way)

    def body_for(self, way, which):
        """What is sent: as far as the decision it is in order, and changes nothing that the table rests on."""
        kind = way.rsplit("/", 1)[-1].split(" ")[0]
        if way.startswith("POST /api/patients/{") and "/relations" in way:
            relation = way.split(" ")[-1]
            return {"kind": relation, "account": "spare-" + {"care-team": "nurse", "self": "patient"}.get(relation, relation)}
        if way.startswith("POST /api/alarms/what-if"):
            return {"patients": [self.names[which]], "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z", "limits": [{"condition": "spo2_low", "limit": "88"}]}
        if way.startswith("POST /api/alarm-duties {"):
            return {"unit": UNIT[which], "as": ["buddy"], "until": "2026-01-01T00:00:00Z"}
        if way.startswith("POST /api/alarm-displays {"):
            return {"unit": UNIT[which], "name": ""}
        if way.startswith("POST /api/alarm-profiles/proposals {"):
            return {"unit": UNIT[which], "age_class": "nobody's"}
        if way.startswith("POST /fhir {"):
            entry = {"resource": self.body_of("Condition", which), "request": {"method": "POST", "url": "Condition"}}
            return {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
        if way.startswith("PUT /fhir/Condition"):
            return self.body_of("Condition", which) | {"id": self.names[f"{which}-condition"]}
        if way.startswith("PATCH /fhir"):
            return [{"op": "test", "path": "/resourceType", "value": "Condition"}]
        if way.startswith("POST /fhir/"):
            return {"resourceType": "Parameters"} if kind.startswith("$") else self.body_of(kind, which)
        return {"POST /api/patients": {"display_name": ""},
                "POST /api/devices": {"id": "not in order"},
                "POST /api/devices/{in-device}/attach {in}": {"patient": self.names["in"], "from": "2026-01-01T00:00:00Z"},
                "POST /api/devices/{in-device}/attach {out}": {"patient": self.names["out"], "from": "2026-01-01T00:00:00Z"},
                "POST /api/devices/{in-device}/credentials": {"type": "token"},
                "POST /api/accounts": {"username": "short", "role": "nurse", "password": "x"},
                "POST /api/accounts/{somebody}/tokens": {"name": "t", "scopes": ["nonsense"]},
                "POST /api/backup": {"folder": self.server.folder},
                "POST /api/alarm-profiles/proposals/{no-proposal}/reject": {"reason": "not for us"},
                "PATCH /api/patients/{in}": {"display_name": "Test in"},
                "PATCH /api/patients/{out}": {"display_name": "Test out"},
                "PATCH /api/devices/{in-device}": {"display": "Monitor"},
                "PATCH /api/accounts/{somebody}": {"display_name": "Somebody"},
                }.get(way, {})

    def ask_as(self, role, method, path, body=None):
        """Status and text; over FHIR or the server's own API."""
        token = self.tokens[role]
        if path.startswith("/fhir"):
            content = {"content_type": "application/json-patch+json"} if method == "PATCH" else {}
            answer = self.ask(method, path.removeprefix("/fhir").removeprefix("/"), body, token, **content)
            return answer.status, answer.text
        try:
            return 200, json.dumps(self.call(method, path, body, token), default=repr)
        except Refused as refused:
            return refused.status, str(refused)

    def live(self, role, patient):
        socket = WebSocket(self.server, "/api/live", authorization=f"Bearer {self.tokens[role]}")
        try:
            socket.send({"type": "subscribe", "patients": [patient], "metrics": "all", "waveforms": False})
            while True:
                frame = json.loads(socket.text())
                if frame["type"] == "error":
                    self.assertEqual(frame["error"]["kind"], "forbidden")
                    return "-"
                if frame["type"] == "snapshot":
                    return "+" if any(each["patient"] == patient for each in frame["patients"]) else "0"
        finally:
            socket.close()

    def alarms(self, role, patient):
        try:
            socket = WebSocket(self.server, "/api/alarms/live", authorization=f"Bearer {self.tokens[role]}")
        except AssertionError:
            return "-"
        try:
            while True:
                frame = json.loads(socket.text())
                if frame["type"] == "error":
                    self.assertEqual(frame["error"]["kind"], "forbidden")
                    return "-"
                if frame["type"] == "beds":
                    return "+" if any(bed["patient"] == patient for bed in frame["beds"]) else "0"
        finally:
            socket.close()

    @staticmethod
    def cell_of(status, way):
        if status in (401, 403):
            return "-"
        return "0" if status == 404 and "{no-" not in way else "+"

    def cell(self, way, role):
        which = "out" if "{out" in way else "in"
        word, rest = way.split(" ", 1)
        if word == "LIVE":
            return self.live(role, self.names[which])
        if word == "ALARMS":
            return self.alarms(role, self.names[which])
        if word in ("SHOWS", "COUNTS"):
            wanted, asked = rest.split(" in GET ")
            status, text = self.ask_as(role, "GET", self.filled(asked))
            if status != 200:
                return self.cell_of(status, way)
            name = self.names[wanted.strip("{}")]
            shown = json.loads(text)["total"] > 0 if word == "COUNTS" else f'"{name}"' in text
            return "+" if shown else "0"
        if word == "BATCH":
            entry = {"request": {"method": "GET", "url": self.filled(rest.removeprefix("that reads "))}}
            status, text = self.ask_as(role, "POST", "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
            inner = json.loads(text)["entry"][0]["response"]["status"] if status == 200 else str(status)
            return self.cell_of(int(inner[:3]), way)
        path = self.filled(rest.split(" ")[0])
        body = None if word in ("GET", "DELETE") else self.body_for(way, which)
        if path.endswith("/detach"):
            body = {"at": self.names["measured"]}
        status, _ = self.ask_as(role, word, path, body)
        if path.endswith("/detach") and status == 200:
            device = path.split("/")[3]
            again = {"patient": self.names[device.removesuffix("-device")], "from": "2026-01-01T00:00:00Z"}
            self.post(f"/api/devices/{device}/attach", again)
        if word == "DELETE" and "-spare}" in way and status == 204:
            # Of what is not there for them a deletion has succeeded, and deleted nothing (R4 3.1.0.7).
            spare = self.names[f"{which}-spare"]
            if self.ask("GET", f"Condition/{spare}").status == 200:
                return "0"
            again = self.body_of("Condition", which) | {"id": spare}
            self.assertIn(self.ask("PUT", f"Condition/{spare}", again).status, (200, 201))
        return self.cell_of(status, way)

    def test_each_may_do_what_the_table_says_and_nothing_else(self):
        wrong = [f"{way} as {role}: {found}, to be {wanted}" for way, cells in self.rows
                 for role, wanted in cells.items() if (found := self.cell(way, role)) != wanted]
        self.assertEqual(wrong, [], "\n".join(wrong))

    def test_every_route_stands_in_the_table(self):
        def nameless(route):
            return re.sub(r"\{[\w-]+\}", "{}", route)

        routes = {f"{method} {path}" for source in SOURCES.glob("*.cpp")
                  for method, path in re.findall(r'api\.add\("(\w+)",\s+"([^"]+)"', source.read_text())}
        asked = {nameless(" ".join(way.split(" ")[:2]).split("?")[0]) for way, _ in self.rows}
        left_out = {route for route in routes if nameless(route) not in asked | ELSEWHERE
                    and not route.split(" ")[1].startswith(OPEN_ROUTES)}
        self.assertEqual(left_out, set(), "give them a row in access_matrix.tsv")
