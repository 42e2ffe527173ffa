"""Mosquitto with persistence, as a hospital would run it; it neither decodes nor syncs before PUBACK."""
import os
import pathlib
import shutil
import subprocess
import tempfile

from servers import Started, end, free_port, wait_for_port


class Mosquitto(Started):
    name = "Mosquitto"
    credentials = {}

    def start(self, leaving):
        folder = pathlib.Path(leaving.enter_context(tempfile.TemporaryDirectory()))
        os.chmod(folder, 0o777)  # Mosquitto gives up root
        plain, tls = free_port(), free_port()
        self.address, self.tls_address = f"127.0.0.1:{plain}", f"localhost:{tls}"
        self.authority = folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
                        "-keyout", folder / "key.pem", "-out", self.authority], check=True, capture_output=True)
        os.chmod(folder / "key.pem", 0o644)
        (folder / "mosquitto.conf").write_text(
            f"persistence true\npersistence_location {folder}/\nlog_type none\nmax_inflight_messages 0\n"
            f"max_queued_messages 0\nallow_anonymous true\nlistener {plain} 127.0.0.1\nlistener {tls} 127.0.0.1\n"
            f"certfile {self.authority}\nkeyfile {folder}/key.pem\n")
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        process = subprocess.Popen([program, "-c", folder / "mosquitto.conf"], stderr=subprocess.DEVNULL)
        leaving.callback(end, process)
        self.pid = process.pid
        wait_for_port(plain, process)
