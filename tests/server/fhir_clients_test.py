#!/usr/bin/python3
"""FHIR clients that people use: fhir-kit-client for JavaScript."""
import json
import pathlib
import shutil
import subprocess
import unittest

from fhir_client import FhirTest
from ward import PATIENCE_S

HERE = pathlib.Path(__file__).resolve().parent
KIT = HERE.parents[1] / "web/node_modules/fhir-kit-client"
NODE = shutil.which("node")


@unittest.skipUnless(NODE and KIT.exists(), "fhir-kit-client comes with the web app's packages")
class FhirKitClient(FhirTest):
    def test_all_that_it_can_do(self):
        told = json.dumps({"url": self.server.url("/fhir"), "token": self.token})
        done = subprocess.run([NODE, str(HERE / "fhir_js.mjs")], input=told, capture_output=True, text=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), {
            "version": "4.0.1", "read": [True, "female", "3"], "first": None, "history": 3,
            "transaction": ["201 Created"] * 6, "values": [61, 62, 63, 64, 65],
            "included": [["Observation", "match"], ["Patient", "include"]], "resolved": "Ward", "compartment": 5, "everything": 6,
            "gone": [410, "deleted"]})


if __name__ == "__main__":
    unittest.main()
