"""The unit is strict, and Vigil works under what it asks for: a read-only machine, no privilege, few system calls."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from confine import CANNOT, NOBODY, UNIT
from ward import BINARY, HERE, Client, Refused, ServerTest, wait_until

EXPOSURE_MAX = 15  # tenths, of 100: systemd calls up to 2 "OK"


class Unit(unittest.TestCase):
    def test_systemd_finds_little_exposed(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("there is no systemd-analyze here")
        done = subprocess.run(["systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE_MAX}", "--no-pager", str(UNIT)],
                              capture_output=True, text=True)
        if "unrecognized option" in done.stderr:
            self.skipTest("this systemd-analyze cannot look at a unit that is not running")
        self.assertEqual(done.returncode, 0, done.stdout[-300:] + done.stderr)


class Confined(ServerTest):
    def setUp(self):
        super().setUp()
        # Readable to a user that may not look into this checkout.
        os.chmod(self.place, 0o755)
        rooms = self.place / "rooms"
        rooms.mkdir()
        os.chown(rooms, NOBODY, NOBODY)
        program = pathlib.Path(shutil.copy(BINARY, self.place / "vigil"))
        helper = self.place / "confine/server/confine.py"
        helper.parent.mkdir(parents=True)
        shutil.copy(HERE / "confine.py", helper)
        unit = self.place / "packaging/systemd/vigil.service"
        unit.parent.mkdir(parents=True)
        shutil.copy(UNIT, unit)
        wrapper = self.place / "confined"
        wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} {helper} {rooms} {program} "$@"\n')
        wrapper.chmod(0o755)
        tried = subprocess.run([str(wrapper), "--version"], capture_output=True, text=True)
        if tried.returncode == CANNOT:
            self.skipTest(tried.stderr.strip())
        self.assertEqual(tried.returncode, 0, tried.stderr)
        self.server.binary, self.server.folder = str(wrapper), str(rooms / "data")

    def test_it_works_and_can_do_nothing_else(self):
        self.make_token()
        self.server.listeners = {"http": "127.0.0.1:0", "https": "127.0.0.1:0", "mqtt": "127.0.0.1:0", "mqtts": "off"}
        self.server.start()
        status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text().splitlines()
                      if ":\t" in line)
        self.assertEqual(set(status["Uid"].split()), {str(NOBODY)})
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[name], 16), 0, name)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))

        patient = self.add_patient("P")
        token = self.add_device("monitor", patient)
        client = Client(self.server, "monitor", token).connect()
        client.publish("vigil/monitor/telemetry", {"heart_rate": 72})
        client.close()
        wait_until("the reading is stored", lambda: self.values(patient, "heart_rate") == ["72"])
        self.assertEqual(json.loads(self.get("/fhir/metadata"))["resourceType"], "CapabilityStatement")
        self.post("/api/verify")
        backup = str(pathlib.Path(self.server.folder).parent / "backup")
        self.post("/api/backup", {"folder": backup})
        for elsewhere in ("/var/tmp/vigil-stolen", "/etc/vigil-stolen", str(self.place / "stolen")):
            with self.assertRaises(Refused):
                self.post("/api/backup", {"folder": elsewhere})
            self.assertFalse(pathlib.Path(elsewhere).exists())
        self.assertEqual(self.server.stop(), 0)
        self.assertEqual(re.sub(r"confine: [^\n]*\n", "", self.server.errors()), "")
        self.server.start()
        self.assertEqual(self.values(patient, "heart_rate"), ["72"])


class Container(unittest.TestCase):
    def test_the_image_runs_as_nobody_and_says_how_it_is(self):
        text = (HERE.parent.parent / "packaging/container/Containerfile").read_text()
        last = text[text.rindex("\nFROM "):]
        self.assertRegex(last, r"\nUSER 10001:10001\n")
        self.assertRegex(last, r"\nHEALTHCHECK ")
        self.assertNotRegex(text, r"(?i)password|token|secret")
        # The libraries the program is linked with are there.
        linked = subprocess.run([sys.executable, HERE.parent.parent / "packaging/sbom.py", BINARY], check=True, capture_output=True, text=True).stdout
        for package in re.findall(r'"SPDXRef-deb-(lib[^"]+)"', linked.split('"relationships"')[0]):
            if package.endswith("-dev") or package in ("libc6", "libgcc-s1"):
                continue
            name = "libstdc++6" if package == "libstdc-6" else package
            self.assertIn(f" {name} ", last.replace("\n", " ").replace("\\", " "), "the image lacks a library")


class Health(ServerTest):
    def test_it_tells_a_server_that_answers_from_one_that_does_not(self):
        self.server.listeners = {"http": "127.0.0.1:0", "https": "127.0.0.1:0", "mqtt": "off", "mqtts": "off"}
        self.server.start()
        address = f"https://127.0.0.1:{self.server.port('https')}"
        ask = [BINARY, "health", "--server", address, "--ca", f"{self.server.folder}/vigil-ca.pem"]
        done = subprocess.run(ask, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertNotEqual(subprocess.run(ask[:-2], capture_output=True).returncode, 0, "nobody vouches for it")
        self.server.stop()
        done = subprocess.run(ask, capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"^vigil: ")


if __name__ == "__main__":
    unittest.main()
