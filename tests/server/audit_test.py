"""The audit is tamper-evident: whoever alters the database is found out, a crash is not taken for that, and an auditor
can prove it with what they have kept (docs/guides/audit.md)."""
import contextlib
import json
import random
import shutil
import sqlite3
import subprocess
import threading
import unittest

from ward import BINARY, Refused, ServerTest, wait_until

TAMPERED = 11


class Audit(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()

    def vigil(self, *words, data=True):
        """A command on the idle folder: exit status and what it printed."""
        where = ["--data", self.server.folder] if data else []
        done = subprocess.run([BINARY, *words, *where], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def vigil_online(self, *words):
        done = subprocess.run([BINARY, *words, "--server", self.server.url(""), "--api-token", self.token],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def harm(self, sql):
        with contextlib.closing(sqlite3.connect(f"{self.server.folder}/vigil.db")) as store, store:
            store.executescript(sql)

    def work(self):
        for number in range(20):
            self.get(f"/api/patients?q={number}")

    def test_a_sound_audit_is_said_to_be_online_and_idle_and_harm_is_found_in_both(self):
        self.server.start()
        self.work()
        status, said = self.vigil_online("verify", "audit")
        self.assertEqual((status, said.startswith("sound: ")), (0, True), said)
        self.harm("UPDATE audit SET time = time + 1 WHERE number = 7")
        status, said = self.vigil_online("verify", "audit", "--json")
        self.assertEqual(status, TAMPERED)
        found = json.loads(said)["findings"]
        self.assertEqual([(each["kind"], each["line"]) for each in found], [("changed", 7)])
        self.assertEqual(self.server.stop(), 0)
        status, said = self.vigil("verify", "audit")
        self.assertEqual(status, TAMPERED)
        self.assertIn("changed: line 7", said)
        status, said = self.vigil("verify")
        self.assertEqual(status, TAMPERED)
        self.assertIn("audit: line 7", said)

    def test_a_search_for_a_patients_data_is_found_under_them(self):
        self.server.start()
        number = self.add_patient("MRN-1")
        found = lambda: json.loads(self.get("/fhir/Patient?identifier=MRN-1")).get("entry")
        patient = wait_until("the patient has a Patient", found)[0]["resource"]["id"]
        for query in (f"Observation?patient={patient}", f"Condition?subject=Patient/{patient}", "Observation?code=x"):
            self.get(f"/fhir/{query}")
        lines = self.get(f"/api/audit?patient={number}&what=fhir.search")["lines"]
        self.assertEqual([(line["what"], line["everyone"], line["patients"]) for line in lines],
                         [(f"fhir.search Condition?subject=Patient/{patient}", True, [number]),
                          (f"fhir.search Observation?patient={patient}", True, [number]),
                          ("fhir.search Patient?identifier=***", True, [number])])

    def test_what_each_kind_of_harm_is_called(self):
        self.server.start()
        self.work()
        self.assertEqual(self.server.stop(), 0)
        shutil.copytree(self.server.folder, self.place / "whole")
        for found, sql in (
                (("missing", 5), "DELETE FROM audit WHERE number = 5"),
                (("reordered", 5), "UPDATE audit SET number = -1 WHERE number = 5;"
                                   "UPDATE audit SET number = 5 WHERE number = 9;"
                                   "UPDATE audit SET number = 9 WHERE number = -1"),
                (("cut-off", 10), "DELETE FROM audit WHERE number >= 10"),
                # From after the last checkpoint that fits: of the stop before, with the token's line.
                (("rewritten", 2), "DELETE FROM audit WHERE number >= 10;"
                                   "UPDATE sqlite_sequence SET seq = 9 WHERE name = 'audit'")):
            shutil.rmtree(self.server.folder)
            shutil.copytree(self.place / "whole", self.server.folder)
            self.harm(sql)
            # Each look is on record: lines that are gone get others under their numbers.
            for _ in range(30 if found[0] == "rewritten" else 1):
                done = subprocess.run([BINARY, "verify", "audit", "--json", "--data", self.server.folder],
                                      capture_output=True, text=True)
            self.assertEqual(done.returncode, TAMPERED)
            first = json.loads(done.stdout)["findings"][0]
            if found[0] == "cut-off" and first["kind"] == "missing":
                continue  # the look itself was on record, after the gap, before the walk came there
            self.assertEqual((first["kind"], first["line"]), found)

    def test_a_kept_checkpoint_finds_what_was_taken_away_with_all_that_is_in_the_folder(self):
        self.server.start()
        self.work()
        status, kept = self.vigil_online("audit", "checkpoint")
        self.assertEqual(status, 0)
        (self.place / "kept.txt").write_text(kept)
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.vigil("verify", "audit", "--checkpoint", str(self.place / "kept.txt"))[0], 0)
        # Somebody with all rights: lines, checkpoints and their copy beside the keys.
        self.harm("DELETE FROM audit WHERE number > 6; DELETE FROM audit_checkpoints;"
                  "UPDATE sqlite_sequence SET seq = 6 WHERE name = 'audit'")
        (self.place / "data/keys/audit.checkpoints").unlink()
        self.assertEqual(self.vigil("verify", "audit")[0], 0)
        status, said = self.vigil("verify", "audit", "--checkpoint", str(self.place / "kept.txt"))
        self.assertEqual(status, TAMPERED)
        self.assertIn("cut-off", said)
        status, said = self.vigil("verify", "audit", "--database", self.server.folder + "/vigil.db", "--checkpoint",
                                  str(self.place / "kept.txt"), data=False)
        self.assertEqual(status, TAMPERED, said)
        (self.place / "kept.txt").write_text("no checkpoint")
        self.assertEqual(self.vigil("verify", "audit", "--checkpoint", str(self.place / "kept.txt"))[0], 3)

    def test_a_kill_is_never_taken_for_tampering(self):
        chance = random.Random(5)
        for _ in range(6):
            self.server.start()
            ended = threading.Event()

            def busy():
                while not ended.is_set():
                    try:
                        self.call("POST", "/fhir/Patient", {"resourceType": "Patient"},
                                  headers={"content-type": "application/fhir+json"})
                        self.call("POST", "/api/audit/checkpoint", {})
                    except (Refused, OSError, ValueError):
                        pass

            before = self.lines_of_audit()
            threads = [threading.Thread(target=busy) for _ in range(4)]
            for thread in threads:
                thread.start()
            wanted = before + chance.randrange(10, 120)
            wait_until("lines are written", lambda: self.lines_of_audit() > wanted)
            self.server.kill()
            ended.set()
            for thread in threads:
                thread.join()
            report = self.server.command("verify", "audit")
            self.assertEqual((report["findings"], report["notes"]), ([], []))
            # All of it is vouched for by then, but for the line of this very look.
            self.assertGreaterEqual(report["newest"]["line"], report["last"] - 1)

    def test_a_restored_backup_says_what_it_gave_up(self):
        self.server.start()
        self.work()
        self.post("/api/backup", {"folder": str(self.place / "backup")})
        self.work()
        _, kept = self.vigil_online("audit", "checkpoint")
        (self.place / "kept.txt").write_text(kept)
        self.assertEqual(self.server.stop(), 0)
        for name in ("vigil.db", "log.db"):
            (self.place / "data" / name).unlink()
        status, said = self.vigil("restore", str(self.place / "backup"))
        self.assertEqual(status, 0, said)
        report = self.server.command("verify", "audit")
        self.assertEqual(report["findings"], [])
        self.assertIn("given up", report["notes"][0])
        self.server.start()
        self.work()
        self.assertEqual(self.vigil_online("verify", "audit")[0], 0)
        status, said = self.vigil_online("verify", "audit", "--checkpoint", str(self.place / "kept.txt"))
        self.assertEqual(status, TAMPERED)
        self.assertIn("restored: ", said)

    def test_a_restore_that_was_refused_leaves_nothing_and_can_be_done_again(self):
        self.server.start()
        self.work()
        self.post("/api/backup", {"folder": str(self.place / "backup")})
        self.work()
        self.assertEqual(self.server.stop(), 0)
        for name in ("vigil.db", "log.db"):
            (self.place / "data" / name).unlink()
        (self.place / "data").chmod(0o755)
        status, said = self.vigil("restore", str(self.place / "backup"))
        self.assertNotEqual(status, 0)
        self.assertEqual(list((self.place / "data").glob("*.db")), [], said)
        (self.place / "data").chmod(0o700)
        status, said = self.vigil("restore", str(self.place / "backup"))
        self.assertEqual(status, 0, said)
        status, said = self.vigil("restore", str(self.place / "backup"))
        self.assertIn("holds data already", said)
        report = self.server.command("verify", "audit")
        self.assertEqual(report["findings"], [])
        self.assertFalse((self.place / "data/keys/audit.restored").exists())

    def test_an_auditor_finds_who_looked_at_whom(self):
        self.server.start()
        patient = self.add_patient("MRN-7")
        for _ in range(3):
            self.get(f"/api/patients/{patient}")
        with self.assertRaises(Refused):
            self.call("GET", "/api/patients", token="guessed")
        status, said = self.vigil_online("audit", "list", "--patient", "MRN-7", "--json")
        self.assertEqual(status, 0, said)
        lines = json.loads(said)["lines"]
        looks = [line for line in lines if line["act"] == "read"]
        self.assertEqual({(line["who"], line["token"], line["permitted"]) for line in looks}, {("admin", "test", True)})
        self.assertGreaterEqual(len(looks), 3)
        status, said = self.vigil_online("audit", "list", "--who", "admin", "--limit", "2")
        self.assertEqual((status, len(said.splitlines())), (0, 2), said)
        self.assertIn("audit read", said)

    def test_the_status_shows_the_last_check_and_the_newest_checkpoint(self):
        (self.place / "site.toml").write_text('[store]\nflush_interval = "1s"\n')
        self.server.options = ("--config", str(self.place / "site.toml"))
        self.server.start()
        check = wait_until("the first check", lambda: self.get("/api/status")["audit"]["check"])
        self.assertTrue(check["sound"])
        self.assertIsNone(check["problem"])
        self.assertGreaterEqual(self.get("/api/status")["audit"]["checkpoint"]["line"], 1)
        self.assertRegex(self.call("GET", "/metrics"), r"(?m)^vigil_audit_checked_timestamp_seconds [1-9]")


if __name__ == "__main__":
    unittest.main()
