#!/usr/bin/python3
"""Subscriptions of R4 and of Subscriptions R5 Backport 1.1: whoever asked is told, in order, at least once, of records and of
readings alike."""
import datetime
import http.server
import json
import queue
import threading
import unittest

from fhir_client import FHIR_JSON, FhirTest
from ward import PATIENCE_S, Client, wait_until
from websocket import WebSocket

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-"


class Endpoint:
    """Takes what it is sent, and answers as it is told to."""

    def __init__(self):
        self.taken, self.statuses = queue.Queue(), queue.Queue()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers["content-length"] or 0))
                status = 200 if outer.statuses.empty() else outer.statuses.get()
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()
                outer.taken.put((self.command, self.path, dict(self.headers), json.loads(body) if body else None, status))

            do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a server that is killed resets its connections
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        return self.taken.get(timeout=PATIENCE_S)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def value(parameters, name):
    found = next((one for one in parameters["parameter"] if one["name"] == name), None)
    return found and next(found[key] for key in found if key.startswith("value"))


def status_of(bundle):
    return bundle["entry"][0]["resource"]


def numbers_of(bundle):
    events = [one for one in status_of(bundle)["parameter"] if one["name"] == "notification-event"]
    return [next(part["valueString"] for part in one["part"] if part["name"] == "event-number") for one in events]


