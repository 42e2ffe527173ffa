#!/usr/bin/python3
"""FHIR clients that people use: fhir-kit-client and fhirclient for JavaScript."""
import json
import pathlib
import shutil
import subprocess
import unittest

from fhir_client import FhirTest
from ward import PATIENCE_S

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = HERE.parents[1] / "web/node_modules"
NODE = shutil.which("node")


class JavaScriptClients(FhirTest):
    maxDiff = None

    def run_with(self, package, script):
        """What the script answers about the server by means of the package."""
        if not NODE or not (PACKAGES / package).exists():
            self.skipTest(f"{package} comes with the web app's packages")
        told = json.dumps({"url": self.server.url("/fhir"), "token": self.token})
        done = subprocess.run([NODE, str(HERE / script)], input=told, capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_all_that_fhir_kit_client_can_do(self):
        self.assertEqual(self.run_with("fhir-kit-client", "fhir_kit.mjs"), {
            "version": "4.0.1", "read": [True, "female", "3"], "first": None, "history": 3,
            "transaction": ["201 Created"] * 6, "values": [61, 62, 63, 64, 65],
            "included": [["Observation", "match"], ["Patient", "include"]], "resolved": "Ward", "compartment": 5, "everything": 6,
            "gone": [410, "deleted"]})

    def test_what_an_app_does_with_fhirclient(self):
        self.assertEqual(self.run_with("fhirclient", "fhir_smart.mjs"), {
            "release": 4, "version": "4.0.1", "patient": "Smart", "values": [61, 62, 63, 64, 65],
            "resolved": ["1957-02-03", "in-progress"], "byCode": 5, "updated": "finished", "gone": 410})


if __name__ == "__main__":
    unittest.main()
