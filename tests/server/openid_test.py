"""Signing in through the hospital's own provider of OpenID Connect: who comes in, who does not, what is on record."""
import base64
import http.client
import json
import os
import unittest
import urllib.parse
from http.cookies import SimpleCookie

from browser import App
from openid_provider import Provider, base64url
from ward import BINARY, PATIENCE_S, ServerTest

PHRASE = "a long enough pass phrase"


class Browser:
    """Keeps its cookies and goes where it is sent."""

    def __init__(self, server):
        self.server, self.cookies = server, {}

    def ask(self, method, path, body=None, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, None if body is None else json.dumps(body), {"Cookie": cookies, **fields})
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        for field in answer.headers.get_all("set-cookie", []):
            for name, one in SimpleCookie(field).items():
                self.cookies[name] = one.value
                if one["max-age"] == "0":
                    del self.cookies[name]
        return answer

    def begin(self):
        """The provider's address, with what it is asked."""
        answer = self.ask("GET", "/api/session/openid")
        assert answer.status == 303, answer.text
        return answer.headers["location"]

    @staticmethod
    def at_provider(location):
        """Where the provider sends on to."""
        there = urllib.parse.urlsplit(location)
        connection = http.client.HTTPConnection(there.netloc, timeout=PATIENCE_S)
        connection.request("GET", f"{there.path}?{there.query}")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.headers["location"]

    def come_back(self, location):
        there = urllib.parse.urlsplit(location)
        assert there.path == "/api/session/openid/callback", location
        answer = self.ask("GET", f"{there.path}?{there.query}")
        assert answer.status == 303, answer.text
        return answer.headers["location"]

    def sign_in(self):
        """Where they end."""
        return self.come_back(self.at_provider(self.begin()))

    def session(self):
        answer = self.ask("GET", "/api/session")
        return json.loads(answer.text) if answer.status == 200 else None


class OpenIdTest(ServerTest):
    more = ""  # lines of [openid]

    def setUp(self):
        super().setUp()
        self.provider = Provider()
        self.addCleanup(self.provider.close)
        self.make_token()
        secret = self.place / "client-secret"
        secret.write_text(self.provider.client_secret + "\n")
        secret.chmod(0o600)
        config = self.place / "vigil.toml"
        config.write_text(f'[openid]\nissuer = "{self.provider.issuer}"\nclient_id = "{self.provider.client_id}"\n'
                          f'client_secret_file = "{secret}"\nname = "St. Mary’s"\n{self.more}')
        self.server.options = ("--config", str(config))
        self.server.start()
        self.browser = Browser(self.server)

    def add_account(self, name="nurse", **more):
        self.post("/api/accounts", {"username": name, "display_name": name, "role": "nurse", "password": PHRASE, **more})

    def audit(self):
        return [(line["who"], line["what"], line["permitted"], line["reason"]) for line in self.get("/api/audit?limit=200")["lines"]]

    def assert_out(self, location, word, reason=None):
        self.assertEqual(location, f"/?sign-in={word}")
        self.assertIsNone(self.browser.session())
        self.assertEqual(self.browser.cookies, {})
        if reason is not None:
            refused = [line for line in self.audit() if not line[2] and line[1].startswith("sign-in")]
            self.assertIn(reason, refused[0][3])


