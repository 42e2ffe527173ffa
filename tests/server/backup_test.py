"""A backup of a server at work, restored, holds everything that was acknowledged before it was asked for, each reading once,
and answers as the server did."""
import collections
import json
import shutil
import subprocess
import threading
import unittest

from ward import BINARY, Client, Server, ServerTest, wait_until

DEVICES = 3
BACKUPS = 3


class Publisher(threading.Thread):
    """Sends 1, 2, 3, … as fast as they are acknowledged, a few at once."""

    def __init__(self, client, name):
        super().__init__(daemon=True)
        self.client, self.name_ = client, name
        self.sent, self.ended = {}, threading.Event()

    def run(self):
        while not self.ended.is_set():
            if len(self.sent) - len(self.client.acknowledged) > 50:
                self.ended.wait(0.002)
                continue
            value = len(self.sent) + 1
            body = json.dumps({"heart_rate": value, "seq": value})
            self.sent[value] = self.client.client.publish(f"vigil/{self.name_}/telemetry", body, qos=1 + value % 2).mid

    def acknowledged(self):
        come = set(self.client.acknowledged)
        return {value for value, mid in list(self.sent.items()) if mid in come}


class Backup(ServerTest):
    def setUp(self):
        super().setUp()
        self.make_token()
        self.server.start()
        self.patients, self.publishers = [], []
        for number in range(DEVICES):
            name = f"m-{number}"
            self.patients.append(self.add_patient(f"P{number}"))
            client = Client(self.server, name, self.add_device(name, self.patients[-1])).connect()
            client.client.max_inflight_messages_set(100)
            self.publishers.append(Publisher(client, name))
            self.addCleanup(client.client.loop_stop)
        for publisher in self.publishers:
            self.addCleanup(publisher.ended.set)
            publisher.start()

    def restored(self, backup, number):
        """A server on a folder made of a backup and the keys."""
        folder = self.place / f"restored-{number}"
        folder.mkdir(mode=0o700)
        shutil.copytree(self.place / "data/keys", folder / "keys")
        subprocess.run([BINARY, "restore", str(backup), "--data", str(folder)], check=True, capture_output=True)
        server = Server(BINARY, str(folder))
        self.assertTrue(server.command("verify")["sound"])
        return server.start()

    def stored(self):
        return [collections.Counter(int(value) for value in self.values(patient, "heart_rate")) for patient in self.patients]

    def test_nothing_acknowledged_is_missing_from_a_backup_and_nothing_is_doubled(self):
        taken = []
        for number in range(BACKUPS):
            wanted = 400 * (number + 1)
            wait_until("there is traffic", lambda: all(len(p.acknowledged()) > wanted for p in self.publishers))
            before = [publisher.acknowledged() for publisher in self.publishers]
            folder = self.place / f"backup-{number}"
            self.post("/api/backup", {"folder": str(folder)})
            after = [set(publisher.sent) for publisher in self.publishers]
            self.assertEqual([path.name for path in folder.iterdir() if "key" in path.name], [])
            taken.append((folder, before, after))
        for publisher in self.publishers:
            publisher.ended.set()
            publisher.join()
        self.assertEqual(self.server.stop(), 0)
        for number, (folder, before, after) in enumerate(taken):
            self.server = self.restored(folder, number)
            for values, acknowledged, sent in zip(self.stored(), before, after):
                self.assertLessEqual(acknowledged, set(values))
                self.assertLessEqual(set(values), sent)
                self.assertEqual(set(values.values()), {1})
            self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
