#!/usr/bin/env python3
"""clang-tidy over src/, several files of a folder at a time: most of its work goes into the headers that they share.

Usage: lint.py BUILD_FOLDER [PATH...]   (a compilation database lies in BUILD_FOLDER; PATH: only files below it)

Files that define the same name for themselves are kept apart, and a batch that does not compile as one is looked at
file by file. Prints what is found; exit status 1 if there is anything."""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from batches import batches  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOES_NOT_COMPILE = "clang-diagnostic-error"


PRECOMPILED = re.compile(r" -Winvalid-pch(?: -Xclang -include(?:-pch)? -Xclang \S+)+| -Xclang -fno-pch-timestamp -fpch-instantiate-templates")


def flags(entry):
    """How a file is compiled, without its name, what is made of it, and what was read before it."""
    words = shlex.split(PRECOMPILED.sub("", entry["command"]))
    kept, skip = [], False
    for word in words:
        if skip or word in ("-o", "-c"):
            skip = word in ("-o", "-c") and not skip
        elif word != entry["file"]:
            kept.append(word)
    return kept


def tidy(file, arguments):
    done = subprocess.run(["clang-tidy-19", "--quiet", f"--config-file={ROOT}/.clang-tidy", str(file), "--", *arguments[1:]],
                          capture_output=True, text=True)
    return done.returncode == 0, done.stdout


def look_at(number, members, arguments, folder):
    if len(members) == 1:
        return tidy(members[0], arguments)
    unit = folder / f"batch_{number}.cpp"
    unit.write_text("".join(f'#include "{file}"  // NOLINT(bugprone-suspicious-include)\n' for file in members))
    good, said = tidy(unit, arguments)
    if good or DOES_NOT_COMPILE not in said:
        return good, said
    results = [tidy(file, arguments) for file in members]
    return all(good for good, _ in results), "".join(said for _, said in results)


def main():
    build, only = pathlib.Path(sys.argv[1]), [pathlib.Path(path).resolve() for path in sys.argv[2:]]
    commands = {pathlib.Path(entry["file"]): flags(entry) for entry in json.loads((build / "compile_commands.json").read_text())}
    files = [file for file in commands if file.is_relative_to(ROOT / "src") and (not only or any(file.is_relative_to(path) for path in only))]
    folder = build / "lint"
    folder.mkdir(exist_ok=True)
    work, failed = batches(files), 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pool.submit(look_at, number, members, commands[members[0]], folder): members for number, members in enumerate(work)}
        for count, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            good, said = job.result()
            if sys.stderr.isatty() or not good:
                print(f"[{count}/{len(work)}] {' '.join(str(file.relative_to(ROOT)) for file in jobs[job])}", file=sys.stderr)
            if not good:
                failed += 1
                print(said.replace(f"{ROOT}/", ""), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