class SignIn(OpenIdTest):
    def test_who_has_an_account_comes_in_as_after_a_password(self):
        self.add_account()
        ways = json.loads(self.browser.ask("GET", "/api/session/ways").text)
        self.assertEqual(ways, {"password": True, "openid": {"name": "St. Mary’s"}})
        self.assertEqual(self.browser.sign_in(), "/?sign-in=done")
        session = self.browser.session()
        self.assertEqual(session["account"]["username"], "nurse")
        self.assertEqual(list(self.browser.cookies), ["vigil_session"], "the handshake's is gone")
        self.assertEqual(self.browser.ask("GET", "/api/patients").status, 200)
        self.assertIn(("nurse", "sign-in nurse: provider", True), [line[:3] for line in self.audit()])
        self.assertEqual(self.browser.ask("DELETE", "/api/session", **{"X-Vigil-CSRF": session["csrf"]}).status, 204)
        self.assertIsNone(self.browser.session())

    def test_its_cookies_are_for_this_server_alone(self):
        self.add_account()
        begun = self.browser.ask("GET", "/api/session/openid")
        field = begun.headers["set-cookie"]
        for word in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"):
            self.assertIn(word, field)
        state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(begun.headers["location"]).query))
        for name in ("state", "nonce", "code_challenge"):
            self.assertGreaterEqual(len(state[name]), 43, name)
            self.assertNotIn(state[name], field)

    def test_the_name_is_the_same_in_capitals(self):
        self.add_account()
        self.provider.person = {"preferred_username": "Nurse"}
        self.assertEqual(self.browser.sign_in(), "/?sign-in=done")

    def test_nobody_comes_in_by_the_way_of_another(self):
        self.add_account()
        location = self.browser.at_provider(self.browser.begin())
        other = Browser(self.server)
        self.assertEqual(other.come_back(location), "/?sign-in=over")  # no cookie
        other.begin()
        self.assertEqual(other.come_back(location), "/?sign-in=over")  # the cookie of another sign-in
        self.assertEqual(other.cookies, {})
        before = self.provider.asked.count("/token")
        state = self.browser.begin().split("state=")[1].split("&")[0]
        for query in ("", "?code=x", "?code=x&state=", f"?code=x&state={state}x"):
            self.browser.begin()
            self.assert_out(self.browser.ask("GET", "/api/session/openid/callback" + query).headers["location"], "over", "no such sign-in")
        self.assertEqual(self.provider.asked.count("/token"), before, "nothing is asked for a state that is not ours")

    def test_a_way_back_is_good_once(self):
        self.add_account()
        location = self.browser.at_provider(self.browser.begin())
        self.assertEqual(self.browser.come_back(location), "/?sign-in=done")
        self.browser.cookies.clear()
        self.assert_out(self.browser.come_back(location), "over")

    def test_another_provider_cannot_answer_in_its_place(self):
        self.add_account()
        location = self.browser.at_provider(self.browser.begin())
        bent = location.replace(urllib.parse.quote_plus(self.provider.issuer), "https%3A%2F%2Fevil.example")
        self.assertNotEqual(bent, location)
        self.assert_out(self.browser.come_back(bent), "refused", "another provider")

    def test_a_code_of_somebody_else_is_worth_nothing_here(self):
        self.add_account()
        stolen = self.browser.at_provider(self.browser.begin()).split("code=")[1].split("&")[0]
        own = self.browser.at_provider(self.browser.begin())
        mixed = own.replace(own.split("code=")[1].split("&")[0], stolen)
        self.assert_out(self.browser.come_back(mixed), "refused", "invalid_grant")  # PKCE

    def test_who_changes_their_mind_there_is_back_at_the_sign_in_page(self):
        self.provider.refuses = "access_denied"
        self.assert_out(self.browser.sign_in(), "cancelled", "did not sign them in")
        self.provider.refuses = "server_error"
        self.assert_out(self.browser.sign_in(), "provider")

    def test_unknown_and_disabled_people_are_told_so_and_get_nothing(self):
        self.assert_out(self.browser.sign_in(), "unknown", "no account of that name")
        self.assertNotIn("nurse", json.dumps(self.audit()), "names that are no account's are not written down")
        self.add_account()
        self.call("PATCH", "/api/accounts/nurse", {"enabled": False})
        self.assert_out(self.browser.sign_in(), "disabled", "account disabled")

    def test_a_second_factor_that_is_set_up_here_is_asked_for(self):
        self.add_account()
        signed_in = json.loads(self.browser.ask("POST", "/api/session", {"username": "nurse", "password": PHRASE}).text)
        csrf = {"X-Vigil-CSRF": signed_in["csrf"]}
        app = App(json.loads(self.browser.ask("POST", "/api/me/totp", {}, **csrf).text)["secret"])
        self.assertEqual(self.browser.ask("POST", "/api/me/totp/confirm", {"code": app.next()}, **csrf).status, 201)
        self.browser.cookies.clear()
        self.assertEqual(self.browser.sign_in(), "/?sign-in=factor")
        self.assertIsNone(self.browser.session())
        asked = self.browser.ask("POST", "/api/session/openid", {})
        error = json.loads(asked.text)["error"]
        self.assertEqual((asked.status, error["kind"], error["totp"]), (401, "second-factor", True))
        self.assertEqual(self.browser.cookies, {})
        again = json.loads(self.browser.ask("POST", "/api/session/openid", {}).text)["error"]
        self.assertEqual((again["kind"], again["place"]), ("unauthenticated", "ticket"))
        step = self.browser.ask("POST", "/api/session/factor", {"ticket": error["ticket"], "code": app.next()})
        self.assertEqual(step.status, 200, step.text)
        self.assertEqual(self.browser.session()["account"]["username"], "nurse")
        lines = [line[:3] for line in self.audit()]
        self.assertIn(("", "sign-in nurse: provider", True), lines)
        self.assertIn(("nurse", "sign-in nurse", True), lines)


