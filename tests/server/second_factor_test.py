"""A second factor beside the password: set up, asked for, lost, reset; and what it does not touch."""
import json
import unittest

from browser import App, Browser
from ward import Client, Refused, ServerTest

PHRASE = "a long enough pass phrase"


class SecondFactorTest(ServerTest):
    policy = "optional"

    def setUp(self):
        super().setUp()
        self.make_token()
        config = self.place / "vigil.toml"
        config.write_text(f'[accounts]\nsecond_factor = "{self.policy}"\n')
        self.server.options = ("--config", str(config))
        self.server.start()

    def add_account(self, name="nurse", role="clinician"):
        self.post("/api/accounts", {"username": name, "display_name": name, "role": role, "password": PHRASE})

    def signed_in(self, name="nurse", password=PHRASE):
        browser = Browser(self.server)
        status, said = browser.sign_in(name, password)
        self.assertEqual(status, 200, said)
        return browser

    def set_up(self, browser):
        """The app and the recovery codes."""
        status, begun = browser.ask("POST", "/api/me/totp", {})
        self.assertEqual(status, 200, begun)
        app = App(begun["secret"])
        status, said = browser.ask("POST", "/api/me/totp/confirm", {"code": app.next()})
        self.assertEqual(status, 201, said)
        return app, said["recovery_codes"]

    def ticket(self, browser, name="nurse"):
        status, said = browser.sign_in(name, PHRASE)
        self.assertEqual((status, said["error"]["kind"]), (401, "second-factor"))
        return said["error"]["ticket"]

    def audit(self):
        return [(line["who"], line["what"], line["permitted"]) for line in self.get("/api/audit?limit=200")["lines"]]


