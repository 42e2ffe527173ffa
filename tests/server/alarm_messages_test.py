"""Alarms told away from the screens: by e-mail and to a paging system, with what became of each message."""
import base64
import hashlib
import hmac
import json
import time
import urllib.request

from alarm_screen import AlarmScreen
from mail_box import MailBox
from paging_system import PagingSystem
from syslog_collector import Authority
from ward import PATIENCE_S, Client, Refused, ServerTest, wait_until


class AlarmMessages(ServerTest):
    def setUp(self):
        super().setUp()
        authority = Authority(self.place / "ca")
        certificate, key = authority.certificate("mail", "DNS:localhost")
        self.mail = MailBox(certificate, key, refuses="gone@", password="mail password")
        self.addCleanup(self.mail.close)
        self.paging = PagingSystem()
        self.addCleanup(self.paging.close)
        secret = self.place / "mail-password"
        secret.write_text("mail password\n")
        secret.chmod(0o600)
        config = self.place / "vigil.toml"
        config.write_text(f'[alarms]\nwebhook_endpoints = "{self.paging.url}"\nmail_server = "{self.mail.url}"\nmail_from = "vigil@hospital.example"\n'
                          f'mail_user = "vigil"\nmail_password_file = "{secret}"\nmail_ca = "{authority.path}"\n[site]\npublic_url = "https://vigil.example"\n')
        self.server.options = ("--config", str(config))
        self.make_token()
        self.server.start()
        self.patient = self.post("/api/patients", {"display_name": "Ada Example", "birth_date": "1957-02-03", "unit": "ICU", "bed": "01"})["id"]
        self.device_secret = self.add_device("oximeter", self.patient)
        wait_until("the patient is watched", lambda: self.get("/api/alarms")["beds"])
        self.call("PUT", f"/api/patients/{self.patient}/alarm-limits/spo2_desaturation", {"on_delay_s": 0, "reason": "a test"})
        self.post("/api/accounts", {"username": "nia", "role": "nurse", "units": ["ICU"], "password": "a long enough password"})

    def desaturate(self):
        """Until a screen shows the alarm."""
        screen = AlarmScreen(self.server, self.token)
        self.addCleanup(screen.close)
        client = Client(self.server, "oximeter", self.device_secret).connect()
        self.addCleanup(client.close)
        deadline = time.monotonic() + PATIENCE_S
        while "spo2_desaturation" not in screen.alarms(self.patient):
            self.assertLess(time.monotonic(), deadline)
            client.publish("vigil/oximeter/telemetry", json.dumps({"ts": time.time_ns() // 1_000_000, "spo2": 78}))
            heard = screen.heartbeat
            while screen.heartbeat is heard and "spo2_desaturation" not in screen.alarms(self.patient):
                screen.next()
        return screen.alarms(self.patient)["spo2_desaturation"]

    def events(self, kind):
        def found():
            events = self.get(f"/api/alarms/events?patient={self.patient}&limit=1000")["events"]
            return [event for event in events if event["type"] == kind]
        return wait_until(f"{kind} is on record", found)

    def duty(self, account, *recipients):
        self.post("/api/alarm-duties", {"account": account, "as": list(recipients), "unit": "ICU", "until": (time.time_ns() // 1_000_000) + 3_600_000})

    def contact(self, **what):
        return self.post("/api/alarm-contacts", what)

    def test_who_has_the_duty_gets_an_email_and_the_paging_system_hears_all_of_it(self):
        self.contact(account="nia", channel="email", address="nia@hospital.example")
        paging = self.contact(name="Paging", channel="webhook", address=self.paging.url, **{"as": ["central"]})
        self.duty("nia", "assigned-nurse")
        alarm = self.desaturate()
        sender, recipient, message, secure, user = self.mail.next(PATIENCE_S)
        self.assertIn("<vigil@hospital.example>", sender)
        self.assertIn("<nia@hospital.example>", recipient)
        self.assertEqual((secure, user), (True, "vigil"))
        self.assertEqual(message["subject"], "HIGH alarm: Desaturation, ICU, bed 01")
        text = message.get_content()
        self.assertIn(f"https://vigil.example/patients/{self.patient}", text)
        self.assertNotIn("Ada", text)
        signature, body, told = self.paging.next()
        self.assertEqual((told["type"], told["event"]["alarm"], told["bed"]), ("alarm", alarm["id"], "01"))
        stamp, mark = (part.split("=", 1)[1] for part in signature.split(","))
        wanted = hmac.new(paging["secret"].encode(), f"{stamp}.".encode() + body, hashlib.sha256).digest()
        self.assertEqual(mark, base64.urlsafe_b64encode(wanted).decode().rstrip("="))
        wait_until("both are on record", lambda: len(self.events("delivered")) >= 2)
        details = {event["detail"]: event["reason"] for event in self.events("delivered")}
        self.assertEqual(details["Paging by webhook"], "HTTP 200")
        self.assertIn("250 2.0.0 taken as 4711", details["nia by email"])
        # The pager says that it is there; the nurse acknowledges, and the paging system hears of it.
        self.call("POST", "/api/alarm-receipts/" + told["id"], {"by": "pager 17"})
        self.assertEqual(self.events("received")[0]["reason"], "pager 17")
        self.post(f"/api/alarms/{alarm['id']}/acknowledge", {"episode": alarm["episode"], "seen": "high"})
        _, _, change = self.paging.next()
        self.assertEqual((change["type"], change["event"]["type"]), ("change", "acknowledged"))

    def test_what_cannot_be_delivered_tells_the_next_at_once(self):
        self.contact(account="nia", channel="email", address="gone@hospital.example")
        self.contact(name="Charge", channel="email", address="charge@hospital.example", **{"as": ["charge-nurse"]})
        self.duty("nia", "assigned-nurse")
        began = time.monotonic()
        self.desaturate()
        _, recipient, _, _, _ = self.mail.next(PATIENCE_S)
        self.assertIn("charge@", recipient)
        self.assertIn("550 5.1.1 no such mailbox", self.events("undeliverable")[0]["reason"])
        self.assertEqual(self.events("told")[-1]["reason"], "a message could not be delivered")
        self.assertLess(time.monotonic() - began, 29 + PATIENCE_S)

    def test_a_system_that_is_away_is_asked_again_and_a_contact_is_tried_before_it_is_needed(self):
        contact = self.contact(name="Paging", channel="webhook", address=self.paging.url, **{"as": ["central"]})
        test = f"/api/alarm-contacts/{contact['id']}/test"
        self.assertEqual(self.post(test), {"outcome": "delivered", "said": "HTTP 200"})
        self.assertEqual(self.paging.next()[2]["type"], "test")
        self.paging.status = 503
        self.assertEqual(self.post(test), {"outcome": "undeliverable", "said": "HTTP 503"})
        self.paging.next()
        self.desaturate()
        first = self.paging.next()[2]
        self.paging.status = 200
        again = self.paging.next()[2]
        self.assertEqual(again["id"], first["id"])
        self.assertEqual(self.events("delivered")[0]["detail"], "Paging by webhook")

    def test_whoever_reviews_emergency_accesses_is_told_of_each(self):
        self.contact(name="Privacy", channel="webhook", address=self.paging.url, emergencies=True)
        other = self.post("/api/patients", {"display_name": "Test other", "unit": "Ward 2", "bed": "01"})["id"]
        request = urllib.request.Request(self.server.url("/api/session"), method="POST", headers={"content-type": "application/json"},
                                         data=json.dumps({"username": "nia", "password": "a long enough password"}).encode())
        with urllib.request.urlopen(request) as answer:
            signed_in = {"cookie": answer.headers["set-cookie"].split(";")[0], "x-vigil-csrf": json.load(answer)["csrf"]}
        request = urllib.request.Request(self.server.url(f"/api/patients/{other}/emergency-access"), method="POST", headers=signed_in,
                                         data=json.dumps({"reason": "collapsed at the lift", "password": "a long enough password"}).encode())
        urllib.request.urlopen(request).close()
        told = self.paging.next()[2]
        self.assertEqual((told["type"], told["by"], told["reason"], told["page"], told["event"]),
                         ("emergency", "nia", "collapsed at the lift", "https://vigil.example/emergencies", None))

    def test_after_a_kill_whoever_stands_on_the_roster_is_told_again(self):
        self.contact(account="nia", channel="email", address="nia@hospital.example")
        self.duty("nia", "assigned-nurse")
        self.desaturate()
        self.mail.next(PATIENCE_S)
        self.server.kill()
        self.server.start()
        self.assertIn("nia@", self.mail.next(PATIENCE_S)[1])

    def test_nobody_is_sent_to_where_the_operator_does_not_allow(self):
        for address in ("http://127.0.0.1:1/alarms", "https://evil.example/", self.paging.url.replace("127.0.0.1", "127.1")):
            with self.assertRaises(Refused) as refused:
                self.contact(name="P", channel="webhook", address=address, **{"as": ["central"]})
            self.assertEqual(refused.exception.status, 403)
