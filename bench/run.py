#!/usr/bin/env python3
"""./dev bench: one table of measurements on this machine, the peers beside Vigil in the same run.

    ./dev bench                  every row, five runs
    ./dev bench publish          the rows of one group
    ./dev bench --quick          one short run, to see that it works

CPU is the server's own (user + system), each figure the median of the runs. Where others used the
machine meanwhile a row says so: then CPU and ratios still tell something, times do not. What each
row means is in docs/reference/performance.md."""
import argparse
import importlib
import os
import pathlib
import resource
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import machine  # noqa: E402
import table  # noqa: E402
from servers import build, root  # noqa: E402

GROUPS = ["publish", "browser", "waveform", "storage", "memory", "devices", "ward", "fhir", "readings", "subscriptions", "deidentify", "guard", "signals", "watch"]


class Settings:
    def __init__(self, options):
        self.quick = options.quick
        self.runs = options.runs or (1 if options.quick else 5)
        self.seconds = options.seconds or (1 if options.quick else 4)

    def each_run(self, group, runs=None):
        count = min(self.runs, runs or self.runs)
        for number in range(count):
            self.say(f"{group}: run {number + 1} of {count}")
            yield number

    @staticmethod
    def say(words):
        print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", nargs="*", help=f"of {', '.join(GROUPS)}, or micro: the micro benchmarks")
    parser.add_argument("--runs", type=int, help="runs of each group (5)")
    parser.add_argument("--seconds", type=float, help="how long a measured part is (4)")
    parser.add_argument("--quick", action="store_true", help="one short run: shows that it works, not how fast it is")
    options = parser.parse_args()
    unknown = set(options.group) - {*GROUPS, "micro"}
    if unknown:
        parser.error(f"no group {', '.join(sorted(unknown))}: there are {', '.join(GROUPS)}, micro")
    if "micro" in options.group:
        for program in sorted((build / "bench").glob("*_bench")):
            subprocess.run([program], check=True)
        return 0
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # ten thousand connections need as many files
    settings = Settings(options)
    rows = []
    for group in options.group or GROUPS:
        rows += importlib.import_module(f"rows.{group}").measure(settings)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=root, capture_output=True, text=True).stdout.strip()
    print(f"{machine.describe()}; commit {commit}, {time.strftime('%Y-%m-%d')}; median of {settings.runs} runs"
          f"{' (quick: too short to mean much)' if settings.quick else ''}; load average {os.getloadavg()[0]:.1f}\n")
    print(table.markdown(rows, machine.noisy_cores))
    missed = [row.work.strip() for row in rows if row.mark() == "MISS"]
    print(f"\n{len(missed)} rows miss what they must reach" + (": " + "; ".join(missed) if missed else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
