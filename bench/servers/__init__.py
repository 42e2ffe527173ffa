"""Vigil and its peers, each started on a folder of its own and gone afterwards."""
import contextlib
import os
import pathlib
import socket
import time

root = pathlib.Path(__file__).resolve().parents[2]
build = pathlib.Path(os.environ.get("VIGIL_BUILD", root / "build/release"))


class Started:
    """Gone when its block is left, and also when it cannot be entered: `start` gives each thing it makes to `leaving`."""

    def __enter__(self):
        with contextlib.ExitStack() as leaving:
            self.start(leaving)
            self.leaving = leaving.pop_all()
        return self

    def __exit__(self, *_):
        self.leaving.close()


def end(process):
    process.terminate()
    process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise SystemExit(f"{os.path.basename(process.args[0])} did not start")
