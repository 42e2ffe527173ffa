#!/usr/bin/env python3
"""House rules as ordinary tests: rooms include only what stands above them, every source is built,
files stay small, docs point at things that exist, every decoder is fuzzed."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[2]
failures = []


def fail(place, message):
    failures.append(f"{place}: {message}")


def room_order():
    """The order of docs/architecture.md, section Rooms."""
    page = (root / "docs/architecture.md").read_text()
    block = page.split("    src/\n", 1)[1].split("    web/", 1)[0]
    return re.findall(r"^      (\w+)/", block, re.M)


def lines_of(path):
    return path.read_text(errors="replace").splitlines()


def includes_only_look_up():
    order = {room: rank for rank, room in enumerate(room_order())}
    for room in (p for p in (root / "src").iterdir() if p.is_dir()):
        if room.name not in order:
            fail(f"src/{room.name}", "is no room of docs/architecture.md")
            continue
        for path in sorted(room.rglob("*.[ch]pp")):
            for number, line in enumerate(lines_of(path), 1):
                found = re.match(r'#include "(\w+)/', line)
                if not found:
                    continue
                used = found.group(1)
                if used not in order or order[used] > order[room.name]:
                    fail(f"{path.relative_to(root)}:{number}", f"{room.name}/ may not include {used}/")


def network_headers_stay_in_net():
    for path in sorted((root / "src").rglob("*.[ch]pp")):
        if path.relative_to(root / "src").parts[0] == "net":
            continue
        for number, line in enumerate(lines_of(path), 1):
            if re.match(r"#include <(sys/(socket|epoll)|netinet/.*|openssl/ssl)\.h>", line):
                fail(f"{path.relative_to(root)}:{number}", "only net/ knows sockets and TLS")


def files_stay_small():
    for folder, pattern in (("src", "*.[ch]pp"), ("tests", "*.[ch]pp"), ("web/src", "*.ts*")):
        for path in sorted((root / folder).rglob(pattern)):
            count = len(lines_of(path))
            if count > 500:
                fail(str(path.relative_to(root)), f"{count} lines: look for the second noun in it")


def links_of_docs_exist():
    for path in [*root.glob("*.md"), *(root / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text()):
            if not (path.parent / target).exists():
                fail(str(path.relative_to(root)), f"links to {target}, which is not there")


def tests_that_pages_name_exist():
    """What is claimed is shown by a test that is there: `tests/…`, or a file's name alone."""
    names = {path.name for path in (root / "tests").rglob("*")}
    for page in [root / "SECURITY.md", root / "docs/threat-model.md", *(root / "docs/compliance").glob("*.md")]:
        for name in re.findall(r"`([\w./-]+)`", page.read_text()):
            named = name.startswith("tests/") or re.search(r"_(test|fuzz)\.\w+$", name)
            if named and not ((root / name).exists() or ("/" not in name and name in names)):
                fail(str(page.relative_to(root)), f"names {name}, which is not there")


def decoders_are_fuzzed():
    for path in sorted((root / "tests").rglob("*_fuzz.cpp")):
        corpus = path.parent / "corpus" / path.name.removesuffix("_fuzz.cpp")
        if not corpus.is_dir() or not any(corpus.iterdir()):
            fail(str(path.relative_to(root)), f"has no seeds in {corpus.relative_to(root)}/")
    for codec in (p for p in (root / "src/codec").iterdir() if p.is_dir()):
        if not any((root / "tests/codec" / codec.name).glob("*_fuzz.cpp")):
            fail(f"src/codec/{codec.name}", "has no fuzz target")


if __name__ == "__main__":
    includes_only_look_up()
    network_headers_stay_in_net()
    files_stay_small()
    links_of_docs_exist()
    tests_that_pages_name_exist()
    decoders_are_fuzzed()
    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)
