"""HTTP as bytes on the wire, for what no client library would send."""
import re
import socket
import ssl

from ward import PATIENCE_S


class Wire:
    """One connection to a server."""

    def __init__(self, port, tls=False):
        self.link = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.ahead = b""  # of answers that were not asked for yet
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.link = context.wrap_socket(self.link)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.close()

    def send(self, data):
        self.link.sendall(data if isinstance(data, bytes) else data.encode())
        return self

    def until_closed(self):
        """Everything said until the server closes the connection."""
        said = b""
        try:
            while more := self.link.recv(65536):
                said += more
        except ConnectionResetError:
            pass
        return said

    def answer(self):
        """The next answer: status, fields (names in lower case; a list of values each), body."""
        said = self.ahead
        while b"\r\n\r\n" not in said:
            said += self.more()
        head, body = said.split(b"\r\n\r\n", 1)
        line, *lines = head.decode().split("\r\n")
        fields = {}
        for one in lines:
            name, value = one.split(":", 1)
            fields.setdefault(name.lower(), []).append(value.strip())
        length = int(fields.get("content-length", ["0"])[0])
        while len(body) < length:
            body += self.more()
        self.ahead = body[length:]
        return int(line.split()[1]), fields, body[:length]

    def more(self):
        got = self.link.recv(65536)
        if not got:
            raise ConnectionError("the server closed before its answer was whole")
        return got


def request(method, path, fields=(), body=b"", host="vigil.test"):
    """A request in bytes; `fields` are lines."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def statuses(said):
    """The status of each answer in a stream of answers without bodies that look like one."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]
