#!/usr/bin/python3
"""`vigil deidentify` over what a real server's `$export` gives (docs/guides/deidentify.md)."""
import gzip
import json
import pathlib
import stat
import subprocess
import tempfile
import unittest

from fhir_export_test import ExportTest
from ward import BINARY, PATIENCE_S

WRONG_COMMAND_LINE, UNREADABLE, NOT_FOUND, CONFLICT, NOT_ALLOWED, GATE = 2, 3, 4, 5, 6, 12
SECRETS = ("Rivera", "Boise", "208-555-0100", "MRN-1", "MRN-2", "1 Main St", "monitor-1", "1957-02-03", "SN-9")


def deidentify(*words):
    return subprocess.run([BINARY, "deidentify", *map(str, words)], capture_output=True, text=True, timeout=PATIENCE_S)


def resources(folder, type):
    path = folder / f"{type}.ndjson"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Folders(unittest.TestCase):
    def setUp(self):
        super().setUp()
        made = tempfile.TemporaryDirectory(prefix="vigil-release-")
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name)
        self.given, self.release = self.folder / "export", self.folder / "release"
        self.given.mkdir()

    def done(self, result, status=0):
        self.assertEqual(result.returncode, status, result.stderr + result.stdout)
        return result.stdout

    def refused(self, result, status, saying):
        self.done(result, status)
        self.assertRegex(result.stderr, r"\Avigil: [^\n]+\n\Z")
        self.assertRegex(result.stderr, saying)

    def leftovers(self):
        return sorted(path.name for path in self.folder.iterdir() if path.name != "export")


class OfAServer(Folders, ExportTest):
    """From the device to the release."""

    def setUp(self):
        super().setUp()
        self.add_ward()
        self.create({"resourceType": "Condition", "subject": {"reference": f"Patient/{self.patients[0]}"},
                     "code": {"coding": [{"system": "http://snomed.info/sct", "code": "38341003"}], "text": "says Dr Rivera in Boise"},
                     "note": [{"text": "call 208-555-0100"}], "onsetDateTime": "2020-05-06"})
        patient = self.ask("GET", f"Patient/{self.patients[0]}").body
        patient |= {"name": [{"family": "Rivera"}], "birthDate": "1957-02-03", "gender": "female",
                    "address": [{"line": ["1 Main St"], "city": "Boise", "state": "ID", "postalCode": "83702"}]}
        self.assertEqual(self.ask("PUT", f"Patient/{self.patients[0]}", patient).status, 200)
        found, _ = self.export("$export")
        for type, content in found.items():
            (self.given / f"{type}.1.ndjson").write_text("".join(json.dumps(one) + "\n" for one in content))

    def test_readings_are_told_relative_and_nobody_is_named(self):
        self.done(deidentify(self.given, self.release, "--gate", "none"))
        told = "".join(path.read_text() for path in self.release.iterdir())
        for secret in (*SECRETS, *self.patients):
            self.assertNotIn(secret, told)
        patients = resources(self.release, "Patient")
        self.assertEqual(len(patients), 2)
        self.assertIn("1957", [one.get("birthDate") for one in patients])
        self.assertEqual(resources(self.release, "Practitioner"), [])
        observations = resources(self.release, "Observation")
        self.assertEqual(len(observations), 10)
        first = next(one for one in patients if "birthDate" in one)["id"]
        offsets = []
        for one in observations:
            self.assertEqual(one["subject"]["reference"], f"Patient/{first}")
            self.assertNotIn("effectiveDateTime", one)
            parts = {part["url"]: part for part in one["_effectiveDateTime"]["extension"][0]["extension"]}
            self.assertEqual(parts["target"]["valueReference"], one["subject"])
            offsets.append(parts["offset"]["valueDuration"])
            self.assertIn(one["device"]["reference"].removeprefix("Device/"), [device["id"] for device in resources(self.release, "Device")])
        # The first date of all is the onset, a day: so are all others counted.
        self.assertEqual({offset["code"] for offset in offsets}, {"d"})

    def test_what_it_gives_is_valid_and_taken_back_in(self):
        self.done(deidentify(self.given, self.release, "--gate", "none", "--method", "date-shift"))
        for path in self.release.glob("*.ndjson"):
            for resource in resources(self.release, path.stem):
                answer = self.ask("POST", f"{path.stem}/$validate", resource)
                self.assertNotIn('"error"', answer.text, resource)
        # Ten readings, a second apart, stay a second apart.
        times = sorted({one["effectiveDateTime"] for one in resources(self.release, "Observation")})
        self.assertEqual(len(times), 5)
        self.assertEqual([time[17:19] for time in times],
                         [f"{(int(times[0][17:19]) + i) % 60:02}" for i in range(5)])


