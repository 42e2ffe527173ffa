"""A person who is erased is gone: from the API, from every file of the data folder, from a backup that was taken before, over a
restart, a rebuild and a restore; and nobody else is touched (docs/decisions/0033-erasure.md)."""
import json
import pathlib
import shutil
import subprocess
import unittest

from fhir_client import FhirTest
from ward import BINARY, Client, Refused, Server, wait_until

NAME, IDENTIFIER, STREET, NOTE, RAW, BROKEN = ("Quagmirella Zyxwvutson", "MRN-7700-ERASE", "Snozzwanger Lane 9", "grumblefrotz",
                                               "rawflibbert", "brokensquonk")
SECRETS = (NAME, "zyxwvutson", IDENTIFIER, STREET, "snozzwanger", NOTE, RAW, BROKEN)
KEY_RECORD = 68  # subject.keys: number (4), wrapped key (60), checksum (4); behind a head of its own (src/identity/wrapped_keys.hpp)


def found_in(folder):
    """Which secrets stand in which file below a folder, in clear."""
    hits = []
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file():
            data = path.read_bytes().lower()
            hits += [(path.name, secret) for secret in SECRETS if secret.lower().encode() in data]
    return hits


def subjects_with_keys(folder):
    data = (pathlib.Path(folder) / "keys/subject.keys").read_bytes()
    data = data[8 + 4 + int.from_bytes(data[8:12], "big") + 4:]
    return {int.from_bytes(data[at:at + 4], "big") for at in range(0, len(data), KEY_RECORD)}


