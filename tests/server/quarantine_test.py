"""What cannot be read is kept up to a quota a sender, and the sender is told: accepted, or over its quota."""
import socket
import unittest

from ward import PATIENCE_S, ServerTest, connect_packet, publish_packet, wait_until

PAYLOAD_FORMAT_INVALID, QUOTA_EXCEEDED = 0x99, 0x97  # MQTT 5.0 2.4
QUOTA = 3


class Quota(ServerTest):
    def setUp(self):
        super().setUp()
        config = self.place / "vigil.toml"
        config.write_text(f"[quarantine]\nper_source_max = {QUOTA}\n")
        self.server.options = ("--config", str(config))
        self.make_token()
        self.server.start()
        self.device_token = self.add_device("m")

    def reasons(self, count):
        """The reason codes of as many PUBACKs, for messages that are no JSON."""
        with socket.create_connection(("127.0.0.1", self.server.port("mqtt")), timeout=PATIENCE_S) as link:
            link.sendall(connect_packet("m", self.device_token, version=5))
            self.assertEqual(link.recv(4096)[:1], b"\x20")
            found = []
            for number in range(1, count + 1):
                link.sendall(publish_packet("vigil/m/telemetry", b"{broken %d" % number, number, version=5))
                answer = link.recv(4096)
                self.assertEqual(answer[:1], b"\x40")
                found.append(answer[4] if answer[1] > 2 else 0)
        return found

    def open_items(self):
        return self.get("/api/quarantine")["items"]

    def test_the_quota_counts_what_is_open_also_after_a_restart(self):
        self.assertEqual(self.reasons(QUOTA + 2), [PAYLOAD_FORMAT_INVALID] * QUOTA + [QUOTA_EXCEEDED] * 2)
        wait_until("all are held", lambda: len(self.open_items()) == QUOTA)
        for item in self.open_items()[:2]:
            self.post(f"/api/quarantine/{item['id']}/dismiss")
        self.server.kill()
        self.server.start()
        self.assertEqual(self.reasons(QUOTA), [PAYLOAD_FORMAT_INVALID] * 2 + [QUOTA_EXCEEDED])


if __name__ == "__main__":
    unittest.main()
