"""A collector of syslog over TLS (RFC 5425): keeps what it reads, can be cut off and come back."""
import contextlib
import pathlib
import re
import socket
import ssl
import struct
import subprocess
import threading

FRAME = re.compile(rb"([1-9][0-9]*) ")


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """Makes certificates of a site's own authority."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.path = str(self.folder / "ca.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj", "/CN=Test CA",
                "-keyout", self.folder / "ca.key", "-out", self.path, "-addext", "basicConstraints=critical,CA:TRUE")

    def certificate(self, name, names):
        """Paths of a certificate and its key."""
        key, request, signed, more = (self.folder / f"{name}.{kind}" for kind in ("key", "csr", "pem", "ext"))
        more.write_text(f"subjectAltName={names}\n")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", key,
                "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.path, "-CAkey", self.folder / "ca.key", "-CAcreateserial", "-days", 2,
                "-extfile", more, "-out", signed)
        return str(signed), str(key)


class Connection:
    """One that came: the messages that were read whole, in order, and the certificate that was shown."""

    def __init__(self):
        self.messages, self.shown = [], None


class Collector:
    """Listens on a port of its own, the same after each pause. `cut_after`: resets each connection once it has read so many
    bytes, in the middle of a message."""

    def __init__(self, certificate, client_ca=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*certificate)
        if client_ca:
            self.context.load_verify_locations(client_ca)
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.connections, self.changed = [], threading.Condition()
        self.cut_after, self.port, self.listener = None, 0, None
        self.open()

    def open(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def close(self):
        """Nobody listens any more; connections that are open go on."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self, listener):
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.read, args=(raw,), daemon=True).start()

    def read(self, raw):
        try:
            secure = self.context.wrap_socket(raw, server_side=True)
        except (OSError, ssl.SSLError):
            raw.close()
            return
        connection = Connection()
        connection.shown = secure.getpeercert()
        with self.changed:
            self.connections.append(connection)
        pending, count = b"", 0
        with contextlib.suppress(OSError, ssl.SSLError):
            while data := secure.recv(4096):
                count += len(data)
                pending = self.take(connection, pending + data)
                if self.cut_after is not None and count >= self.cut_after:
                    secure.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
        secure.close()

    def take(self, connection, pending):
        while frame := FRAME.match(pending):
            end = frame.end() + int(frame[1])
            if len(pending) < end:
                break
            with self.changed:
                connection.messages.append(pending[frame.end():end])
                self.changed.notify_all()
            pending = pending[end:]
        return pending

    def messages(self):
        """All that were read, connection by connection."""
        with self.changed:
            return [list(connection.messages) for connection in self.connections]