class Tokens(OpenIdTest):
    """What the provider says is believed only where all of it holds."""

    def setUp(self):
        super().setUp()
        self.add_account()

    def refused(self, reason, claims=None, token=None):
        self.provider.bend_claims = claims or (lambda said: said)
        self.provider.bend_token = token or (lambda said: said)
        with self.subTest(reason):
            self.assert_out(self.browser.sign_in(), "refused", reason)

    def test_claims_that_are_not_for_this_sign_in_are_refused(self):
        self.refused("nonce", lambda said: said | {"nonce": "x" * 43})
        self.refused("nonce", lambda said: {name: value for name, value in said.items() if name != "nonce"})
        self.refused("\"aud\"", lambda said: said | {"aud": "other"})
        self.refused("\"azp\"", lambda said: said | {"aud": [self.provider.client_id, "other"]})
        self.refused("\"azp\"", lambda said: said | {"azp": "other"})
        self.refused("\"iss\"", lambda said: said | {"iss": "https://evil.example"})
        self.refused("expired", lambda said: said | {"exp": said["iat"] - 60})
        self.refused("future", lambda said: said | {"iat": said["iat"] + 600})
        self.refused("\"iat\"", lambda said: {name: value for name, value in said.items() if name != "iat"})
        self.refused("\"sub\"", lambda said: {name: value for name, value in said.items() if name != "sub"})
        self.refused("preferred_username", lambda said: {name: value for name, value in said.items() if name != "preferred_username"})
        self.refused("preferred_username", lambda said: said | {"preferred_username": ["nurse", "admin"]})

    def test_signatures_that_do_not_hold_are_refused(self):
        def header(said, fields):
            return base64url(json.dumps(fields)) + said[said.index("."):]

        def unsigned(said):
            return header(said, {"alg": "none"}).rsplit(".", 1)[0] + "."

        def flipped(said):
            head, body, signature = said.split(".")
            raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
            raw[10] ^= 1
            return f"{head}.{body}.{base64url(bytes(raw))}"

        def changed(said):
            head, body, signature = said.split(".")
            claims = json.loads(base64.urlsafe_b64decode(body + "=="))
            return f"{head}.{base64url(json.dumps(claims | {'preferred_username': 'admin'}))}.{signature}"

        self.refused("\"alg\"", token=unsigned)
        self.refused("\"alg\"", token=lambda said: header(said, {"alg": "HS256", "kid": "first"}))
        self.refused("ES256", token=lambda said: header(said, {"alg": "ES256", "kid": "first"}))
        self.refused("does not hold", token=flipped)
        self.refused("does not hold", token=changed)
        self.refused("three parts", token=lambda said: "x")

    def test_a_key_of_somebody_else_under_the_same_name_is_refused(self):
        self.assertEqual(self.browser.sign_in(), "/?sign-in=done")
        self.browser.cookies.clear()
        self.provider.new_key("first")
        self.refused("does not hold")

    def test_keys_that_changed_are_fetched_again_but_not_each_time(self):
        self.assertEqual(self.browser.sign_in(), "/?sign-in=done")
        self.assertEqual(self.provider.asked.count("/keys"), 1)
        self.assertEqual(self.browser.sign_in(), "/?sign-in=done")
        self.assertEqual(self.provider.asked.count("/keys"), 1, "a copy is kept")
        self.browser.cookies.clear()
        self.provider.new_key("second")
        for _ in range(3):
            self.refused("\"kid\"")
        self.assertEqual(self.provider.asked.count("/keys"), 1, "not within a minute of the last time")