class Subscriptions(FhirTest):
    def setUp(self):
        self.endpoint = Endpoint()
        self.addCleanup(self.endpoint.close)
        self.config = f'[fhir]\nsubscription_endpoints = "{self.endpoint.url}/hooks/"\n'
        super().setUp()

    def observation(self, **more):
        return {"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, **more}

    def topic(self, type, filters=(), content="id-only", channel=None, **more):
        channel = channel or {"type": "rest-hook", "endpoint": f"{self.endpoint.url}/hooks/topic"}
        channel = {**channel, "payload": FHIR_JSON,
                   "_payload": {"extension": [{"url": f"{BACKPORT}payload-content", "valueCode": content}]}, **more}
        criteria = {"criteria": f"urn:vigil:topic:{type}"}
        if filters:
            criteria["_criteria"] = {"extension": [{"url": f"{BACKPORT}filter-criteria", "valueString": one} for one in filters]}
        return {"resourceType": "Subscription", "status": "requested", "reason": "test",
                "meta": {"profile": [f"{BACKPORT}subscription"]}, **criteria, "channel": channel}

    def plain(self, criteria, path="/hooks/plain", **channel):
        return {"resourceType": "Subscription", "status": "requested", "reason": "test", "criteria": criteria,
                "channel": {"type": "rest-hook", "endpoint": f"{self.endpoint.url}{path}", **channel}}

    def subscribe(self, resource):
        id = self.create(resource)
        if resource["channel"]["type"] == "rest-hook" and resource["criteria"].startswith("urn:"):
            method, _path, _headers, bundle, _status = self.endpoint.next()
            self.assertEqual((method, value(status_of(bundle), "type")), ("POST", "handshake"))
        self.wait_for(id, "active")
        return id

    def wait_for(self, id, status):
        wait_until(f"the Subscription is {status}", lambda: self.ask("GET", f"Subscription/{id}").body["status"] == status)

    # --- R4 ---

    def test_a_rest_hook_without_payload_is_told_that_something_happened(self):
        self.subscribe(self.plain("Observation?code=http://loinc.org|8867-4"))
        self.create(self.observation(code={"text": "other"}))
        self.create(self.observation())
        method, path, _, body, _ = self.endpoint.next()
        self.assertEqual((method, path, body), ("POST", "/hooks/plain", None))
        self.assertTrue(self.endpoint.taken.empty())

    def test_what_an_import_brings_is_told(self):
        self.subscribe(self.plain("Observation?code=http://loinc.org|8867-4", payload=FHIR_JSON))
        lines = "".join(json.dumps({**self.observation(**more), "id": id}) + "\n" for id, more in (
            ("i1", {}), ("i2", {"code": {"text": "other"}}), ("i3", {})))
        answer = self.ask("POST", "$import", lines, content_type="application/fhir+ndjson")
        self.assertEqual(answer.status, 200, answer.text)
        told = [self.endpoint.next() for _ in range(2)]
        self.assertEqual(sorted(body["id"] for _, _, _, body, _ in told), ["i1", "i3"])
        self.assertTrue(self.endpoint.taken.empty())

    def test_a_rest_hook_with_payload_is_sent_the_resource_as_an_update(self):
        self.subscribe(self.plain("Observation?status=final&code=8867-4", payload=FHIR_JSON, header=["Authorization: Bearer secret", "X-Site: A"]))
        id = self.create(self.observation())
        method, path, headers, body, _ = self.endpoint.next()
        self.assertEqual((method, path), ("PUT", f"/hooks/plain/Observation/{id}"))
        self.assertEqual(body, self.ask("GET", f"Observation/{id}").body)
        headers = {name.lower(): value for name, value in headers.items()}
        self.assertEqual((headers["authorization"], headers["x-site"], headers["content-type"]), ("Bearer secret", "A", FHIR_JSON))
        self.ask("PUT", f"Observation/{id}", {**body, "status": "amended"})  # no longer meets the criteria
        self.ask("PUT", f"Observation/{id}", {**body, "note": [{"text": "again"}]})
        self.assertEqual(self.endpoint.next()[3]["note"], [{"text": "again"}])

    def test_an_observation_that_is_a_reading_too_is_told_once_and_so_is_a_correction(self):
        number = self.add_patient("MRN-1")
        token = self.add_device("monitor-1", number)
        patient = wait_until("the patient has a Patient", lambda: self.search("Patient?identifier=MRN-1").ids())[0]
        self.subscribe(self.plain(f"Observation?code=8867-4&patient={patient}", payload=FHIR_JSON))
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        posted = self.create(self.observation(
            subject={"reference": f"Patient/{patient}"}, effectiveDateTime=now, device={"identifier": {"system": "urn:vigil:device", "value": "monitor-1"}},
            valueQuantity={"value": 72, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}))
        wait_until("it is a reading", lambda: self.values(number, "heart_rate") == ["72"])
        self.assertEqual(self.endpoint.next()[1], f"/hooks/plain/Observation/{posted}")
        monitor = Client(self.server, "monitor-1", token).connect()
        self.addCleanup(monitor.close)
        monitor.publish("vigil/monitor-1/telemetry", {"heart_rate": 173})
        view = self.endpoint.next()[3]
        self.assertEqual(view["valueQuantity"]["value"], 173)
        view["valueQuantity"]["value"] = 73
        self.ask("PUT", f"Observation/{view['id']}", {**view, "status": "amended"})
        wait_until("the reading is amended", lambda: "73" in self.values(number, "heart_rate"))
        monitor.publish("vigil/monitor-1/telemetry", {"heart_rate": 74})
        told = [self.endpoint.next()[3] for _ in range(2)]
        self.assertEqual([one["valueQuantity"]["value"] for one in told], [73, 74])
        self.assertTrue(self.endpoint.taken.empty())

    def test_secrets_in_headers_are_shown_to_nobody_and_survive_a_read_and_write(self):
        id = self.subscribe(self.plain("Observation?code=8867-4", payload=FHIR_JSON, header=["Authorization: Bearer secret"]))
        shown = self.ask("GET", f"Subscription/{id}")
        self.assertNotIn("secret", shown.text)
        self.assertNotIn("secret", self.ask("GET", f"Subscription/{id}/_history").text)
        self.assertEqual(self.ask("PUT", f"Subscription/{id}", {**shown.body, "reason": "changed"}).status, 200)
        self.wait_for(id, "active")
        self.create(self.observation())
        self.assertEqual(self.endpoint.next()[2]["authorization"], "Bearer secret")
        stolen = {**shown.body, "channel": {**shown.body["channel"], "endpoint": f"{self.endpoint.url}/hooks/mine"}}
        del stolen["id"]
        self.assert_outcome(self.ask("POST", "Subscription", stolen), 422, "value")

    def test_what_cannot_be_subscribed_to_is_refused_with_the_place(self):
        for change, expression in (
                ({"criteria": "Observation?no-such=1"}, "Subscription.criteria"),
                ({"criteria": "Nothing?code=1"}, "Subscription.criteria"),
                ({"criteria": "http://example.org/topic"}, "Subscription.criteria"),
                ({"end": "2001-01-01T00:00:00Z"}, "Subscription.end"),
                ({"channel": {"type": "email", "endpoint": "mailto:a@b.c"}}, "Subscription.channel.type"),
                ({"channel": {"type": "rest-hook"}}, "Subscription.channel.endpoint"),
                ({"channel": {"type": "rest-hook", "endpoint": "http://169.254.169.254/latest"}}, "Subscription.channel.endpoint"),
                ({"channel": {"type": "rest-hook", "endpoint": self.endpoint.url + "/hooks/../x"}}, "Subscription.channel.endpoint"),
                ({"channel": {"type": "rest-hook", "endpoint": self.endpoint.url + "/hooks/x", "header": ["Host: other"]}}, "Subscription.channel.header"),
                ({"channel": {"type": "rest-hook", "endpoint": self.endpoint.url + "/hooks/x", "payload": "application/fhir+xml"}}, "Subscription.channel.payload")):
            answer = self.ask("POST", "Subscription", {**self.plain("Observation?code=1"), **change})
            self.assertEqual(answer.status, 422, (change, answer.text[:300]))
            self.assertIn(expression, answer.body["issue"][0]["expression"], change)

    def test_a_websocket_is_pinged(self):
        id = self.subscribe({"resourceType": "Subscription", "status": "requested", "reason": "test", "criteria": "Patient?name=Ada", "channel": {"type": "websocket"}})
        stranger = WebSocket(self.server, "/fhir/websocket")
        self.addCleanup(stranger.close)
        stranger.send(f"bind {id}")
        self.assertIn("OperationOutcome", stranger.text())
        socket = WebSocket(self.server, "/fhir/websocket", Authorization=f"Bearer {self.token}")
        self.addCleanup(socket.close)
        socket.send(f"bind {id}")
        self.assertEqual(socket.text(), f"bound {id}")
        self.create({"resourceType": "Patient", "name": [{"given": ["Ada"]}]})
        self.assertEqual(socket.text(), f"ping {id}")

    # --- topics ---

    def test_a_topic_tells_of_create_update_and_delete_with_numbers(self):
        id = self.subscribe(self.topic("Observation", ["Observation?code=8867-4", "status=final,amended"]))
        one = self.create(self.observation())
        bundle = self.endpoint.next()[3]
        self.assertEqual((bundle["type"], value(status_of(bundle), "type"), numbers_of(bundle)), ("history", "event-notification", ["1"]))
        self.assertEqual(bundle["entry"][1]["fullUrl"].split("/fhir/")[1], f"Observation/{one}")
        self.assertEqual(bundle["entry"][1]["request"]["method"], "POST")
        self.assertNotIn("resource", bundle["entry"][1])
        self.ask("PUT", f"Observation/{one}", {**self.observation(status="amended"), "id": one})
        self.assertEqual(self.endpoint.next()[3]["entry"][1]["request"]["method"], "PUT")
        self.ask("DELETE", f"Observation/{one}")
        self.assertEqual(self.endpoint.next()[3]["entry"][1]["request"]["method"], "DELETE")
        status = status_of(self.ask("GET", f"Subscription/{id}/$status").body)
        self.assertEqual((value(status, "status"), value(status, "events-since-subscription-start")), ("active", "3"))
        asked = {"resourceType": "Parameters", "parameter": [{"name": "id", "valueId": id}, {"name": "status", "valueCode": "active"}]}
        self.assertEqual(value(status_of(self.ask("POST", "Subscription/$status", asked).body), "subscription"), value(status, "subscription"))
        events = self.ask("GET", f"Subscription/{id}/$events?eventsSinceNumber=2").body
        self.assertEqual((value(status_of(events), "type"), numbers_of(events)), ("query-event", ["2", "3"]))

    def test_content_is_empty_id_only_or_the_resource_whole(self):
        for content in ("empty", "full-resource"):
            self.subscribe(self.topic("Patient", content=content))
        id = self.create({"resourceType": "Patient", "name": [{"family": "Lovelace"}]})
        bundles = sorted((self.endpoint.next()[3] for _ in range(2)), key=lambda one: len(one["entry"]))
        self.assertEqual(len(bundles[0]["entry"]), 1)
        self.assertNotIn("focus", json.dumps(bundles[0]))
        self.assertEqual(bundles[1]["entry"][1]["resource"], self.ask("GET", f"Patient/{id}").body)

    def test_what_is_not_taken_is_sent_again_and_nothing_is_left_out(self):
        self.subscribe(self.topic("Patient"))
        for status in (500, 503):
            self.endpoint.statuses.put(status)
        ids = [self.create({"resourceType": "Patient"}) for _ in range(5)]
        seen = []
        while len(seen) < 5:
            _, _, _, bundle, status = self.endpoint.next()
            if status == 200:
                seen += [(number, entry["fullUrl"].split("/")[-1]) for number, entry in zip(numbers_of(bundle), bundle["entry"][1:])]
        self.assertEqual(seen, [(str(i + 1), id) for i, id in enumerate(ids)])

    def test_an_endpoint_that_is_gone_ends_it_and_says_why(self):
        id = self.subscribe(self.topic("Patient"))
        self.endpoint.statuses.put(410)
        self.create({"resourceType": "Patient"})
        self.wait_for(id, "error")
        self.assertIn("410", self.ask("GET", f"Subscription/{id}").body["error"])
        again = self.ask("GET", f"Subscription/{id}").body
        self.endpoint.next()
        self.assertEqual(self.ask("PUT", f"Subscription/{id}", again).status, 200)
        self.endpoint.next()  # the handshake
        self.wait_for(id, "active")

    def test_events_go_on_where_they_were_after_kill_9(self):
        id = self.subscribe(self.topic("Patient"))
        self.create({"resourceType": "Patient"})
        self.assertEqual(numbers_of(self.endpoint.next()[3]), ["1"])
        for status in (500,):
            self.endpoint.statuses.put(status)
        second = self.create({"resourceType": "Patient"})
        self.assertEqual(self.endpoint.next()[4], 500)
        self.server.kill()
        self.server.start()
        bundle = self.endpoint.next()[3]
        while "2" not in numbers_of(bundle):  # what was told just before may be told again
            bundle = self.endpoint.next()[3]
        self.assertIn(f"Patient/{second}", json.dumps(bundle))
        self.create({"resourceType": "Patient"})
        self.assertEqual(numbers_of(self.endpoint.next()[3]), ["3"])
        self.assertEqual(self.ask("GET", f"Subscription/{id}").body["status"], "active")

    def test_a_heartbeat_comes_where_nothing_happens(self):
        self.subscribe(self.topic("Patient", extension=[{"url": f"{BACKPORT}heartbeat-period", "valueUnsignedInt": 1}]))
        bundle = self.endpoint.next()[3]
        self.assertEqual((value(status_of(bundle), "type"), len(bundle["entry"])), ("heartbeat", 1))

    def test_off_end_and_delete_are_the_end_of_it(self):
        id = self.subscribe(self.topic("Patient"))
        self.assertEqual(self.ask("PUT", f"Subscription/{id}", {**self.ask("GET", f"Subscription/{id}").body, "status": "off"}).status, 200)
        self.assertEqual(value(status_of(self.ask("GET", f"Subscription/{id}/$status").body), "status"), "off")
        other = self.subscribe(self.topic("Patient"))
        self.assertEqual(self.ask("DELETE", f"Subscription/{other}").status, 204)
        wait_until("it is forgotten", lambda: self.ask("GET", f"Subscription/{other}/$status").status == 404)
        self.create({"resourceType": "Patient"})
        marked = self.subscribe(self.topic("Group"))
        self.create({"resourceType": "Group", "type": "person", "actual": True})
        self.assertIn(f"Subscription/{marked}", json.dumps(self.endpoint.next()[3]), "of the Patient nobody was told")

    def test_it_ends_with_the_credential_that_it_was_written_with(self):
        token = self.post("/api/accounts/admin/tokens", {"name": "short", "scopes": ["system/*.cruds"]})
        answer = self.ask("POST", "Subscription", self.topic("Patient"), token=token["token"])
        self.assertEqual(answer.status, 201, answer.text)
        self.endpoint.next()
        self.wait_for(answer.body["id"], "active")
        number = next(one["id"] for one in self.get("/api/accounts/admin/tokens")["tokens"] if one["name"] == "short")
        self.call("DELETE", f"/api/accounts/admin/tokens/{number}")
        self.wait_for(answer.body["id"], "error")

    def test_a_websocket_is_bound_by_a_token_and_told_in_bundles(self):
        id = self.subscribe(self.topic("Patient", content="full-resource", channel={"type": "websocket"}))
        given = self.ask("GET", f"Subscription/{id}/$get-ws-binding-token").body
        url = value(given, "websocket-url")
        self.assertTrue(url.startswith("ws://") and url.endswith("/fhir/websocket"), url)
        socket = WebSocket(self.server, "/fhir/websocket")
        self.addCleanup(socket.close)
        socket.send({"type": "bind-with-token", "payload": {"token": value(given, "token")}})
        self.assertEqual(value(status_of(json.loads(socket.text())), "type"), "handshake")
        patient = self.create({"resourceType": "Patient"})
        bundle = json.loads(socket.text())
        self.assertEqual(bundle["entry"][1]["resource"]["id"], patient)
        again = WebSocket(self.server, "/fhir/websocket")
        self.addCleanup(again.close)
        again.send(f"bind-with-token {value(given, 'token')}")
        self.assertIn("OperationOutcome", again.text(), "a token is good once")

    # --- readings ---

    def test_readings_of_devices_are_told_of_like_records(self):
        number = self.add_patient("MRN-1")
        patient = wait_until("the patient has a Patient", lambda: self.search("Patient?identifier=MRN-1").ids())[0]
        other = self.add_patient("MRN-2")
        for name, whose in (("monitor-1", number), ("monitor-2", other)):
            client = Client(self.server, name, self.add_device(name, whose)).connect()
            self.addCleanup(client.close)
            setattr(self, name.replace("-", "_"), client)
        self.subscribe(self.topic("Observation", [f"patient=Patient/{patient}&code=8867-4&value-quantity=gt100"], content="full-resource"))
        self.monitor_2.publish("vigil/monitor-2/telemetry", json.dumps({"heart_rate": 120}))
        self.monitor_1.publish("vigil/monitor-1/telemetry", json.dumps({"heart_rate": 80}))
        self.monitor_1.publish("vigil/monitor-1/telemetry", json.dumps({"heart_rate": 130, "spo2": 97}))
        bundle = self.endpoint.next()[3]
        told = bundle["entry"][1]["resource"]
        self.assertEqual((told["valueQuantity"]["value"], numbers_of(bundle)), (130, ["1"]))
        self.assertEqual(told, self.ask("GET", f"Observation/{told['id']}").body)

    def test_a_blood_pressure_is_one_event(self):
        number = self.add_patient("MRN-1")
        client = Client(self.server, "cuff", self.add_device("cuff", number)).connect()
        self.addCleanup(client.close)
        self.subscribe(self.topic("Observation", ["category=vital-signs"]))
        client.publish("vigil/cuff/telemetry", json.dumps({"nibp_sys": 120, "nibp_dia": 80, "nibp_mean": 93}))
        self.assertEqual(len(self.endpoint.next()[3]["entry"]), 2)
        client.publish("vigil/cuff/telemetry", json.dumps({"heart_rate": 61}))
        self.assertEqual(numbers_of(self.endpoint.next()[3]), ["2"])


if __name__ == "__main__":
    unittest.main()
