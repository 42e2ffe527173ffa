#!/usr/bin/python3
"""Runs the whole-server tests, a file a process, as many at once as there are processors.

    tests/server/run.py              all of them
    tests/server/run.py rebuild      those whose name has this in it

Quiet: what a file printed is shown where it failed."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def run(file):
    began = time.monotonic()
    # Paho leaves its wake-up sockets to the garbage collector.
    done = subprocess.run([sys.executable, "-W", "ignore::ResourceWarning", "-m", "unittest", "--buffer", file.stem],
                          cwd=HERE, capture_output=True, text=True)
    return file.stem, done, time.monotonic() - began


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    files = sorted(file for file in HERE.glob("*_test.py") if wanted in file.stem)
    if not files:
        sys.exit(f"no test file here has {wanted!r} in its name")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, done, seconds in pool.map(run, files):
            summary = (done.stderr.strip().splitlines() or ["nothing ran"])[-1]
            print(f"  {name}: {summary.lower()}, {seconds:.1f} s", flush=True)
            if done.returncode != 0:
                failed += 1
                print(done.stdout + done.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
