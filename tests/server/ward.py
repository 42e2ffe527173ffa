"""What the whole-server tests share: a server with people and devices on it, and simple clients."""
import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import paho.mqtt.client as mqtt

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "crash"))
from server import Server  # noqa: E402

BINARY = os.environ.get("VIGIL", str(HERE.parent.parent / "build/release/vigil"))
PATIENCE_S = 30  # for what must happen, on a machine that is busy


def wait_until(what, holds, patience_s=PATIENCE_S):
    """Returns what `holds` gives once it is true."""
    end = time.monotonic() + patience_s
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience_s} s: {what}")
        time.sleep(0.01)


class Refused(Exception):
    """An HTTP answer of 400 or above."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:300]}")
        self.status = status
        with contextlib.suppress(ValueError):
            self.error = json.loads(body)["error"]


class ServerTest(unittest.TestCase):
    """Each test has a data folder and a server of its own, on ports that the system chose."""

    server_class = Server
    options = ()

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="vigil-test-"))
        self.addCleanup(shutil.rmtree, self.place, ignore_errors=True)
        self.server = self.server_class(BINARY, str(self.place / "data"), *self.options)
        self.addCleanup(self.end_server)
        self.token = None

    def end_server(self):
        process = self.server.process
        if process is not None and process.poll() is None:
            self.server.kill()

    def lines_of_audit(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.server.folder}/vigil.db?mode=ro", uri=True)) as store:
            return store.execute("SELECT count(*) FROM audit").fetchone()[0]

    def make_token(self):
        """An administrator's token for the API; on the idle folder."""
        self.token = self.server.command("account", "token", "admin", "--name", "test", "--scope", "system/*.cruds",
                                         "--scope", "vigil/administer")["token"]

    def call(self, method, path, body=None, token=None, headers=None):
        """One request to the API; the answer's body, read as JSON where it is that."""
        request = urllib.request.Request(self.server.url(path), method=method,
                                         data=None if body is None else json.dumps(body).encode())
        request.add_header("authorization", "Bearer " + (token or self.token))
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                data, kind = answer.read(), answer.headers.get_content_type()
                if kind == "application/zip":
                    return data
                return json.loads(data) if kind == "application/json" else data.decode()
        except urllib.error.HTTPError as refused:
            with refused:
                raise Refused(refused.code, refused.read().decode()) from None

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None):
        return self.call("POST", path, body or {})

    def add_patient(self, identifier):
        return self.post("/api/patients", {"display_name": f"Test {identifier}", "identifier": identifier})["id"]

    def add_device(self, name, patient=None, **more):
        """Its token; on a patient if one is named."""
        secret = self.post("/api/devices", {"id": name, **more})["secret"]
        if patient is not None:
            self.post(f"/api/devices/{name}/attach", {"patient": patient, "from": "2026-01-01T00:00:00Z"})
        return secret and secret["password"]

    def raw(self, patient, metric, **more):
        """Every stored reading of a metric, oldest first."""
        query = "".join(f"&{name}={value}" for name, value in more.items())
        text = self.get(f"/api/series/raw?patient={patient}&metric={metric}&format=ndjson{query}")
        return [json.loads(line) for line in text.splitlines()]

    def values(self, patient, metric):
        return [reading["value"] for reading in self.raw(patient, metric)]


class Client:
    """A Paho client whose calls wait for their answer."""

    def __init__(self, server, user, password, client_id=None, version=mqtt.MQTTv311, clean=True, will=None, **more):
        v5 = version == mqtt.MQTTv5
        self.client = mqtt.Client(client_id=client_id or user, protocol=version,
                                  **({} if v5 else {"clean_session": clean}), **more)
        self.server, self.clean, self.v5 = server, clean, v5
        self.messages, self.answer, self.granted = [], None, None
        self.up, self.subscribed, self.came = threading.Event(), threading.Event(), threading.Condition()
        if user is not None:
            self.client.username_pw_set(user, password)
        if will:
            self.client.will_set(*will)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = self._on_message
        self.client.on_publish = self._on_publish
        self.acknowledged = set()  # message identifiers

    def _on_publish(self, _client, _userdata, mid):
        self.acknowledged.add(mid)

    def _on_connect(self, _client, _userdata, flags, answer, _properties=None):
        self.answer, self.flags = answer, flags
        self.up.set()

    def _on_subscribe(self, _client, _userdata, _mid, granted, _properties=None):
        self.granted = granted
        self.subscribed.set()

    def _on_message(self, _client, _userdata, message):
        with self.came:
            self.messages.append(message)
            self.came.notify_all()

    def connect(self, port=None, keepalive=30, properties=None):
        self.up.clear()
        more = {"clean_start": self.clean, "properties": properties} if self.v5 else {}
        self.client.connect("127.0.0.1", port or self.server.port("mqtt"), keepalive=keepalive, **more)
        self.client.loop_start()
        if not self.up.wait(PATIENCE_S):
            raise AssertionError("no CONNACK")
        return self

    def publish(self, topic, payload, qos=1, retain=False, properties=None):
        """Returns once it is acknowledged."""
        if not isinstance(payload, (str, bytes)):
            payload = json.dumps(payload)
        info = self.client.publish(topic, payload, qos=qos, retain=retain, properties=properties)
        info.wait_for_publish(PATIENCE_S)
        if not info.is_published():
            raise AssertionError(f"not acknowledged: {topic}")

    def subscribe(self, topic, qos=1):
        self.subscribed.clear()
        self.client.subscribe(topic, qos)
        if not self.subscribed.wait(PATIENCE_S):
            raise AssertionError("no SUBACK")
        return self.granted

    def receive(self, count=1):
        """The payloads of the first `count` messages, once they are there."""
        with self.came:
            if not self.came.wait_for(lambda: len(self.messages) >= count, PATIENCE_S):
                raise AssertionError(f"{len(self.messages)} of {count} messages came")
        return [message.payload for message in self.messages]

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()

    def cut(self):
        """As a lost network looks: no DISCONNECT."""
        self.client.loop_stop()
        sock = self.client.socket()
        if sock is not None:
            sock.close()


def text(value):
    """A UTF-8 encoded string of MQTT (1.5.4)."""
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(2, "big") + data


def packet(first_byte, body):
    """An MQTT control packet."""
    length, left = bytearray(), len(body)
    while True:
        left, digit = divmod(left, 128)
        length.append(digit | (128 if left else 0))
        if not left:
            return bytes([first_byte]) + bytes(length) + body


def connect_packet(user, password, client_id=None, keepalive=60, version=4):
    properties = b"\x00" if version == 5 else b""
    return packet(0x10, text("MQTT") + bytes([version, 0xC2]) + keepalive.to_bytes(2, "big") + properties +
                  text(client_id or user) + text(user) + text(password))


def publish_packet(topic, payload, packet_id, version=4):
    return packet(0x32, text(topic) + packet_id.to_bytes(2, "big") + (b"\x00" if version == 5 else b"") + payload)
