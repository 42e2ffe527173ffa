#!/usr/bin/env python3
"""Files that may be compiled as one: most of a compiler's work goes into the headers that they share.

Usage: batches.py FILE...   (prints NUMBER;FILE a line; "alone" for a number: of a file that is compiled by itself)

Files that define the same name for themselves are kept apart, and one that says "// Compiled by itself: why" is: cmake/rooms.cmake joins the others in the builds with
sanitizers, tests/house/lint.py for clang-tidy."""
import functools
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BATCH_MAX = 10
WORD = re.compile(r"\b[A-Za-z_]\w+")
INCLUDED = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
UNNAMED_NAMESPACE = re.compile(r"^namespace \{\n(.*?)^\}  // namespace\n", re.MULTILINE | re.DOTALL)
# Functions, variables, types and aliases that begin a line there.
PRIVATE_NAME = re.compile(r"^(?:using (\w+) =|(?:class|struct|enum class|enum) (\w+)|(?:\w[\w:<>,&* ]*[ &*>])(\w+)(?:\(|\{| =|;|\[))", re.MULTILINE)
# Constants of one line, all that it declares; what else it names keeps a file apart for nothing, and does no harm.
CONSTANTS = re.compile(r"^(?!return|using|struct|class|namespace)\w[^\n()]*;$", re.MULTILINE)
DECLARED = re.compile(r"\b(\w+)(?=\{| =|,|;)")
ALONE = "// Compiled by itself: "
ALIAS = re.compile(r"^using (\w+) =", re.MULTILINE)
TAKEN_OVER = re.compile(r"^using ([\w:]+::(\w+));", re.MULTILINE)
TEST_SUITE = re.compile(r"^(?:TYPED_)?TEST(?:_[FP])?\((\w+),", re.MULTILINE)


def private_names(text):
    """What it defines in its unnamed namespaces, its aliases, and the suites of its tests."""
    blocks = UNNAMED_NAMESPACE.findall(text)
    names = {name for block in blocks for found in PRIVATE_NAME.findall(block) for name in found if name}
    names |= {name for block in blocks for line in CONSTANTS.findall(block) for name in DECLARED.findall(line)}
    return names | set(ALIAS.findall(text)) | set(TEST_SUITE.findall(text))


def taken_over(text):
    """What it calls by a shorter name: {name: whose it is}."""
    return {name: whole for whole, name in TAKEN_OVER.findall(text)}


@functools.cache
def words_of_header(name):
    for folder in ("src", "tests"):
        if (header := ROOT / folder / name).is_file():
            return frozenset(WORD.findall(header.read_text()))
    return frozenset()


class Names:
    """What a file defines for itself, and what it speaks of that another file's own names would hide."""

    def __init__(self, file):
        text = file.read_text()
        self.defined, self.taken = private_names(text), taken_over(text)
        self.spoken = {word for word in WORD.findall(text) if word[0].isupper()} - self.defined
        for header in INCLUDED.findall(text):
            self.spoken |= words_of_header(header)
        self.spoken -= self.defined

    def goes_with(self, other):
        return (not self.defined & (other.defined | other.spoken | set(other.taken)) and not other.defined & (self.spoken | set(self.taken))
                and all(self.taken.get(name, whole) == whole for name, whole in other.taken.items()))


class Batch:
    def __init__(self):
        self.members, self.names = [], []

    def has_room_for(self, names):
        return len(self.members) < BATCH_MAX and all(names.goes_with(other) for other in self.names)

    def add(self, file, names):
        self.members.append(file)
        self.names.append(names)


def batches(files, folders_apart=True):
    """Files that may stand in one translation unit, folder by folder or all together."""
    made = []
    for folder in sorted({file.parent for file in files}) if folders_apart else [None]:
        open_ones = []
        for file in sorted(one for one in files if folder in (None, one.parent)):
            text = file.read_text()
            names = Names(file)
            if ALONE in text:
                made.append([file])
                continue
            batch = next((one for one in open_ones if one.has_room_for(names)), None)
            if batch is None:
                open_ones.append(batch := Batch())
            batch.add(file, names)
        made += [batch.members for batch in open_ones]
    return made


if __name__ == "__main__":
    for number, members in enumerate(batches([pathlib.Path(file) for file in sys.argv[1:]], folders_apart=False)):
        for file in members:
            print(f"{'alone' if ALONE in file.read_text() else number};{file}")
