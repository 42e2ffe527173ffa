"""Real MQTT clients work unchanged: Mosquitto's, Paho's and MQTT.js, over every transport they speak."""
import json
import os
import shutil
import signal
import ssl
import subprocess
import unittest

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ward import HERE, PATIENCE_S, Client, ServerTest, wait_until

TOPIC_RULES = '[[topic]]\naccount = "*"\nfilter = "site/#"\nallow = ["publish", "subscribe"]\n'
AUTHORITY_BEGINS, AUTHORITY_ENDS = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
NODE = shutil.which("node")
MQTT_JS = HERE.parent.parent / "web/node_modules/mqtt"


class RealClients(ServerTest):
    """A device, `probe`, on a patient; a service account, `bus`, that may use site/#."""

    def setUp(self):
        super().setUp()
        config = self.place / "vigil.toml"
        config.write_text(TOPIC_RULES)
        self.server.options = ("--config", str(config))
        self.server.listeners = {name: "127.0.0.1:0" for name in ("http", "https", "mqtt", "mqtts")}
        self.make_token()
        self.server.start()
        self.patient = self.add_patient("P")
        self.device_token = self.add_device("probe", self.patient)
        self.post("/api/accounts", {"username": "bus", "display_name": "Bus", "role": "service"})
        self.bus_token = self.post("/api/accounts/bus/tokens", {"name": "test", "scopes": ["system/*.cruds"]})["token"]
        pem = (self.place / "data/keys/authority.pem").read_text()
        self.authority = self.place / "authority.crt"
        self.authority.write_text(pem[pem.index(AUTHORITY_BEGINS):pem.index(AUTHORITY_ENDS) + len(AUTHORITY_ENDS)] + "\n")

    def restart(self):
        self.assertEqual(self.server.stop(), 0)
        self.server.start()

    def stored(self, values):
        self.assertEqual(self.values(self.patient, "heart_rate"), [str(value) for value in values])


