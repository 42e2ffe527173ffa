"""Just enough of RFC 6455 for a client of the whole-server tests."""
import base64
import json
import os
import socket
import struct

from ward import PATIENCE_S


class WebSocket:
    def __init__(self, server, path, **headers):
        host, port = "127.0.0.1", server.port("http")
        self.socket = socket.create_connection((host, port), timeout=PATIENCE_S)
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", f"Origin: http://{host}:{port}", "Upgrade: websocket",
                 "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        status = self.file.readline().decode()
        if " 101 " not in status:
            raise AssertionError(status)
        while self.file.readline().strip():
            pass

    def send(self, message):
        """Text as it is, anything else as JSON."""
        text = message if isinstance(message, str) else json.dumps(message)
        data, mask = text.encode(), os.urandom(4)
        head = bytes([0x81, 0x80 | len(data)]) if len(data) < 126 else bytes([0x81, 0xFE]) + struct.pack(">H", len(data))
        self.socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def frame(self):
        first, length = self.file.read(2)
        length &= 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self.file.read(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self.file.read(8))
        return first & 0x0F, self.file.read(length)

    def text(self):
        """The next text message."""
        while True:
            opcode, payload = self.frame()
            if opcode == 1:
                return payload.decode()

    def close(self):
        self.file.close()
        self.socket.close()