class OfFiles(Folders):
    def write(self, count=40, **more):
        with (self.given / "Patient.ndjson").open("w") as file:
            for i in range(count):
                file.write(json.dumps({"resourceType": "Patient", "id": f"p{i}", "gender": "female", "birthDate": f"19{60 + i % 5}-01-01"} | more) + "\n")

    def test_a_release_with_its_report_and_key(self):
        self.write()
        shown = json.loads(self.done(deidentify(self.given, self.release, "--json")))
        self.assertTrue(shown["passes"])
        self.assertGreaterEqual(shown["risk"]["k"], 12)
        self.assertEqual(json.loads((self.release / "report.json").read_text()), shown)
        self.assertIn("PASSES", (self.release / "report.txt").read_text())
        self.assertEqual(self.leftovers(), ["release", "release.key"])
        key = self.folder / "release.key"
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.release.stat().st_mode), 0o700)
        secret = key.read_text().split()[-1]
        self.assertNotIn(secret, "".join(path.read_text() for path in self.release.iterdir()))

    def test_the_same_key_gives_the_same_codes_and_another_others(self):
        self.write()
        ids = lambda folder: [one["id"] for one in resources(folder, "Patient")]  # noqa: E731
        self.done(deidentify(self.given, self.release))
        key = self.folder / "release.key"
        again, other, named = (self.folder / name for name in ("again", "other", "named"))
        self.done(deidentify(self.given, again, "--key", key))
        self.done(deidentify(self.given, other, "--no-key"))
        self.done(deidentify(self.given, named, "--key", key, "--release", "2027"))
        self.assertEqual(ids(self.release), ids(again))
        self.assertEqual(set(ids(self.release)) & set(ids(other)), set())
        self.assertEqual(set(ids(self.release)) & set(ids(named)), set())
        self.assertFalse((self.folder / "other.key").exists())
        self.assertFalse((self.folder / "again.key").exists())

    def test_where_the_gate_is_not_passed_there_is_no_data(self):
        self.write(count=5)
        result = deidentify(self.given, self.release)
        self.done(result, GATE)
        self.assertIn("DOES NOT PASS", result.stdout)
        self.assertEqual(sorted(path.name for path in self.release.iterdir()), ["report.json", "report.txt"])
        self.assertEqual(self.leftovers(), ["release"], "no key without data")
        anyway = self.folder / "anyway"
        self.done(deidentify(self.given, anyway, "--write-anyway", "--k", "100", "--left-out-max", "0"), GATE)
        self.assertFalse(json.loads((anyway / "report.json").read_text())["passes"])

    def test_nothing_is_written_over(self):
        self.write()
        before = {path: path.read_bytes() for path in self.given.iterdir()}
        self.refused(deidentify(self.given, self.given), CONFLICT, "there already")
        self.refused(deidentify(self.given, self.given / "release"), CONFLICT, "in the folder that is read")
        self.release.mkdir()
        self.refused(deidentify(self.given, self.release), CONFLICT, "there already")
        self.release.rmdir()
        self.refused(deidentify(self.given, self.folder / "no/where"), NOT_FOUND, "no folder")
        key = self.folder / "release.key"
        key.write_text("mine")
        key.chmod(0o600)
        self.refused(deidentify(self.given, self.release), CONFLICT, "a key already")
        self.refused(deidentify(self.given, self.release, "--key", key), UNREADABLE, "not a key file")
        key.chmod(0o644)
        self.refused(deidentify(self.given, self.release, "--key", key), NOT_ALLOWED, "chmod 600")
        self.assertEqual({path: path.read_bytes() for path in self.given.iterdir()}, before)
        self.assertEqual(self.leftovers(), ["release.key"], "what was begun is gone")

    def test_what_cannot_be_read_is_left_out_and_told(self):
        self.write()
        with gzip.open(self.given / "more.ndjson.gz", "wt") as file:
            file.write('{"resourceType":"Patient","id":"packed","gender":"female","birthDate":"1961"}\n[1]\n{"name": "Rivera of\n')
        result = deidentify(self.given, self.release)
        self.done(result, UNREADABLE)
        self.assertRegex(result.stderr, r"more\.ndjson\.gz:2: .*\n.*more\.ndjson\.gz:3: ")
        self.assertNotIn("Rivera", result.stderr)
        self.assertEqual(len(resources(self.release, "Patient")), 41)

    def test_wrong_words(self):
        self.refused(deidentify(self.folder / "none", self.release), NOT_FOUND, "no such folder")
        self.refused(deidentify(self.given, self.release), NOT_FOUND, "ndjson")
        self.write()
        self.refused(deidentify(self.given, self.release, "--method", "guess"), WRONG_COMMAND_LINE, "method")
        self.refused(deidentify(self.given, self.release, "--quasi", "shoes"), UNREADABLE, "age, sex")
        self.refused(deidentify(self.given, self.release, "--as-of", "soon"), UNREADABLE, "YYYY-MM-DD")
        self.refused(deidentify(self.given, self.release, "--key", "k", "--no-key"), WRONG_COMMAND_LINE, "key")
        self.assertEqual(self.leftovers(), [])

    def test_a_line_that_is_huge_does_not_fill_memory(self):
        self.write()
        with (self.given / "huge.ndjson").open("w") as file:
            file.write('{"x":"' + "a" * (17 << 20) + '"}\n')
        self.done(deidentify(self.given, self.release), UNREADABLE)

    def test_lines_stand_in_the_order_of_their_codes(self):
        self.write(count=2000)
        with (self.given / "Condition.ndjson").open("w") as file:
            for i in range(40_000):  # more than one shelf
                file.write(json.dumps({"resourceType": "Condition", "id": f"c{i}", "subject": {"reference": f"Patient/p{i % 2000}"},
                                       "code": {"text": "x" * 300}}) + "\n")
        self.done(deidentify(self.given, self.release, "--no-key"))
        for type, count in (("Patient", 2000), ("Condition", 40_000)):
            ids = [one["id"] for one in resources(self.release, type)]
            self.assertEqual(len(ids), count)
            self.assertEqual(ids, sorted(ids))
        self.assertEqual(sorted(path.name for path in self.release.iterdir()),
                         ["Condition.ndjson", "Patient.ndjson", "report.json", "report.txt"])

    def test_options_may_stand_before_the_folders(self):
        self.write()
        report = json.loads(self.done(deidentify("--json", "--no-key", "--quasi", "age,sex", "--code-system", "urn:x", self.given, self.release)))
        self.assertEqual([one["name"] for one in report["quasi_identifiers"]], ["age", "sex"])

    def test_help_teaches(self):
        shown = self.done(deidentify("--help"))
        for word in ("safe-harbor", "limited", "date-shift", "report.txt", "12", "--no-key"):
            self.assertIn(word, shown)


if __name__ == "__main__":
    unittest.main()