class Mosquitto(RealClients):
    def words(self, *words, user="probe", password=None, listener="mqtt", version="mqttv311"):
        return [*words, "-h", "localhost" if listener == "mqtts" else "127.0.0.1", "-p", str(self.server.port(listener)),
                "-V", version, *(["-u", user, "-P", password or self.device_token] if user else []),
                *(["--cafile", str(self.authority)] if listener == "mqtts" else [])]

    def publish(self, topic, message, *words, **more):
        return subprocess.run(self.words("mosquitto_pub", "-t", topic, "-m", message, *words, **more), capture_output=True,
                              text=True, timeout=PATIENCE_S)

    def published(self, *words, **more):
        done = self.publish(*words, **more)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def subscribing(self, topic, *words, **more):
        """A mosquitto_sub that may not have its SUBACK yet."""
        process = subprocess.Popen(self.words("stdbuf", "-oL", "mosquitto_sub", "-d", "-t", topic, *words, **more),
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def subscriber(self, topic, *words, **more):
        """A mosquitto_sub that has its SUBACK; `-d` says so."""
        process = self.subscribing(topic, *words, **more)
        for line in process.stdout:
            if "Subscribed" in line:
                return process
        raise AssertionError("mosquitto_sub ended")

    def payloads(self, process, count):
        """Its next messages; the lines of `-d` between them are passed over."""
        found = []
        while len(found) < count:
            line = process.stdout.readline()
            if not line:
                raise AssertionError(f"mosquitto_sub ended after {found}")
            if not line.startswith(("Client ", "Subscribed")):
                found.append(line.rstrip("\n"))
        return found

    def test_publishes_at_every_quality_of_service(self):
        value = 60
        for version in ("mqttv311", "mqttv5"):
            for listener in ("mqtt", "mqtts"):
                for qos in "012":
                    with self.subTest(version=version, listener=listener, qos=qos):
                        self.published("vigil/probe/telemetry", json.dumps({"heart_rate": value, "seq": value}), "-q", qos,
                                       version=version, listener=listener)
                        value += 1
        # QoS 0 is answered by nothing: it may still be on its way.
        wait_until("all are stored", lambda: len(self.values(self.patient, "heart_rate")) == value - 60)
        self.stored(range(60, value))

    def test_a_certificate_is_a_credential(self):
        secret = self.post("/api/devices", {"id": "card", "credential": "certificate"})["secret"]
        self.post("/api/devices/card/attach", {"patient": self.patient, "from": "2026-01-01T00:00:00Z"})
        for name, part in (("card.crt", "certificate_pem"), ("card.key", "private_key_pem")):
            (self.place / name).write_text(secret[part])
        self.published("vigil/card/telemetry", '{"heart_rate": 70}', "-q", "1", "--cert", str(self.place / "card.crt"), "--key",
                       str(self.place / "card.key"), user=None, listener="mqtts")
        self.stored([70])
        refused = self.publish("vigil/card/telemetry", '{"heart_rate": 71}', "-q", "1", user=None, listener="mqtts")
        self.assertNotEqual(refused.returncode, 0)

    def test_a_wrong_token_is_told(self):
        for version, saying in (("mqttv311", "not authori|bad user name"), ("mqttv5", "not authori|bad user name")):
            done = self.publish("vigil/probe/telemetry", "{}", password="wrong", version=version)
            self.assertNotEqual(done.returncode, 0)
            self.assertRegex(done.stderr.lower(), saying)

    def test_subscribes(self):
        for version in ("mqttv311", "mqttv5"):
            with self.subTest(version):
                listener = self.subscriber("vigil/probe/#", "-q", "1", "-C", "2", version=version)
                self.published("vigil/probe/note", "one", "-q", "1", version=version)
                self.published("vigil/probe/telemetry", '{"heart_rate": 80}', "-q", "2", version=version)
                self.assertEqual(self.payloads(listener, 2), ["one", '{"heart_rate": 80}'])
                self.assertEqual(listener.wait(PATIENCE_S), 0)

    def test_retained_messages(self):
        self.published("vigil/probe/state", "ready", "-q", "1", "-r")
        self.restart()
        self.assertEqual(self.payloads(self.subscriber("vigil/probe/state", "-q", "1", "-C", "1"), 1), ["ready"])
        subprocess.run(self.words("mosquitto_pub", "-t", "vigil/probe/state", "-n", "-q", "1", "-r"), check=True)
        listener = self.subscriber("vigil/probe/#", "-q", "1", "-C", "1")
        self.published("vigil/probe/other", "first", "-q", "1")
        self.assertEqual(self.payloads(listener, 1), ["first"])

    def test_a_will_when_the_network_is_lost(self):
        for version in ("mqttv311", "mqttv5"):
            with self.subTest(version):
                watcher = self.subscriber("vigil/probe/will", "-q", "1", "-C", "1", "-i", "watcher", version=version)
                dying = self.subscriber("vigil/probe/x", "-i", "dying", "--will-topic", "vigil/probe/will", "--will-payload",
                                        "lost", "--will-qos", "1", version=version)
                dying.send_signal(signal.SIGKILL)
                self.assertEqual(self.payloads(watcher, 1), ["lost"])

    def test_a_shared_subscription(self):
        members = [self.subscriber("$share/pair/site/jobs", "-q", "1", "-C", "10", "-i", f"worker-{n}", user="bus",
                                   password=self.bus_token, version="mqttv5") for n in range(2)]
        for number in range(20):
            self.published("site/jobs", f"job {number}", "-q", "1", user="bus", password=self.bus_token, version="mqttv5")
        got = [self.payloads(member, 10) for member in members]
        self.assertEqual(sorted(got[0] + got[1], key=lambda job: int(job.split()[1])), [f"job {n}" for n in range(20)])

    def test_a_session_outlives_the_server(self):
        for version, keep in (("mqttv311", ("-c",)), ("mqttv5", ("-c", "-x", "3600"))):
            with self.subTest(version):
                session = ("-q", "1", "-i", f"keeper-{version}", *keep)
                self.subscriber("vigil/probe/later", *session, version=version).terminate()
                self.published("vigil/probe/later", "kept", "-q", "1")
                self.restart()
                self.published("vigil/probe/later", "and this", "-q", "2")
                self.server.kill()
                self.server.start()
                # What waited for the session may come before the SUBACK, and ends it.
                back = self.subscribing("vigil/probe/later", *session, "-C", "2", version=version)
                self.assertEqual(self.payloads(back, 2), ["kept", "and this"])


class Paho(RealClients):
    transports = (("mqtt", "tcp"), ("mqtts", "tcp"), ("http", "websockets"), ("https", "websockets"))

    def client(self, client_id, version, listener="mqtt", transport="tcp", user="probe", clean=True, will=None, expiry=None):
        password = self.device_token if user == "probe" else self.bus_token
        client = Client(self.server, user, password, client_id, version, clean, will, transport=transport)
        if listener in ("mqtts", "https"):
            client.client.tls_set(str(self.authority), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        if transport == "websockets":
            client.client.ws_set_options("/mqtt")
        properties = None
        if expiry is not None:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = expiry
        client.connect(self.server.port(listener), properties=properties)
        self.addCleanup(client.client.loop_stop)
        self.assertEqual(client.answer, 0)
        return client

    def test_every_transport_and_version(self):
        sent = []
        for version in (mqtt.MQTTv311, mqtt.MQTTv5):
            for listener, transport in self.transports:
                with self.subTest(version=version, listener=listener):
                    client = self.client("all", version, listener, transport)
                    client.subscribe("vigil/probe/echo", 2)
                    for qos in (0, 1, 2):
                        sent.append(60 + len(sent))
                        client.publish("vigil/probe/telemetry", {"heart_rate": sent[-1], "seq": sent[-1]}, qos)
                        client.publish("vigil/probe/echo", f"{qos}", qos)
                    self.assertEqual(sorted(client.receive(3)), [b"0", b"1", b"2"])
                    client.close()
        wait_until("all are stored", lambda: len(self.values(self.patient, "heart_rate")) == len(sent))
        self.stored(sent)

    def test_a_large_message(self):
        for listener, transport in self.transports:
            with self.subTest(listener=listener):
                client = self.client("large", mqtt.MQTTv5, listener, transport)
                client.subscribe("vigil/probe/large", 1)
                body = os.urandom(400_000)
                client.publish("vigil/probe/large", body)
                self.assertEqual(client.receive(1), [body])
                client.close()

    def test_retained_will_and_shared(self):
        for version in (mqtt.MQTTv311, mqtt.MQTTv5):
            with self.subTest(version=version):
                watcher = self.client("watcher", version, user="bus")
                self.assertEqual(len(watcher.subscribe("site/will")), 1)
                dying = self.client("dying", version, user="bus", will=("site/will", "lost", 1, False))
                dying.publish("site/state", "ready", retain=True)
                watcher.subscribe("site/state")
                self.assertEqual(watcher.receive(1), [b"ready"])
                self.assertTrue(watcher.messages[0].retain)
                dying.cut()
                self.assertEqual(watcher.receive(2)[1], b"lost")
                watcher.close()
        members = [self.client(f"member-{n}", mqtt.MQTTv5, user="bus") for n in range(3)]
        for member in members:
            member.subscribe("$share/trio/site/jobs")
        for number in range(30):
            members[0].publish("site/jobs", str(number))
        wait_until("each job is done", lambda: sum(len(member.messages) for member in members) >= 30)
        done = sorted(int(message.payload) for member in members for message in member.messages)
        self.assertEqual(done, list(range(30)))
        self.assertTrue(all(member.messages for member in members))

    def test_a_session_outlives_the_server(self):
        for version, expiry in ((mqtt.MQTTv311, None), (mqtt.MQTTv5, 3600)):
            with self.subTest(version=version):
                away = self.client("away", version, clean=False, expiry=expiry)
                away.subscribe("vigil/probe/later", 2)
                away.close()
                here = self.client("here", version)
                for number in range(5):
                    here.publish("vigil/probe/later", str(number), qos=1 + number % 2)
                here.cut()
                self.server.kill()
                self.server.start()
                away = self.client("away", version, clean=False, expiry=expiry)
                present = away.flags["session present"]
                self.assertEqual(present, 1)
                self.assertEqual(sorted(away.receive(5)), [b"0", b"1", b"2", b"3", b"4"])
                away.close()

    def test_what_is_not_allowed_is_refused(self):
        client = self.client("probe", mqtt.MQTTv311)
        self.assertEqual(tuple(client.subscribe("vigil/other/#")), (0x80,))
        five = self.client("probe-5", mqtt.MQTTv5)
        self.assertEqual([int(code.value) for code in five.subscribe("site/#")], [0x87])


@unittest.skipUnless(NODE and MQTT_JS.exists(), "MQTT.js comes with the web app's packages")
class MqttJs(RealClients):
    def run_script(self, what, url, **more):
        told = {"what": what, "url": url, "authority": self.authority.read_text(), "username": "probe",
                "password": self.device_token, "bus": {"username": "bus", "password": self.bus_token}, **more}
        done = subprocess.run([NODE, str(HERE / "mqtt_js.mjs")], input=json.dumps(told), capture_output=True, text=True,
                              timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def urls(self):
        return {"tcp": f"mqtt://127.0.0.1:{self.server.port('mqtt')}", "tls": f"mqtts://localhost:{self.server.port('mqtts')}",
                "ws": f"ws://127.0.0.1:{self.server.port('http')}/mqtt", "wss": f"wss://localhost:{self.server.port('https')}/mqtt"}

    def test_every_transport_and_version(self):
        value = 60
        for version in (4, 5):
            for name, url in self.urls().items():
                with self.subTest(version=version, transport=name):
                    told = self.run_script("talk", url, version=version, value=value)
                    self.assertEqual(sorted(told["echoes"]), ["0", "1", "2"])
                    self.assertEqual(told["retained"], "ready")
                    self.assertEqual(told["will"], "lost")
                    value += 3
        wait_until("all are stored", lambda: len(self.values(self.patient, "heart_rate")) == value - 60)
        self.stored(range(60, value))

    def test_a_shared_subscription(self):
        told = self.run_script("share", self.urls()["ws"], version=5)
        self.assertEqual(sorted(told["jobs"]), list(range(20)))

    def test_a_session_outlives_the_server(self):
        for version in (4, 5):
            with self.subTest(version=version):
                self.run_script("leave", self.urls()["tcp"], version=version)
                self.server.kill()
                self.server.start()
                told = self.run_script("come back", self.urls()["wss"], version=version)
                self.assertEqual(told, {"sessionPresent": True, "messages": ["0", "1", "2"]})


if __name__ == "__main__":
    unittest.main()