class Optional(SecondFactorTest):
    def test_the_password_alone_opens_nothing_once_a_factor_is_set_up(self):
        self.add_account()
        app, codes = self.set_up(self.signed_in())
        self.assertEqual(len(set(codes)), 10)
        browser = Browser(self.server)
        ticket = self.ticket(browser)
        self.assertEqual(browser.cookie, "")
        self.assertEqual(browser.ask("GET", "/api/patients")[0], 401)
        code = app.next()
        self.assertEqual(browser.show_code(ticket, code)[0], 200)
        self.assertEqual(browser.ask("GET", "/api/patients")[0], 200)
        for spent, why in ((ticket, "its ticket is spent"), (self.ticket(browser), "a code is good once")):
            self.assertEqual(Browser(self.server).show_code(spent, code)[0], 401, why)
        lines = self.audit()
        for line in (("nurse", "second factor set up", True), ("", "sign-in nurse: password", True),
                     ("nurse", "sign-in nurse", True), ("", "sign-in nurse: second factor", False)):
            self.assertIn(line, lines)

    def test_what_was_used_is_used_after_a_restart(self):
        self.add_account()
        app, codes = self.set_up(self.signed_in())
        browser, code = Browser(self.server), app.next()
        self.assertEqual(browser.show_code(self.ticket(browser), code)[0], 200)
        self.assertEqual(browser.show_code(self.ticket(browser), codes[0])[0], 200)
        self.server.kill()
        self.server.start()
        ticket = self.ticket(browser)
        self.assertEqual(browser.show_code(ticket, code)[0], 401)
        self.assertEqual(browser.show_code(ticket, codes[0])[0], 401)
        self.assertEqual(browser.show_code(ticket, codes[1])[0], 200)

    def test_a_ticket_is_good_for_five_tries(self):
        self.add_account()
        _, codes = self.set_up(self.signed_in())
        browser = Browser(self.server)
        ticket = self.ticket(browser)
        for _ in range(5):
            status, said = browser.show_code(ticket, "000000")
            self.assertEqual((status, said["error"]["kind"]), (401, "wrong-code"))
        status, said = browser.show_code(ticket, codes[0])
        self.assertEqual((status, said["error"]["place"]), (401, "ticket"))

    def test_guessing_codes_has_to_wait(self):
        self.add_account()
        self.set_up(self.signed_in())
        browser = Browser(self.server)
        first, second = self.ticket(browser), self.ticket(browser)
        for ticket in (first, first, first, second, second):
            self.assertEqual(browser.show_code(ticket, "000000")[0], 401)
        self.assertEqual(browser.show_code(second, "000000")[0], 429, "over all tickets")
        statuses = [browser.sign_in("nurse", PHRASE)[0] for _ in range(4)]
        self.assertEqual(statuses[-1], 429, "the right password alone gives no fresh tries")

    def test_a_password_over_mqtt_is_refused_and_a_token_is_not_asked(self):
        self.add_account()
        token = self.post("/api/accounts/nurse/tokens", {"name": "desk", "scopes": ["system/*.rs"]})["token"]
        before = Client(self.server, "nurse", PHRASE, client_id="before").connect()
        self.assertEqual(int(before.answer), 0)
        before.close()
        self.set_up(self.signed_in())
        after = Client(self.server, "nurse", PHRASE, client_id="after").connect()
        self.assertNotEqual(int(after.answer), 0)
        after.close()
        with_token = Client(self.server, "nurse", token, client_id="token").connect()
        self.assertEqual(int(with_token.answer), 0)
        with_token.close()
        self.assertIn("devices", self.call("GET", "/api/devices", token=token))

    def test_factors_change_only_with_one_of_them(self):
        self.add_account()
        browser = self.signed_in()
        app, codes = self.set_up(browser)
        for path in ("/api/me/totp", "/api/me/totp/remove", "/api/me/recovery-codes"):
            status, said = browser.ask("POST", path, {})
            self.assertEqual((status, said["error"]["kind"]), (403, "wrong-code"), path)
        status, said = browser.ask("POST", "/api/me/recovery-codes", {"code": app.next()})
        self.assertEqual(status, 201)
        self.assertEqual(browser.ask("POST", "/api/me/totp/remove", {"code": codes[0]})[0], 403, "an old one")
        self.assertEqual(browser.ask("POST", "/api/me/totp/remove", {"code": said["recovery_codes"][0]})[0], 204)
        self.signed_in()

    def test_tokens_have_no_account_page(self):
        self.assertNotIn("second_factor", self.get("/api/me"), "what a token may do it may ask")
        with self.assertRaises(Refused) as refused:
            self.get("/api/me/sessions")
        self.assertEqual(refused.exception.status, 403)
        with self.assertRaises(Refused) as refused:
            self.post("/api/me/totp")
        self.assertEqual(refused.exception.status, 403)

    def test_an_administrator_resets_the_factor_of_who_lost_it(self):
        self.add_account()
        browser = self.signed_in()
        self.set_up(browser)
        nurse = self.call("POST", "/api/accounts/nurse/tokens", {"name": "x", "scopes": ["system/*.rs"]})["token"]
        with self.assertRaises(Refused) as refused:
            self.call("DELETE", "/api/accounts/nurse/factors", token=nurse)
        self.assertEqual(refused.exception.status, 403, "not one's own, by a token")
        self.call("DELETE", "/api/accounts/nurse/factors")
        self.assertEqual(browser.ask("GET", "/api/patients")[0], 401, "signed out")
        self.signed_in()
        self.assertIn(("admin", "second factor reset nurse", True), self.audit())

    def test_the_command_line_resets_on_the_idle_folder(self):
        self.add_account()
        self.set_up(self.signed_in())
        self.server.stop()
        accounts = self.server.command("account", "list")["accounts"]
        self.assertEqual({a["username"]: a["second_factor"] for a in accounts}, {"admin": False, "nurse": True})
        self.server.command("account", "reset-factors", "nurse")
        self.server.start()
        self.signed_in()

    def test_no_secret_is_on_the_disk_in_clear(self):
        self.add_account()
        browser = self.signed_in()
        status, begun = browser.ask("POST", "/api/me/totp", {})
        app = App(begun["secret"])
        _, said = browser.ask("POST", "/api/me/totp/confirm", {"code": app.next()})
        self.server.stop()  # snapshots are written
        secrets = [begun["secret"].encode(), app.secret, app.secret.hex().encode(),
                   *(code.encode() for code in said["recovery_codes"])]
        files = [path for path in self.place.rglob("*") if path.is_file()]
        self.assertIn("vigil.db", {path.name for path in files})
        for path in files:
            data = path.read_bytes()
            for secret in secrets:
                self.assertNotIn(secret, data, path.name)


class AskedOfAll(SecondFactorTest):
    policy = "all"

    def test_who_has_none_sets_it_up_before_anything_else(self):
        self.add_account()
        browser = Browser(self.server)
        status, said = browser.sign_in("nurse", PHRASE)
        self.assertEqual((status, said["set_up_first"]), (200, True))
        for method, path in (("GET", "/api/patients"), ("GET", "/api/ward"), ("POST", "/api/me/password"),
                             ("GET", "/api/me/sessions"), ("POST", "/api/me/totp/remove")):
            status, said = browser.ask(method, path, None if method == "GET" else {})
            self.assertEqual((status, said["error"]["kind"]), (403, "set-up-first"), path)
        self.assertIn(browser.ask("GET", "/fhir/Patient", accept="application/fhir+json")[0], (401, 403))
        app, _ = self.set_up(browser)
        self.assertEqual(browser.ask("GET", "/api/patients")[0], 200)
        self.assertEqual(browser.ask("GET", "/api/session")[1]["set_up_first"], False)
        status, said = browser.ask("POST", "/api/me/totp/remove", {"code": app.next()})
        self.assertEqual(status, 409, said)
        self.assertEqual(Client(self.server, "nurse", PHRASE).connect().answer == 0, False)

    def test_who_came_in_before_does_not_change_the_factor_without_it(self):
        self.add_account()
        thief, nurse = Browser(self.server), Browser(self.server)
        thief.sign_in("nurse", PHRASE)
        nurse.sign_in("nurse", PHRASE)
        self.set_up(nurse)
        status, said = thief.ask("POST", "/api/me/totp", {})
        self.assertEqual((status, said["error"]["kind"]), (403, "wrong-code"))
        self.assertEqual(thief.ask("GET", "/api/patients")[0], 403)


