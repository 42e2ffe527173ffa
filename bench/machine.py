"""What the machine and its processes did while something was measured."""
import os
import pathlib
import time

tick_s = 1 / os.sysconf("SC_CLK_TCK")
noisy_cores = 0.2  # more than this taken by others: absolute times of that row mean little


def cpu_s(pid):
    """User and system time of a process, its ended threads included."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * tick_s


def tree(pid):
    """A process and all below it: PostgreSQL is many."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += tree(int(child))
    return found


def cpu_of_tree_s(pid):
    total = 0
    for each in tree(pid):
        try:
            total += cpu_s(each)
        except OSError:
            pass
    return total


def memory_bytes(pid):
    """Resident memory."""
    # Not smaps: a process whose memory is nobody's to look at shows it to root only.
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def busy_s():
    """CPU time that anybody used since the machine started."""
    user, nice, system, idle, iowait, irq, softirq, *_ = map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:])
    return (user + nice + system + irq + softirq) * tick_s


class Watch:
    """CPU of some processes and of everybody else, from here on."""

    def __init__(self, *pids):
        self.pids = pids
        self.began, self.busy = time.monotonic(), busy_s()
        self.before = [cpu_s(pid) for pid in pids]

    def read(self):
        """Seconds passed, CPU seconds of each process, cores that others used."""
        took = [cpu_s(pid) - before for pid, before in zip(self.pids, self.before)]
        seconds = time.monotonic() - self.began
        others = max(0.0, (busy_s() - self.busy - sum(took)) / seconds)
        return seconds, took, others


def describe():
    model = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) / 2**20
    return f"{len(os.sched_getaffinity(0))} cores of {model}, {memory:.0f} GiB, Linux {os.uname().release.split('-')[0]}"
