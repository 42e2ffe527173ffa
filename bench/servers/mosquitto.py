"""Mosquitto with persistence, as a hospital would run it; it neither decodes nor syncs before PUBACK."""
import os
import pathlib
import shutil
import subprocess
import tempfile

from servers import free_port, wait_for_port


class Mosquitto:
    name = "Mosquitto"
    credentials = {}

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.temporary.name)
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
        self.process = subprocess.Popen([program, "-c", folder / "mosquitto.conf"], stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        wait_for_port(plain, self.process)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.temporary.cleanup()
