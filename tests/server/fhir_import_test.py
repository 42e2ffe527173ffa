#!/usr/bin/python3
"""Bulk import: $import by manifest and by Parameters, of files and of another server, over kill -9; and `vigil import`."""
import contextlib
import gzip
import http.server
import json
import os
import sqlite3
import subprocess
import threading
import unittest
import urllib.request

from fhir_client import FhirTest
from ward import BINARY, wait_until

NDJSON = "application/fhir+ndjson"


def patient(id, family="Import"):
    return {"resourceType": "Patient", "id": id, "name": [{"family": family}], "birthDate": "1970-01-01"}


def observation(id, patient, value=70):
    return {"resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": f"Patient/{patient}"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}, "effectiveDateTime": "2024-01-01T10:00:00Z",
            "valueQuantity": {"value": value, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}}


def lines(resources):
    return "".join(json.dumps(resource) + "\n" for resource in resources)


class Source(http.server.BaseHTTPRequestHandler):
    """Another server: gives parts of a file where `ranges`, breaks off after `breaks` bytes the first time."""
    text, ranges, breaks, asked = b"", True, None, []

    def do_GET(self):
        own = type(self)
        own.asked.append((self.path, self.headers.get("range")))
        if self.path == "/elsewhere/moved":
            self.send_response(302)
            self.send_header("location", "/files/good.ndjson")
            self.end_headers()
            return
        start = 0
        if own.ranges and self.headers.get("range"):
            start = int(self.headers["range"].removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            self.send_header("content-range", f"bytes {start}-{len(own.text) - 1}/{len(own.text)}")
        else:
            self.send_response(200)
        body = own.text[start:]
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        broken, own.breaks = own.breaks, None
        self.wfile.write(body if broken is None else body[:broken])

    def log_message(self, *_):
        pass


class ImportTest(FhirTest):
    def setUp(self):
        self.source = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Given", (Source,), {"asked": []}))
        self.given = self.source.RequestHandlerClass
        threading.Thread(target=self.source.serve_forever, daemon=True).start()
        self.addCleanup(self.source.server_close)
        self.addCleanup(self.source.shutdown)
        self.origin = f"http://127.0.0.1:{self.source.server_port}"
        self.config = f'[fhir]\nimport_sources = "{self.origin}/files/"\n'
        super().setUp()
        self.folder = self.place / "data/import"
        self.folder.mkdir()

    def put_file(self, name, resources):
        text = resources if isinstance(resources, str) else lines(resources)
        (self.folder / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return {"type": name.split(".")[0], "url": f"file:{name}"}

    def kick_off(self, inputs, prefer="respond-async", token=None, **more):
        return self.ask("POST", "$import", {"inputFormat": NDJSON, "inputSource": "https://source.example", "input": inputs, **more},
                        prefer=prefer, token=token)

    def begin(self, inputs, **more):
        answer = self.kick_off(inputs, **more)
        self.assertEqual((answer.status, answer.text), (202, ""), answer.text)
        return answer.headers["content-location"]

    def finish(self, location, patience=120):
        def whole():
            answer = self.ask("GET", location)
            if answer.status == 202:
                self.assertIn("x-progress", answer.headers)
                self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
                return None
            self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/json"), answer.text)
            return answer.body
        return wait_until("the import is whole", whole, patience)

    def outcomes(self, error):
        """Of an error file: what it says, a line each."""
        path = error["url"].split("/fhir/", 1)[1]
        text = self.get_text(path)
        found = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(len(found), error["count"])
        self.assertEqual({outcome["resourceType"] for outcome in found}, {"OperationOutcome"})
        return [outcome["issue"][0]["diagnostics"] for outcome in found]

    def get_text(self, path):
        request = urllib.request.Request(self.server.url("/fhir/" + path), headers={"authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request) as answer:
            self.assertEqual(answer.headers["content-type"], NDJSON)
            return answer.read().decode()

    def count(self, type):
        return self.search(f"{type}?_summary=count").body["total"]

    def versions(self, type):
        """All there ever were of a type."""
        query, count = f"{type}/_history?_count=1000", 0
        while query:
            page = self.search(query)
            count += len(page.body.get("entry", []))
            query = page.link("next")
        return count


class Kinds(ImportTest):
    def test_files_are_imported_under_their_ids_whatever_their_order(self):
        answer = self.finish(self.begin([
            self.put_file("Observation.ndjson", [observation(f"o{i}", f"p{i % 10}") for i in range(1200)]),
            self.put_file("Patient.ndjson.gz", [patient(f"p{i}") for i in range(10)])]))
        self.assertEqual([(one["inputUrl"], one["count"]) for one in answer["output"]],
                         [("file:Patient.ndjson.gz", 10), ("file:Observation.ndjson", 1200)])
        self.assertEqual(answer["error"], [])
        self.assertEqual(answer["request"].rsplit("/", 1)[1], "$import")
        self.assertEqual(self.ask("GET", "Patient/p3").body["name"][0]["family"], "Import")
        self.assertEqual(self.ask("GET", "Observation/o7").version, "1")
        # Filed under the patients they name.
        self.assertEqual(self.search("Observation?patient=p3&_summary=count").body["total"], 120)
        everything = self.search("Patient/p3/$everything?_count=200").body["entry"]
        self.assertEqual(len(everything), 121)
        self.assertIn({"name": "import", "definition": "urn:vigil:operation:import"},
                      self.ask("GET", "metadata").body["rest"][0]["operation"])

    def test_the_same_as_parameters(self):
        self.put_file("Patient.ndjson", [patient("p1")])
        answer = self.ask("POST", "$import", {"resourceType": "Parameters", "parameter": [
            {"name": "inputFormat", "valueCode": NDJSON}, {"name": "inputSource", "valueUri": "https://source.example"},
            {"name": "mode", "valueString": "IncrementalLoad"},
            {"name": "storageDetail", "part": [{"name": "type", "valueCode": "https"}]},
            {"name": "input", "part": [{"name": "type", "valueCode": "Patient"}, {"name": "url", "valueUri": "file:Patient.ndjson"}]}]},
            prefer="respond-async")
        self.assertEqual(answer.status, 202, answer.text)
        self.assertEqual(self.finish(answer.headers["content-location"])["output"][0]["count"], 1)

    def test_what_is_there_is_updated_and_what_is_the_same_stays(self):
        self.finish(self.begin([self.put_file("Patient.ndjson", [patient("a"), patient("b")])]))
        answer = self.finish(self.begin([self.put_file("Patient.ndjson", [patient("a"), patient("b", "Other"), patient("c")])]))
        self.assertEqual(answer["output"][0]["extension"], {"created": 1, "updated": 1, "unchanged": 1})
        self.assertEqual([self.ask("GET", f"Patient/{id}").version for id in "abc"], ["1", "2", "1"])

    def test_the_last_line_of_a_resource_wins_also_when_the_file_is_sent_again(self):
        between = [observation(f"o{i}", "p1") for i in range(1200)]  # more than are written together
        file = self.put_file("Patient.ndjson", [patient("near", "First"), patient("near", "Last")])
        mixed = {"url": self.put_file("mixed.ndjson", [observation("far", "p1", 60), *between, observation("far", "p1", 61)])["url"]}
        for _ in range(3):
            counts = [one["extension"] for one in self.finish(self.begin([file, mixed]))["output"]]
            self.assertEqual(self.ask("GET", "Patient/near").body["name"][0]["family"], "Last")
            self.assertEqual(self.ask("GET", "Observation/far").body["valueQuantity"]["value"], 61)
        self.assertEqual(sum(one["unchanged"] for one in counts), 1200)

    def test_what_is_wrong_is_told_with_its_line_and_keeps_the_rest_from_nothing(self):
        text = lines([patient("a")]) + "\n" + '{"resourceType": "Patient", "id": "b", "gender": "f"}\n' + "{broken\n" + lines(
            [observation("o", "a")]) + '{"resourceType": "Patient", "id": "no id"}\n' + '{"resourceType":"Patient"}\n' + json.dumps(patient("z"))
        answer = self.finish(self.begin([self.put_file("Patient.ndjson", text)]))
        self.assertEqual(answer["output"][0]["count"], 2)
        said = self.outcomes(answer["error"][0])
        self.assertEqual([words.split(":")[0] for words in said], ["line 3", "line 4", "line 5", "line 6", "line 7"])
        self.assertIn("Observation stands in a file of Patient", said[2])
        self.assertEqual(self.ask("GET", "Patient/z").status, 200)
        self.assertEqual(self.ask("GET", "Patient/b").status, 404)

    def test_an_import_is_a_line_of_audit_and_one_at_its_end_and_one_of_each_commit(self):
        before, self.asked = self.lines_of_audit(), 0
        self.finish(self.begin([self.put_file("Patient.ndjson", [patient(f"p{i}") for i in range(1000)])]))
        wait_until("its end is on record", lambda: self.lines_of_audit() == before + self.asked + 1 + 2)

    def lines_of_audit(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.server.folder}/vigil.db?mode=ro", uri=True)) as store:
            return store.execute("SELECT count(*) FROM audit").fetchone()[0]

    def ask(self, *words, **more):
        self.asked = getattr(self, "asked", 0) + 1
        return super().ask(*words, **more)

    def test_wrong_input_is_told(self):
        file = self.put_file("Patient.ndjson", [patient("a")])
        self.assert_outcome(self.kick_off([file], prefer=""), 400, "required")
        self.assert_outcome(self.kick_off([]), 400, "required")
        self.assert_outcome(self.kick_off([{"type": "Patience", "url": file["url"]}]), 400, "value")
        self.assert_outcome(self.kick_off([file], colour="red"), 400, "not-supported")
        self.assert_outcome(self.kick_off([file], storageDetail={"type": "azure-blob"}), 400, "not-supported")
        self.assert_outcome(self.ask("GET", "$import"), 405, "not-supported")
        self.assert_outcome(self.ask("GET", "$import/nothing"), 404, "not-found")
        self.assert_outcome(self.ask("POST", "$import", {"inputFormat": "text/csv", "input": [file]}, prefer="respond-async"), 400, "not-supported")
        for name in ("file:../vigil.db", "file:/etc/passwd", "file:.hidden", "file:a/../../vigil.db", "file:a//b", "file:"):
            self.assert_outcome(self.kick_off([{"type": "Patient", "url": name}]), 400, "value")
        os.symlink("/etc/passwd", self.folder / "out.ndjson")
        answer = self.finish(self.begin([{"type": "Patient", "url": "file:out.ndjson"}, {"type": "Patient", "url": "file:absent.ndjson"}, file]))
        self.assertEqual([one["count"] for one in answer["output"]], [0, 0, 1])
        self.assertEqual([one["inputUrl"] for one in answer["error"]], ["file:out.ndjson", "file:absent.ndjson"])
        self.assertEqual(self.kick_off([file], prefer="respond-async, handling=lenient", colour="red").status, 202)

    def test_only_who_may_write_and_whose_it_is(self):
        file = self.put_file("Patient.ndjson", [patient("a")])
        location = self.begin([file])
        self.finish(location)
        for name, scope in (("reader", "system/*.rs"), ("other", "system/*.cruds")):
            self.post("/api/accounts", {"username": name, "display_name": name, "role": "service"})
            token = self.post(f"/api/accounts/{name}/tokens", {"name": "t", "scopes": [scope]})["token"]
            self.assertEqual(self.kick_off([file], token=token).status, 403 if name == "reader" else 202)
            self.assertEqual(self.ask("GET", location, token=token).status, 404)
        self.assertEqual(self.ask("DELETE", location).status, 202)
        wait_until("it is gone", lambda: self.ask("GET", location).status == 404)

    def test_posted_resources_are_answered_at_once(self):
        answer = self.ask("POST", "$import", lines([patient("a"), {"resourceType": "Patient"}, observation("o", "a")]), content_type=NDJSON)
        self.assertEqual(answer.status, 200, answer.text)
        said = {one["name"]: one.get("valueInteger", one.get("resource")) for one in answer.body["parameter"]}
        self.assertEqual((said["created"], said["updated"], said["unchanged"], said["refused"]), (2, 0, 0, 1))
        self.assertTrue(said["error"]["issue"][0]["diagnostics"].startswith("line 2: "), said)
        self.assertEqual(self.search("Observation?patient=a").ids(), ["o"])


class References(ImportTest):
    """References that are searches: "Patient?identifier=…"."""

    def setUp(self):
        super().setUp()
        for id, number in (("clinic", "org-1"), ("ward", "twice"), ("lab", "twice")):
            self.ask("PUT", f"Organization/{id}", {"resourceType": "Organization", "id": id, "name": id,
                                                   "identifier": [{"system": "urn:orgs", "value": number}]})

    def of(self, id, number):
        return {**patient(id), "identifier": [{"system": "urn:mrn", "value": id}],
                "managingOrganization": {"reference": f"Organization?identifier=urn:orgs|{number}"}}

    def about(self, id, number):
        return {**observation(id, "x"), "subject": {"reference": f"Patient?identifier=urn:mrn|{number}"},
                "note": [{"text": "Why? Patient?identifier=nobody is no reference here."}]}

    def test_each_leads_to_the_one_that_is_there_by_then(self):
        inputs = [self.put_file("Patient.ndjson", [self.of(f"p{i}", "org-1") for i in range(3)]),
                  self.put_file("Observation.ndjson", [self.about(f"o{i}", f"p{i % 3}") for i in range(600)])]
        for counts in ({"created": 600, "updated": 0, "unchanged": 0}, {"created": 0, "updated": 0, "unchanged": 600}):
            answer = self.finish(self.begin(inputs))
            self.assertEqual((answer["error"], answer["output"][1]["extension"]), ([], counts))
        self.assertEqual(self.ask("GET", "Patient/p1").body["managingOrganization"], {"reference": "Organization/clinic"})
        one = self.ask("GET", "Observation/o4").body
        self.assertEqual((one["subject"], one["note"]), ({"reference": "Patient/p1"}, self.about("o4", "p1")["note"]))
        self.assertEqual(self.search("Observation?patient=p1&_summary=count").body["total"], 200)  # filed under them

    def test_one_that_leads_to_none_or_several_is_told_with_its_place(self):
        file = self.put_file("mixed.ndjson", [
            self.of("p1", "org-1"), self.of("nowhere", "org-2"), self.about("o1", "p1"), self.about("o2", "nobody"), self.of("anywhere", "twice"),
            {"resourceType": "Group", "id": "g", "type": "person", "actual": True,
             "member": [{"entity": {"reference": "Patient/p1"}}, {"entity": {"reference": "Patient?identifier=urn:mrn|nobody"}}]},
            self.about("o3", "p1")])
        answer = self.finish(self.begin([{"url": file["url"]}]))
        self.assertEqual(answer["output"][0]["count"], 3)
        found = [json.loads(line)["issue"][0] for line in self.get_text(answer["error"][0]["url"].split("/fhir/", 1)[1]).splitlines()]
        self.assertEqual([(one["diagnostics"].split(":")[0], one["code"], one["expression"]) for one in found], [
            ("line 2", "not-found", ["Patient.managingOrganization.reference"]),
            ("line 4", "not-found", ["Observation.subject.reference"]),
            ("line 5", "multiple-matches", ["Patient.managingOrganization.reference"]),
            ("line 6", "not-found", ["Group.member[1].entity.reference"])])
        self.assertEqual(sorted(self.search("Observation").ids()), ["o1", "o3"])
        # A Patient that was refused is nobody in the ward, after a restart either.
        self.assertEqual(self.in_the_ward(), ["p1"])
        self.server.kill()
        self.server.start()
        self.assertEqual((self.search("Patient").ids(), self.in_the_ward()), (["p1"], ["p1"]))

    def in_the_ward(self):
        return [one.get("fhir_id") for one in self.get("/api/patients")["patients"]]


class OtherServers(ImportTest):
    def give(self, resources, **how):
        self.given.text = lines(resources).encode()
        for name, value in how.items():
            setattr(self.given, name, value)
        return {"type": "Patient", "url": f"{self.origin}/files/good.ndjson?signature=x"}

    def test_an_address_that_is_not_allowed_is_not_asked(self):
        for url in (f"{self.origin}/elsewhere/a", f"{self.origin}/files/../elsewhere/a", "http://169.254.169.254/latest/meta-data",
                    "ftp://127.0.0.1/files/a", "gopher://x"):
            self.assert_outcome(self.kick_off([{"type": "Patient", "url": url}]), 403, "forbidden")
        self.assertEqual(self.given.asked, [])

    def test_a_source_that_breaks_off_is_gone_on_with(self):
        for ranges in (True, False):
            with self.subTest(ranges=ranges):
                prefix = "r" if ranges else "n"
                self.given.asked.clear()
                answer = self.finish(self.begin([self.give([patient(f"{prefix}{i}") for i in range(3000)], ranges=ranges, breaks=200_000)]))
                self.assertEqual(answer["output"][0]["extension"], {"created": 3000, "updated": 0, "unchanged": 0})
                self.assertEqual(answer["error"], [])
                self.assertEqual(len(self.given.asked), 2)
                self.assertRegex(self.given.asked[1][1], r"^bytes=\d+-$")

    def test_a_source_without_the_file_is_an_error_of_that_input(self):
        self.given.do_GET = lambda handler: handler.send_error(404)
        answer = self.finish(self.begin([self.give([])]))
        self.assertEqual(answer["output"][0]["count"], 0)
        self.assertIn("404", self.outcomes(answer["error"][0])[0])


class Restarts(ImportTest):
    number = 6_000

    def put_many(self):
        return [self.put_file("Observation.ndjson", [observation(f"o{i}", f"p{i % 50}") for i in range(self.number)]),
                self.put_file("Patient.ndjson", [patient(f"p{i}") for i in range(50)])]

    def test_kill_in_the_middle_doubles_nothing(self):
        location = self.begin(self.put_many())
        for seen in (200, 2_500):
            wait_until("some are there", lambda seen=seen: self.count("Observation") >= seen)
            self.server.kill()
            self.server.start()
        answer = self.finish(location)
        self.assertEqual(sum(one["count"] for one in answer["output"]), self.number + 50)
        self.assertEqual((self.count("Observation"), self.versions("Observation")), (self.number, self.number))
        self.assertEqual((self.count("Patient"), self.versions("Patient")), (50, 50))
        self.assertEqual(self.search("Observation?patient=p7&_summary=count").body["total"], self.number // 50)

    def test_kill_between_the_numbers_and_the_commit_doubles_no_patient(self):
        number, gate, give = 700, threading.Event(), self.given.do_GET
        self.given.do_GET = lambda handler: gate.wait(60) and give(handler)
        self.given.text = lines([patient(f"ghost-{i}", f"Family{i}") for i in range(number)]).encode()
        location = self.begin([{"type": "Patient", "url": f"{self.origin}/files/Patient.ndjson"}])
        with contextlib.closing(sqlite3.connect(self.server.folder + "/vigil.db", isolation_level=None)) as store:
            store.execute("BEGIN IMMEDIATE")  # the records cannot be committed
            before = self.entries_in_log()
            gate.set()
            wait_until("numbers are in the log", lambda: self.entries_in_log() >= before + 500)  # of as many as are written together
            self.server.kill()
            store.execute("ROLLBACK")
        self.server.start()
        answer = self.finish(location)
        self.assertEqual(answer["output"][0]["count"], number)
        self.assertEqual((self.count("Patient"), len(self.get("/api/patients?limit=10000")["patients"])), (number, number))
        self.assertEqual(self.ask("GET", "Patient/ghost-499").body["name"][0]["family"], "Family499")

    def entries_in_log(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.server.folder}/log.db?mode=ro", uri=True)) as log:
            return log.execute("SELECT sum(count) FROM commits").fetchone()[0]

    def test_after_a_restart_it_asks_only_what_the_operator_still_allows(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        asked = threading.Event()
        self.given.do_GET = lambda handler: (asked.set(), gate.wait(60))
        location = self.begin([{"type": "Patient", "url": f"{self.origin}/files/Patient.ndjson"}])
        self.assertTrue(asked.wait(60))
        self.server.kill()
        asked.clear()
        (self.place / "vigil.toml").write_text(f'[fhir]\nimport_sources = "{self.origin}/other/"\n')
        self.server.start()
        answer = wait_until("it has ended", lambda: (found := self.ask("GET", location)).status != 202 and found)
        self.assert_outcome(answer, 500, "exception")
        self.assertIn("fhir.import_sources", answer.body["issue"][0]["diagnostics"])
        self.assertFalse(asked.is_set())

    def test_what_it_came_to_outlives_the_process(self):
        location = self.begin([self.put_file("Patient.ndjson", lines([patient("a")]) + "{broken\n")])
        before = self.finish(location)
        self.server.kill()
        self.server.start()
        after = self.ask("GET", location).body  # at another address: the port is another
        self.assertEqual((after["output"], after["transactionTime"]), (before["output"], before["transactionTime"]))
        self.assertEqual([words.split(":")[0] for words in self.outcomes(after["error"][0])], ["line 2"])

    def test_it_can_be_ended(self):
        location = self.begin(self.put_many())
        wait_until("some are there", lambda: self.count("Observation") >= 1)
        self.assertEqual(self.ask("DELETE", location).status, 202)
        self.assert_outcome(self.ask("GET", location), 404, "not-found")
        self.server.kill()
        self.server.start()
        self.assert_outcome(self.ask("GET", location), 404, "not-found")


class CommandLine(ImportTest):
    def run_import(self, *paths):
        done = subprocess.run([BINARY, "import", "--json", "--server", self.server.url("").rstrip("/"), "--api-token", self.token, *map(str, paths)],
                              capture_output=True, text=True, timeout=120)
        return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr

    def test_a_folder_of_ndjson_and_of_bundles(self):
        folder = self.place / "synthea"
        folder.mkdir()
        system = "https://github.com/synthetichealth/synthea"
        uuid = "6e5c4f4a-0000-4000-8000-00000000000"
        (folder / "hospitalInformation1.json").write_text(json.dumps({"resourceType": "Bundle", "type": "batch", "entry": [
            {"fullUrl": f"urn:uuid:{uuid}1", "resource": {"resourceType": "Organization", "id": f"{uuid}1", "name": "Ward",
             "identifier": [{"system": system, "value": "org-1"}]}, "request": {"method": "POST", "url": "Organization"}}]}))
        (folder / "Anna1_Ito2.json.gz").write_bytes(gzip.compress(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": f"urn:uuid:{uuid}2", "resource": patient(f"{uuid}2") | {"managingOrganization": {"reference": f"Organization?identifier={system}|org-1"}},
             "request": {"method": "POST", "url": "Patient"}},
            {"fullUrl": f"urn:uuid:{uuid}3", "resource": {**observation(f"{uuid}3", "x"), "subject": {"reference": f"urn:uuid:{uuid}2"}},
             "request": {"method": "POST", "url": "Observation"}}]}, indent=2).encode()))
        (folder / "Patient.ndjson").write_text(lines([patient("n1"), patient("n2")]))
        (folder / "Observation.000.ndjson").write_text(lines([observation("m1", "n1"), {"resourceType": "Observation", "id": "m2"}]))
        (folder / "notes.txt").write_text("none of it")
        status, totals, said = self.run_import(folder)
        self.assertEqual(totals, {"files": 4, "created": 6, "updated": 0, "unchanged": 0, "refused": 1}, said)
        self.assertEqual(status, 3)
        self.assertIn("Observation.000.ndjson:2: ", said)
        self.assertEqual(self.ask("GET", f"Patient/{uuid}2").body["managingOrganization"]["reference"], f"Organization/{uuid}1")
        self.assertEqual(self.search(f"Observation?patient={uuid}2").ids(), [f"{uuid}3"])
        status, totals, said = self.run_import(folder / "Anna1_Ito2.json.gz")
        self.assertEqual((status, totals["unchanged"]), (0, 2), said)

    def test_wrong_use_is_told(self):
        self.assertEqual(self.run_import(self.place / "absent")[0], 4)
        (self.place / "broken.json").write_text("{")
        self.assertEqual(self.run_import(self.place / "broken.json")[0], 3)
        (self.place / "broken.ndjson.gz").write_bytes(gzip.compress(lines([patient("a")] * 1000).encode())[:-20])
        self.assertEqual(self.run_import(self.place / "broken.ndjson.gz")[0], 3)


if __name__ == "__main__":
    unittest.main()