class Erasure(FhirTest):
    def setUp(self):
        super().setUp()
        self.gone = self.post("/api/patients", {"display_name": NAME, "identifier": IDENTIFIER, "unit": "ICU 1", "bed": "01"})["id"]
        self.stays = self.post("/api/patients", {"display_name": "Bo Remains", "identifier": "MRN-STAYS", "unit": "ICU 1",
                                                 "bed": "02"})["id"]
        self.record = {who: wait_until("their Patient is there", lambda who=who: self.get(f"/api/patients/{who}")["patient"]["fhir_id"])
                       for who in (self.gone, self.stays)}
        self.clients = {}
        for name, who in (("m-gone", self.gone), ("m-stays", self.stays)):
            client = Client(self.server, name, self.add_device(name, who)).connect()
            self.addCleanup(client.client.loop_stop)
            self.clients[name] = client
        self.fill()

    def fill(self):
        for name, client in self.clients.items():
            raw, broken = (RAW, BROKEN) if name == "m-gone" else ("plain", "plainly broken")
            for value in (61, 62, 63):
                client.publish(f"vigil/{name}/telemetry", {"heart_rate": value, raw: 1, "seq": value})
            client.publish(f"vigil/{name}/telemetry", '{"heart_rate": ' + broken)
        wait_until("what cannot be read is kept", lambda: self.get("/api/quarantine")["counts"]["open"] == 8)
        patient = self.ask("GET", f"Patient/{self.record[self.gone]}").body
        patient["address"] = [{"line": [STREET]}]
        self.assertEqual(self.ask("PUT", f"Patient/{patient['id']}", patient).status, 200)
        self.conditions = {who: self.condition(who, NOTE if who == self.gone else "sprain") for who in self.record}
        # A version of before says it too.
        changed = self.ask("GET", f"Condition/{self.conditions[self.gone]}").body | {"note": [{"text": NOTE + " again"}]}
        self.assertEqual(self.ask("PUT", f"Condition/{changed['id']}", changed).status, 200)

    def condition(self, who, text):
        answer = self.ask("POST", "Condition", {
            "resourceType": "Condition", "code": {"text": text}, "clinicalStatus": {"coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}, "subject": {"reference": f"Patient/{self.record[who]}"},
            "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{text}</div>'}})
        self.assertEqual(answer.status, 201, answer.text)
        return answer.body["id"]

    def erase(self, **more):
        return self.post(f"/api/patients/{self.gone}/erasure", {"reason": "asked by letter", "identifier": IDENTIFIER} | more)

    def backup(self, name):
        folder = self.place / name
        self.post("/api/backup", {"folder": str(folder)})
        return folder

    def assert_refused(self, status, call, *arguments, **more):
        with self.assertRaises(Refused) as refused:
            call(*arguments, **more)
        self.assertEqual(refused.exception.status, status)
        return refused.exception.error

    def assert_gone(self):
        """Nothing of theirs is shown by any way in."""
        self.assert_refused(404, self.get, f"/api/patients/{self.gone}")
        self.assertNotIn(NAME, json.dumps(self.get("/api/patients")) + json.dumps(self.get("/api/ward")))
        self.assert_refused(404, self.values, self.gone, "heart_rate")
        self.assertEqual(self.ask("GET", f"Patient/{self.record[self.gone]}").status, 410)
        self.assertEqual(self.ask("GET", f"Condition/{self.conditions[self.gone]}").status, 410)
        self.assertEqual(self.ask("GET", f"Condition/{self.conditions[self.gone]}/_history/1").status, 410)
        for query in (f"Patient?identifier={IDENTIFIER}", "Patient?family=zyxwvutson&_total=accurate", f"Condition?_content={NOTE}",
                      "Patient?name:contains=yxwvut"):
            answer = self.ask("GET", query)
            self.assertIn(answer.status, (200, 503), answer.text)
            if answer.status == 200:
                self.assertEqual(answer.resources(), [], query)
        history = self.ask("GET", "_history?_count=1000").text + self.ask("GET", f"Condition/{self.conditions[self.gone]}/_history").text
        quarantine = json.dumps([self.get(f"/api/quarantine/{item['id']}") for item in self.get("/api/quarantine?state=all")["items"]])
        for secret in SECRETS:
            self.assertNotIn(secret, history)
            self.assertNotIn(secret, quarantine)
        for item in self.get("/api/quarantine?state=all")["items"]:
            self.assertNotEqual(item["device"], "m-gone")
        certificate = self.get(f"/api/patients/{self.gone}/erasure")
        self.assertEqual(certificate["reason"], "asked by letter")
        self.assertIn("Destroyed:", self.get(f"/api/patients/{self.gone}/erasure?format=text"))

    def assert_others_stay(self):
        self.assertEqual(self.values(self.stays, "heart_rate"), ["61", "62", "63"])
        self.assertEqual(self.get(f"/api/patients/{self.stays}")["patient"]["display_name"], "Bo Remains")
        self.assertEqual(self.ask("GET", f"Condition/{self.conditions[self.stays]}").body["code"]["text"], "sprain")
        wait_until("they are found", lambda: len((self.ask("GET", "Patient?identifier=MRN-STAYS").body or {}).get("entry", [])) == 1)
        self.assertEqual([item["device"] for item in self.get("/api/quarantine?device=m-stays")["items"]], ["m-stays"] * 4)

    def restored(self, backup, keys, name):
        folder = self.place / name
        folder.mkdir(mode=0o700)
        shutil.copytree(keys, folder / "keys")
        subprocess.run([BINARY, "restore", str(backup), "--data", str(folder)], check=True, capture_output=True)
        return Server(BINARY, str(folder)).start()

    def test_nothing_of_the_person_can_be_read_anywhere_and_nobody_else_is_touched(self):
        before, data = self.backup("before"), self.place / "data"
        self.assertEqual(found_in(before), [], "a backup holds sealed bodies only")
        self.assertTrue(found_in(data), "the search index is in clear while they are there")
        old_keys = self.place / "old-keys"
        shutil.copytree(data / "keys", old_keys)

        certificate = self.erase()
        self.assertEqual(certificate["patient"], self.gone)
        self.assertEqual(found_in(data), [])
        self.assertEqual(found_in(self.place / "old-keys"), [])
        self.assertNotIn(int(self.gone), subjects_with_keys(data))
        self.assertIn(int(self.stays), subjects_with_keys(data))
        self.assert_gone()
        self.assert_others_stay()

        # Their number is nobody's again; their device is on nobody.
        self.assertGreater(int(self.add_patient("P-NEXT")), int(self.gone))
        self.clients["m-gone"].publish("vigil/m-gone/telemetry", {"heart_rate": 99, "seq": 99})
        self.assertEqual([reading["value"] for reading in self.device_readings()], ["99"])

        after = self.backup("after")
        for start in (self.restart, self.rebuild):
            start()
            self.assert_gone()
            self.assert_others_stay()
            self.assertEqual(found_in(data), [])
        keys = data / "keys"
        self.assertEqual(self.server.stop(), 0)
        for number, (backup, of) in enumerate(((before, keys), (after, keys), (after, old_keys))):
            with self.subTest(backup=backup.name, keys=of.name):
                self.server = self.restored(backup, of, f"restored-{number}")
                folder = self.place / f"restored-{number}"
                self.assert_gone()
                self.assert_others_stay()
                self.assertNotIn(int(self.gone), subjects_with_keys(folder))
                self.assertEqual(found_in(folder), [])
                self.assertEqual(self.server.stop(), 0)
                self.assertTrue(self.server.command("verify")["sound"])

    def device_readings(self):
        text = self.get("/api/series/raw?device=m-gone&metric=heart_rate&format=ndjson")
        return [json.loads(line) for line in text.splitlines()]

    def restart(self):
        self.assertEqual(self.server.stop(), 0)
        self.server.start()

    def rebuild(self):
        self.assertEqual(self.server.stop(), 0)
        self.server.command("rebuild")
        self.assertTrue(self.server.command("verify")["sound"])
        self.server.start()

    def test_a_crash_in_between_leaves_nothing(self):
        self.erase()
        self.server.kill()
        self.server.start()
        self.assert_gone()
        self.assert_others_stay()
        self.assertEqual(found_in(self.place / "data"), [])

    def test_a_hold_forbids_it_until_it_is_released(self):
        self.post(f"/api/patients/{self.gone}/hold", {"reason": "court file 12"})
        error = self.assert_refused(409, self.erase)
        self.assertIn("court file 12", error["message"])
        self.restart()
        self.assert_refused(409, self.erase)
        self.assertEqual(self.values(self.gone, "heart_rate"), ["61", "62", "63"])
        self.assertEqual(self.call("DELETE", f"/api/patients/{self.gone}/hold")["hold"], None)
        self.erase()
        self.assert_gone()

    def test_the_wrong_identifier_a_nurse_and_a_second_time_are_refused(self):
        self.assert_refused(400, self.erase, identifier="MRN-STAYS")
        self.assert_refused(400, self.erase, reason=" ")
        self.post("/api/accounts", {"username": "nurse", "role": "nurse", "password": "a long password of a nurse", "units": ["ICU 1"]})
        token = self.post("/api/accounts/nurse/tokens", {"name": "t", "scopes": ["user/*.cruds"]})["token"]
        self.assert_refused(403, self.call, "POST", f"/api/patients/{self.gone}/erasure",
                            {"reason": "x", "identifier": IDENTIFIER}, token)
        self.assertEqual(self.values(self.gone, "heart_rate"), ["61", "62", "63"])
        self.erase()
        self.assert_refused(404, self.erase)

    def test_on_the_command_line(self):
        self.assertEqual(self.server.stop(), 0)
        said = subprocess.run([BINARY, "patient", "erase", IDENTIFIER, "--reason", "asked by letter", "--data", self.server.folder],
                              input="MRN-STAYS\n", capture_output=True, text=True, check=False)
        self.assertNotEqual(said.returncode, 0, said.stdout)
        self.server.command("patient", "erase", IDENTIFIER, "--reason", "asked by letter", stdin=IDENTIFIER + "\n")
        self.assertEqual(self.server.command("patient", "certificate", self.gone)["by"], "operator")
        self.assertEqual(found_in(self.place / "data"), [])
        self.server.start()
        self.assert_gone()
        self.assert_others_stay()


class RetentionDuty(FhirTest):
    config = "[privacy]\nrecord_kept_years = 10\n"

    def test_a_record_that_the_law_keeps_is_not_erased(self):
        patient = self.add_patient("P1")
        client = Client(self.server, "m-1", self.add_device("m-1", patient)).connect()
        self.addCleanup(client.client.loop_stop)
        client.publish("vigil/m-1/telemetry", {"heart_rate": 61})
        with self.assertRaises(Refused) as refused:
            self.post(f"/api/patients/{patient}/erasure", {"reason": "asked", "identifier": "P1"})
        self.assertEqual(refused.exception.status, 409)
        self.assertIn("10 years", refused.exception.error["message"])
        self.assertEqual(self.values(patient, "heart_rate"), ["61"])


if __name__ == "__main__":
    unittest.main()