class Rotation(OpenIdTest):
    def test_a_provider_whose_keys_could_not_be_had_before_is_asked_again(self):
        self.add_account()
        published, self.provider.published = self.provider.published, []
        self.assert_out(self.browser.sign_in(), "provider")
        self.provider.published = published
        self.assertEqual(self.browser.sign_in(), "/?sign-in=done")


class Newcomers(OpenIdTest):
    more = 'role_claim = "realm_access.roles"\nroles = "ward-doctors=physician ward-nurses=nurse"\n'

    def test_get_the_account_that_their_role_says(self):
        self.provider.person = {"preferred_username": "florence", "realm_access": {"roles": ["staff", "ward-nurses"]}}
        self.assertEqual(self.browser.sign_in(), "/?sign-in=done")
        (account,) = [one for one in self.get("/api/accounts")["accounts"] if one["username"] == "florence"]
        self.assertEqual((account["role"], account["display_name"]), ("nurse", "Florence Nightingale"))
        self.provider.person["realm_access"]["roles"] = ["ward-doctors"]
        self.assertEqual(self.browser.sign_in(), "/?sign-in=done")
        (account,) = [one for one in self.get("/api/accounts")["accounts"] if one["username"] == "florence"]
        self.assertEqual(account["role"], "nurse", "from then on the account is this server's")

    def test_get_none_without_a_role_or_with_a_name_that_cannot_be(self):
        self.provider.person = {"preferred_username": "eve", "realm_access": {"roles": ["visitors"]}}
        self.assert_out(self.browser.sign_in(), "unknown")
        self.provider.person = {"preferred_username": "e v e", "realm_access": {"roles": ["ward-nurses"]}}
        self.assert_out(self.browser.sign_in(), "unknown")


class ByMail(OpenIdTest):
    more = 'account_claim = "email"\nsecond_factor = "trust"\n'

    def test_an_address_counts_only_where_the_provider_has_verified_it(self):
        self.add_account("nurse@ward.example")
        self.provider.person = {"email": "nurse@ward.example"}
        self.assert_out(self.browser.sign_in(), "refused", "email_verified")
        self.provider.person["email_verified"] = True
        self.assertEqual(self.browser.sign_in(), "/?sign-in=done")

    def test_a_provider_that_asks_for_a_factor_itself_is_trusted_with_it(self):
        self.add_account("nurse@ward.example")
        self.provider.person = {"email": "nurse@ward.example", "email_verified": True}
        self.browser.sign_in()
        csrf = {"X-Vigil-CSRF": self.browser.session()["csrf"]}
        app = App(json.loads(self.browser.ask("POST", "/api/me/totp", {}, **csrf).text)["secret"])
        self.assertEqual(self.browser.ask("POST", "/api/me/totp/confirm", {"code": app.next()}, **csrf).status, 201)
        self.browser.cookies.clear()
        self.assertEqual(self.browser.sign_in(), "/?sign-in=done")


class NoProvider(OpenIdTest):
    def test_that_does_not_answer_or_is_another_keeps_nobody_from_the_sign_in_page(self):
        self.provider.metadata = {"issuer": "https://evil.example"}
        self.assertEqual(self.browser.ask("GET", "/api/session/openid").headers["location"], "/?sign-in=provider")
        self.provider.metadata = {"jwks_uri": "http://127.0.0.2:1/keys"}
        self.assertEqual(self.browser.ask("GET", "/api/session/openid").headers["location"], "/?sign-in=provider")
        self.assertIn("jwks_uri", self.audit()[0][3])
        self.provider.close()
        self.assertEqual(self.browser.ask("GET", "/api/session/openid").headers["location"], "/?sign-in=provider")
        self.assertEqual(self.browser.ask("GET", "/api/session/ways").status, 200)


class Unconfigured(ServerTest):
    def test_where_there_is_none_none_is_offered(self):
        self.server.start()
        browser = Browser(self.server)
        self.assertIsNone(json.loads(browser.ask("GET", "/api/session/ways").text)["openid"])
        self.assertEqual(browser.ask("GET", "/api/session/openid").headers["location"], "/?sign-in=none")
        self.assertEqual(browser.ask("GET", "/api/session/openid/callback?code=x&state=y").headers["location"], "/?sign-in=none")


if __name__ == "__main__":
    unittest.main()
