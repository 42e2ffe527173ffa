"""The bill of materials is what SPDX 2.3 asks for, names what the program is made of, and is the same each time."""
import json
import pathlib
import re
import subprocess
import sys
import unittest

from ward import BINARY, HERE

ROOT = HERE.parent.parent
ID = re.compile(r"^SPDXRef-[A-Za-z0-9.-]+$")
# SPDX 2.3, annex D, as far as these documents go: identifiers joined by AND, OR and WITH.
EXPRESSION = re.compile(r"^(NOASSERTION|[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*)$")
HEX_DIGITS = {"SHA1": 40, "SHA256": 64, "SHA384": 96, "SHA512": 128}
RELATIONS = {"DESCRIBES", "CONTAINS", "DYNAMIC_LINK", "STATIC_LINK"}
PURPOSES = {"APPLICATION", "FILE", "LIBRARY"}


def bill():
    return subprocess.run([sys.executable, ROOT / "packaging/sbom.py", BINARY], check=True, capture_output=True, text=True).stdout


class Sbom(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = bill()
        cls.document = json.loads(cls.text)
        cls.packages = {package["name"]: package for package in cls.document["packages"]}

    def test_the_document_has_what_spdx_requires(self):
        document = self.document  # SPDX 2.3, clause 6
        self.assertEqual((document["spdxVersion"], document["dataLicense"], document["SPDXID"]), ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
        self.assertTrue(document["name"])
        self.assertRegex(document["documentNamespace"], r"^[a-z][a-z0-9+.-]*:[^#\s]+$")
        self.assertRegex(document["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertTrue(document["creationInfo"]["creators"])
        for creator in document["creationInfo"]["creators"]:
            self.assertRegex(creator, r"^(Tool|Organization|Person): .+")

    def test_each_package_has_what_spdx_requires(self):
        for package in self.document["packages"]:  # clause 7
            with self.subTest(package["name"]):
                self.assertRegex(package["SPDXID"], ID)
                self.assertRegex(package["downloadLocation"], r"^(NOASSERTION|https://\S+)$")
                self.assertIs(package["filesAnalyzed"], False)
                for name in ("licenseConcluded", "licenseDeclared"):
                    self.assertRegex(package[name], EXPRESSION)
                self.assertTrue(package["copyrightText"] and package["versionInfo"])
                self.assertIn(package["primaryPackagePurpose"], PURPOSES)
                for checksum in package.get("checksums", []):
                    self.assertRegex(checksum["checksumValue"], rf"^[0-9a-f]{{{HEX_DIGITS[checksum['algorithm']]}}}$")
                for reference in package.get("externalRefs", []):
                    self.assertEqual((reference["referenceCategory"], reference["referenceType"]), ("PACKAGE-MANAGER", "purl"))
                    self.assertRegex(reference["referenceLocator"], r"^pkg:(deb/debian|npm)/[^\s@]+@[^\s@]+$")

    def test_everything_is_related_and_nothing_twice(self):
        ids = [package["SPDXID"] for package in self.document["packages"]]
        self.assertEqual(len(ids), len(set(ids)))
        related = [relation["relatedSpdxElement"] for relation in self.document["relationships"]]  # clause 11
        self.assertEqual(sorted(related), sorted(ids))
        self.assertLessEqual({relation["relationshipType"] for relation in self.document["relationships"]}, RELATIONS)
        self.assertEqual(self.document["documentDescribes"], ["SPDXRef-vigil"])

    def test_it_names_what_the_program_is_made_of(self):
        for name in ("vigil", "libssl3", "libsqlite3-0", "libsodium23", "libc6", "libcli11-dev", "preact", "uplot", "hl7.fhir.r4.core"):
            self.assertIn(name, self.packages)
        self.assertNotIn("playwright-core", self.packages, "what only tests use is not shipped")
        self.assertEqual(self.packages["libssl3"]["licenseDeclared"], "Apache-2.0")
        unknown = [name for name, package in self.packages.items() if package["licenseDeclared"] == "NOASSERTION"]
        self.assertEqual(unknown, [], "a licence that nobody has looked up")
        libraries = subprocess.run(["ldd", BINARY], check=True, capture_output=True, text=True).stdout
        for name, package in (("libssl.so.3", "libssl3"), ("libre2.so.9", "libre2-9")):
            self.assertIn(name, libraries)
            self.assertIn(package, self.packages)

    def test_it_is_the_same_each_time(self):
        self.assertEqual(bill(), self.text)


if __name__ == "__main__":
    unittest.main()