class AskedOfAdministrators(SecondFactorTest):
    policy = "administrators"

    def test_only_administrators_are_asked(self):
        self.add_account()
        self.assertEqual(Browser(self.server).sign_in("nurse", PHRASE)[1]["set_up_first"], False)
        admin = Browser(self.server)
        self.assertEqual(admin.sign_in("admin", self.server.admin_password)[1]["set_up_first"], True)


class OwnAccount(SecondFactorTest):
    def test_a_new_password_ends_other_sessions_and_this_one_goes_on(self):
        self.add_account()
        here, there = self.signed_in(), self.signed_in()
        cookie = here.cookie
        status, said = here.ask("POST", "/api/me/password", {"password": "passwordpassword"})
        self.assertEqual(status, 400, said)
        self.assertEqual(here.ask("POST", "/api/me/password", {"password": "another long pass phrase"})[0], 200)
        self.assertNotEqual(here.cookie, cookie)
        self.assertEqual(here.ask("GET", "/api/patients")[0], 200)
        self.assertEqual(there.ask("GET", "/api/patients")[0], 401)
        self.assertEqual(Browser(self.server).sign_in("nurse", PHRASE)[0], 401)
        self.signed_in(password="another long pass phrase")
        self.assertIn(("nurse", "own password changed", True), self.audit())

    def test_sessions_are_listed_and_ended(self):
        self.add_account()
        here, there, third = self.signed_in(), self.signed_in(), self.signed_in()
        sessions = here.ask("GET", "/api/me/sessions")[1]["sessions"]
        self.assertEqual([s["this"] for s in sessions].count(True), 1)
        self.assertEqual(sessions[0]["address"], "127.0.0.1")
        self.assertIn("Firefox", sessions[0]["user_agent"])
        theirs = next(s["id"] for s in there.ask("GET", "/api/me/sessions")[1]["sessions"] if s["this"])
        self.assertEqual(here.ask("DELETE", f"/api/me/sessions/{theirs}")[0], 204)
        self.assertEqual(there.ask("GET", "/api/patients")[0], 401)
        self.assertEqual(here.ask("DELETE", f"/api/me/sessions/{theirs}")[0], 404)
        self.assertEqual(here.ask("DELETE", "/api/me/sessions/x")[0], 404)
        self.assertEqual(here.ask("DELETE", "/api/me/sessions"), (200, {"ended": 1}))
        self.assertEqual(third.ask("GET", "/api/patients")[0], 401)
        self.assertEqual(here.ask("GET", "/api/patients")[0], 200)

    def test_nobody_ends_the_sessions_of_another(self):
        self.add_account()
        self.add_account("doctor")
        nurse, doctor = self.signed_in(), self.signed_in("doctor")
        theirs = nurse.ask("GET", "/api/me/sessions")[1]["sessions"][0]["id"]
        self.assertEqual(doctor.ask("DELETE", f"/api/me/sessions/{theirs}")[0], 404)
        self.assertEqual(nurse.ask("GET", "/api/patients")[0], 200)

    def test_a_change_needs_the_csrf_token(self):
        self.add_account()
        browser = self.signed_in()
        browser.csrf = "forged"
        for method, path in (("POST", "/api/me/password"), ("POST", "/api/me/totp"), ("DELETE", "/api/me/sessions"),
                             ("POST", "/api/session/again")):
            self.assertEqual(browser.ask(method, path, {})[0], 403, path)

    def test_the_password_again_is_checked_and_slowed(self):
        self.add_account()
        browser = self.signed_in()
        self.assertEqual(browser.ask("POST", "/api/session/again", {"password": PHRASE})[0], 204)
        for _ in range(5):
            status, said = browser.ask("POST", "/api/session/again", {"password": "a guess"})
            self.assertEqual((status, said["error"]["kind"]), (403, "wrong-password"))
        self.assertEqual(browser.ask("POST", "/api/session/again", {"password": PHRASE})[0], 429)

    def test_the_answer_with_the_secret_is_kept_and_packed_by_nobody(self):
        self.add_account()
        browser = self.signed_in()
        status, said = browser.ask("POST", "/api/me/totp", {}, **{"Accept-Encoding": "gzip"})
        self.assertEqual(status, 200)
        self.assertTrue(said["uri"].startswith("otpauth://totp/Vigil:nurse?secret="), json.dumps(said))


if __name__ == "__main__":
    unittest.main()
