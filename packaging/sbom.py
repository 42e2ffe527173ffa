#!/usr/bin/env python3
"""Prints the software bill of materials of a built Vigil: SPDX 2.3, JSON.

    packaging/sbom.py build/release/vigil > vigil.spdx.json

What the program is linked with (Debian packages, by the libraries that the loader would take), what was compiled into it,
and what the web app ships (web/package-lock.json). The same program on the same machine gives the same bytes: the time is
that of the commit (or SOURCE_DATE_EPOCH), and the document's name space follows from its content."""
import base64
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]

# Libraries of headers only: no loader knows them, they are in the program.
COMPILED_IN = ("libcli11-dev", "libexpected-dev", "libp11-kit-dev", "libtomlplusplus-dev")

# Definitions that are compiled in as tables (data/fhir/README.md).
DATA = (("hl7.fhir.r4.core", "4.0.1", "http://hl7.org/fhir/R4"), ("hl7.fhir.uv.phd", "NOASSERTION", "https://github.com/HL7/phd"))

# The names of machine-readable copyright files (DEP-5) as SPDX knows them.
SPDX_NAMES = {"apache-2.0": "Apache-2.0", "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause": "BSD-3-Clause", "bsd-3-google": "BSD-3-Clause",
              "cc0-1.0": "CC0-1.0", "expat": "MIT", "isc": "ISC", "mit": "MIT", "zlib": "Zlib", "gpl-2": "GPL-2.0-only",
              "gpl-2+": "GPL-2.0-or-later", "gpl-3+": "GPL-3.0-or-later", "lgpl-2.1+": "LGPL-2.1-or-later"}
# Whose copyright file is prose, or says what SPDX calls otherwise.
DECLARED = {"libc6": "LGPL-2.1-or-later", "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1",
            "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1", "libsqlite3-0": "blessing", "libfmt9": "MIT",
            "libsimdjson14": "Apache-2.0"}


def said(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT).stdout


def linked_libraries(program):
    """Paths of the shared libraries the loader takes for it."""
    return sorted({os.path.realpath(path) for path in re.findall(r"(/\S+) \(0x", said("ldd", str(program)))})


def package_of(path):
    """The Debian package that a file belongs to; libraries move between /lib and /usr/lib (usr-merge)."""
    for candidate in (path, path.removeprefix("/usr"), "/usr" + path):
        found = subprocess.run(["dpkg", "--search", candidate], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(": ")[0].split(",")[0]
    sys.exit(f"sbom: no package has {path}")


def license_of(name):
    """(declared, what the package's own file says of most of its files)."""
    file = pathlib.Path(f"/usr/share/doc/{name}/copyright")
    text = file.read_text(errors="replace") if file.exists() else ""
    stanza = re.search(r"^Files:\s*\*\s*$.*?^License:\s*(.+?)\s*$", text, re.M | re.S)
    written = stanza.group(1) if stanza else ""
    if name in DECLARED:
        return DECLARED[name], written
    words = re.split(r"\s+(or|and)\s+", written)
    known = [word.upper() if word in ("or", "and") else SPDX_NAMES.get(word.lower()) for word in words]
    return (" ".join(known) if written and all(known) else "NOASSERTION"), written


def debian_package(qualified, relation):
    name, version, architecture, homepage, source = said(
        "dpkg-query", "--show", "--showformat=${Package}\t${Version}\t${Architecture}\t${Homepage}\t${source:Package}", qualified).split("\t")
    declared, written = license_of(name)
    package = {"name": name, "SPDXID": f"SPDXRef-deb-{spdx_id(name)}", "versionInfo": version, "supplier": "Organization: Debian",
               "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": declared,
               "copyrightText": "NOASSERTION", "sourceInfo": f"built by Debian from the source package {source}",
               "primaryPackagePurpose": "LIBRARY",
               "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                 "referenceLocator": f"pkg:deb/debian/{purl(name)}@{purl(version)}?arch={architecture}"}]}
    if written:
        package["licenseComments"] = f"/usr/share/doc/{name}/copyright says of most of its files: {written}"
    if homepage:
        package["homepage"] = homepage
    return package, relation


def data_package(name, version, homepage):
    return {"name": name, "SPDXID": f"SPDXRef-data-{spdx_id(name)}", "versionInfo": version, "supplier": "Organization: HL7 International",
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "CC0-1.0",
            "copyrightText": "NOASSERTION", "homepage": homepage, "primaryPackagePurpose": "FILE"}


def npm_packages(lock):
    """What the web app ships: everything of the lock file that is not for development only."""
    for path, entry in sorted(lock["packages"].items()):
        if not path or entry.get("dev"):
            continue
        name = path.rpartition("node_modules/")[2]
        algorithm, _, digest = entry["integrity"].partition("-")
        yield {"name": name, "SPDXID": f"SPDXRef-npm-{spdx_id(name)}", "versionInfo": entry["version"], "downloadLocation": entry.get("resolved", "NOASSERTION"),
               "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": entry.get("license", "NOASSERTION"),
               "copyrightText": "NOASSERTION", "primaryPackagePurpose": "LIBRARY",
               "checksums": [{"algorithm": algorithm.upper(), "checksumValue": base64.b64decode(digest).hex()}],
               "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                 "referenceLocator": f"pkg:npm/{purl(name)}@{entry['version']}"}]}


def spdx_id(name):
    """Letters, digits, . and - (SPDX 2.3, 3.2)."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip("-")


def purl(text):
    return text.replace("%", "%25").replace("@", "%40").replace("+", "%2B").replace(":", "%3A").replace("~", "~")


def created(program):
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        try:
            epoch = said("git", "log", "-1", "--format=%ct")
        except (OSError, subprocess.CalledProcessError):  # sources without their history
            epoch = program.stat().st_mtime
    return datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def document(program):
    version = said(str(program), "--version").strip()
    own = {"name": "vigil", "SPDXID": "SPDXRef-vigil", "versionInfo": version, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
           "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0", "copyrightText": "NOASSERTION",
           "primaryPackagePurpose": "APPLICATION",
           "checksums": [{"algorithm": "SHA256", "checksumValue": hashlib.sha256(program.read_bytes()).hexdigest()}]}
    linked = sorted({package_of(path) for path in linked_libraries(program)})
    parts = [debian_package(name, "DYNAMIC_LINK") for name in linked] + [debian_package(name, "STATIC_LINK") for name in COMPILED_IN]
    parts += [(data_package(*one), "CONTAINS") for one in DATA]
    lock = json.loads((ROOT / "web/package-lock.json").read_text())
    parts += [(package, "CONTAINS") for package in npm_packages(lock)]
    packages = [own] + [package for package, _ in parts]
    relationships = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-vigil"}]
    relationships += [{"spdxElementId": "SPDXRef-vigil", "relationshipType": relation, "relatedSpdxElement": package["SPDXID"]}
                      for package, relation in parts]
    digest = hashlib.sha256(json.dumps([packages, relationships], sort_keys=True).encode()).hexdigest()
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"vigil-{version}",
            "documentNamespace": f"urn:vigil:spdx:{digest}",
            "creationInfo": {"created": created(program), "creators": ["Tool: vigil-sbom"]},
            "documentDescribes": ["SPDXRef-vigil"], "packages": packages, "relationships": relationships}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(json.dumps(document(pathlib.Path(sys.argv[1]).resolve()), indent=1))
