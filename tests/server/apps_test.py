"""Apps: registered, let in by a person or a key, bounded by their scopes, ended at once (OAuth 2.1, SMART App Launch 2.2)."""
import http.server
import json
import threading
import time
import urllib.parse

from app_client import App, Key, ask, b64, unb64
from browser import Browser
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from fhir_client import FhirTest

PASSWORD = "a long enough password"
VITALS = "http://terminology.hl7.org/CodeSystem/observation-category|vital-signs"


class AppsTest(FhirTest):
    def setUp(self):
        super().setUp()
        self.records, self.numbers = {}, {}
        for name in ("ada", "ben"):
            self.records[name] = self.create({"resourceType": "Patient", "name": [{"family": name}]})
            self.numbers[name] = next(each["id"] for each in self.get("/api/patients")["patients"]
                                      if each["fhir_id"] == self.records[name])
            for category in ("vital-signs", "laboratory"):
                self.create(self.observation(name, category))
            self.create({"resourceType": "Condition", "subject": {"reference": f"Patient/{self.records[name]}"}, "code": {"text": "x"}})
        self.post("/api/accounts", {"username": "dora", "role": "clinician", "password": PASSWORD, "display_name": "Dora Doctor"})
        self.post("/api/accounts", {"username": "pat", "role": "patient", "password": PASSWORD})
        self.post(f"/api/patients/{self.numbers['ada']}/relations", {"account": "pat", "kind": "self"})
        self.post("/api/apps", {"client_id": "growth", "name": "Growth chart", "kind": "public",
                                "redirect_uris": ["https://growth.example/callback"], "launch_uri": "https://growth.example/launch",
                                "scopes": ["launch", "launch/patient", "openid", "fhirUser", "offline_access", "online_access",
                                           "patient/*.rs", "user/*.cruds"]})
        self.app = App(self.server, "growth")

    def observation(self, name, category):
        return {"resourceType": "Observation", "status": "final", "subject": {"reference": f"Patient/{self.records[name]}"},
                "category": [{"coding": [{"system": VITALS.split("|")[0], "code": category}]}], "code": {"text": category},
                "valueString": category}

    def browser(self, name):
        browser = Browser(self.server)
        status, said = browser.sign_in(name, PASSWORD)
        self.assertEqual(status, 200, said)
        return browser

    def asked(self, app, scope, **more):
        """The id under which a person is asked."""
        answer = app.authorize(scope, **more)
        self.assertEqual(answer.status, 303, answer.text)
        self.assertTrue(answer.headers["location"].startswith("/authorize/"), answer.headers["location"])
        return answer.headers["location"].removeprefix("/authorize/")

    def allow(self, browser, asked, **more):
        status, said = browser.ask("POST", f"/api/authorizations/{asked}", {"decision": "allow"} | more)
        self.assertEqual(status, 200, said)
        return said["redirect"]

    def let_in(self, name, scope, app=None, **more):
        """Tokens for an app that the person has let in."""
        app = app or self.app
        answer = app.redeem(self.allow(self.browser(name), self.asked(app, scope), **more))
        self.assertEqual(answer.status, 200, answer.text)
        return answer.body

    def status_of(self, token, path, method="GET", body=None):
        return self.ask(method, path, body, token=token).status

    def refused(self, answer, code, status=400):
        self.assertEqual((answer.status, answer.body and answer.body["error"]), (status, code), answer.text)
        return answer.body["error_description"]


class Discovery(AppsTest):
    def test_clients_find_everything_by_themselves(self):
        smart = ask(self.server, "GET", "/fhir/.well-known/smart-configuration", origin="https://growth.example")
        self.assertEqual(smart.headers["access-control-allow-origin"], "*")
        self.assertEqual(smart.body["code_challenge_methods_supported"], ["S256"])
        for capability in ("launch-ehr", "launch-standalone", "client-public", "client-confidential-asymmetric", "permission-v2"):
            self.assertIn(capability, smart.body["capabilities"])
        openid = ask(self.server, "GET", "/.well-known/openid-configuration").body
        self.assertEqual(openid["issuer"], smart.body["issuer"])
        self.assertEqual(openid["token_endpoint"], smart.body["token_endpoint"])
        keys = ask(self.server, "GET", urllib.parse.urlsplit(openid["jwks_uri"]).path).body["keys"]
        self.assertTrue(keys and all(key["kty"] == "RSA" and "d" not in key for key in keys))
        security = self.ask("GET", "metadata").body["rest"][0]["security"]
        self.assertEqual(security["service"][0]["coding"][0]["code"], "SMART-on-FHIR")
        addresses = {each["url"]: each["valueUri"] for each in security["extension"][0]["extension"]}
        self.assertEqual(addresses["token"], smart.body["token_endpoint"])

    def test_a_page_of_another_site_may_fetch_tokens_but_not_register(self):
        self.assertEqual(ask(self.server, "OPTIONS", "/oauth/token", origin="https://growth.example").status, 204)
        answer = ask(self.server, "POST", "/oauth/token", {"grant_type": "x"}, origin="https://growth.example")
        self.assertEqual(answer.headers["access-control-allow-origin"], "*")
        self.assertNotIn("access-control-allow-origin", ask(self.server, "OPTIONS", "/oauth/register").headers)


class StandaloneLaunch(AppsTest):
    def test_a_person_chooses_the_patient_and_the_app_sees_that_one(self):
        browser = self.browser("dora")
        asked = self.asked(self.app, "launch/patient openid fhirUser patient/*.rs patient/Condition.cruds patient/nonsense", nonce="n1")
        status, shown = browser.ask("GET", f"/api/authorizations/{asked}")
        self.assertEqual((status, shown["app"]["name"], shown["app"]["redirect_host"]), (200, "Growth chart", "growth.example"))
        self.assertEqual((shown["patient"], shown["needs_patient"]), (None, True))
        self.assertEqual(shown["scopes"], ["launch/patient", "openid", "fhirUser", "patient/*.rs", "patient/Condition.rs"])
        self.assertEqual(shown["refused"], ["patient/nonsense"])
        self.assertEqual(browser.ask("POST", f"/api/authorizations/{asked}", {"decision": "allow"})[0], 400, "no patient was chosen")
        redirect = self.allow(browser, asked, patient=self.numbers["ada"])
        said = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(redirect).query))
        self.assertTrue(redirect.startswith("https://growth.example/callback?"))
        self.assertEqual((said["state"], said["iss"]), (self.app.state, self.server.url("")))
        self.assertEqual(browser.ask("GET", f"/api/authorizations/{asked}")[0], 404, "it is answered once")
        tokens = self.app.redeem(redirect).body
        self.assertEqual((tokens["token_type"], tokens["patient"]), ("Bearer", self.records["ada"]))
        self.assertNotIn("refresh_token", tokens, "none was asked for")
        token = tokens["access_token"]
        found = self.ask("GET", "Observation", token=token)
        self.assertEqual({each["subject"]["reference"] for each in found.resources()}, {f"Patient/{self.records['ada']}"})
        self.assertEqual(self.status_of(token, f"Patient/{self.records['ada']}"), 200)
        self.assertIn(self.status_of(token, f"Patient/{self.records['ben']}"), (403, 404))
        self.assertEqual(self.status_of(token, "Observation", "POST", self.observation("ada", "laboratory")), 403, "it only reads")
        self.assertEqual(self.call("GET", f"/api/series?patient={self.numbers['ada']}", token=token)["series"], [])
        line = self.get("/api/audit?what=fhir.&limit=20")["lines"]
        self.assertIn(("dora", "app:growth"), {(each["who"], each["token"]) for each in line})

    def test_an_id_token_says_who_the_person_is(self):
        tokens = self.let_in("pat", "launch/patient openid fhirUser patient/Patient.r", nonce="once")
        self.assertEqual(tokens["patient"], self.records["ada"], "whose account it is needs no choosing")
        head, body, signature = tokens["id_token"].split(".")
        keys = {key["kid"]: key for key in ask(self.server, "GET", "/oauth/keys").body["keys"]}
        key = keys[json.loads(unb64(head))["kid"]]
        whole = [int.from_bytes(unb64(key[part]), "big") for part in ("e", "n")]
        rsa.RSAPublicNumbers(*whole).public_key().verify(unb64(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        claims = json.loads(unb64(body))
        self.assertEqual((claims["iss"], claims["aud"]), (self.server.url(""), "growth"))
        self.assertEqual(claims["fhirUser"], f"{self.app.base}/Patient/{self.records['ada']}")
        self.assertLess(time.time(), claims["exp"])
        info = ask(self.server, "GET", "/oauth/userinfo", authorization=f"Bearer {tokens['access_token']}").body
        self.assertEqual(info["sub"], claims["sub"])

    def let_in(self, name, scope, nonce=None, **more):
        answer = self.app.redeem(self.allow(self.browser(name), self.asked(self.app, scope, nonce=nonce), **more))
        self.assertEqual(answer.status, 200, answer.text)
        if nonce:
            self.assertEqual(json.loads(unb64(answer.body["id_token"].split(".")[1]))["nonce"], nonce)
        return answer.body

    def test_a_person_may_leave_something_out_or_deny_it_all(self):
        tokens = self.let_in("pat", "patient/Observation.rs patient/Condition.rs", scopes=["patient/Condition.rs"])
        self.assertEqual(tokens["scope"], "patient/Condition.rs")
        self.assertEqual(self.status_of(tokens["access_token"], "Condition"), 200)
        self.assertEqual(self.status_of(tokens["access_token"], "Observation"), 403)
        browser = self.browser("pat")
        status, said = browser.ask("POST", f"/api/authorizations/{self.asked(self.app, 'patient/*.rs')}", {"decision": "deny"})
        self.assertEqual(status, 200)
        self.assertIn("error=access_denied", said["redirect"])

    def test_nobody_gives_an_app_whom_they_do_not_reach(self):
        self.post("/api/accounts", {"username": "nia", "role": "nurse", "units": ["ICU 9"], "password": PASSWORD})
        asked = self.asked(self.app, "launch/patient patient/*.rs")
        status, said = self.browser("nia").ask("POST", f"/api/authorizations/{asked}", {"decision": "allow", "patient": self.numbers["ada"]})
        self.assertEqual((status, said["error"]["place"]), (403, "patient"))

    def test_what_the_person_loses_their_app_loses(self):
        token = self.let_in("pat", "patient/*.rs offline_access")["access_token"]
        self.assertEqual(self.status_of(token, f"Patient/{self.records['ada']}"), 200)
        relations = self.get(f"/api/patients/{self.numbers['ada']}/relations")["relations"]
        own = next(each["id"] for each in relations if each["account"] == "pat")
        self.call("DELETE", f"/api/relations/{own}")
        self.assertIn(self.status_of(token, f"Patient/{self.records['ada']}"), (403, 404))
        self.call("PATCH", "/api/accounts/pat", {"enabled": False})
        self.assertEqual(self.status_of(token, f"Patient/{self.records['ada']}"), 401)

    def test_a_scope_with_a_search_narrows_reads_searches_includes_and_chains(self):
        token = self.let_in("pat", f"patient/Observation.rs?category={VITALS} patient/Patient.rs")["access_token"]
        found = self.ask("GET", "Observation", token=token)
        self.assertEqual([each["valueString"] for each in found.resources()], ["vital-signs"])
        self.assertEqual(self.ask("GET", "Observation?_summary=count", token=token).body["total"], 1)
        everything = self.search(f"Observation?subject=Patient/{self.records['ada']}").resources()
        lab = next(each for each in everything if each["valueString"] == "laboratory")
        self.assertEqual(self.status_of(token, f"Observation/{lab['id']}"), 404)
        self.assertEqual(self.status_of(token, f"Observation/{lab['id']}/_history/1"), 404)
        self.assertEqual(self.ask("GET", f"Observation/{lab['id']}/_history", token=token).status, 404)
        back = self.ask("GET", "Patient?_revinclude=Observation:subject", token=token)
        self.assertEqual([each["valueString"] for each in back.resources("include")], ["vital-signs"])
        self.assertEqual(self.ask("GET", "Patient?_has:Observation:subject:category=laboratory", token=token).resources(), [])
        self.assertEqual(len(self.ask("GET", "Patient?_has:Observation:subject:category=vital-signs", token=token).resources()), 1)
        self.assertEqual(self.status_of(token, "Condition"), 403)

    def test_readings_of_devices_are_narrowed_the_same(self):
        client_secret = self.add_device("monitor", self.numbers["ada"])
        self.send_heart_rate("monitor", client_secret)
        seen = f"Observation?patient={self.records['ada']}&code=8867-4"
        self.assertEqual(len(self.search(seen).ids()), 1)
        vital = self.let_in("pat", f"patient/Observation.rs?category={VITALS}")["access_token"]
        other = self.let_in("pat", "patient/Observation.rs?category=laboratory")["access_token"]
        view = self.search(seen).ids()[0]
        self.assertEqual(self.ask("GET", seen, token=vital).ids(), [view])
        self.assertEqual(self.status_of(vital, f"Observation/{view}"), 200)
        self.assertEqual(self.ask("GET", seen, token=other).ids(), [])
        self.assertEqual(self.status_of(other, f"Observation/{view}"), 404)
        self.assertEqual(self.ask("GET", seen + "&_summary=count", token=other).body["total"], 0)
        self.assertEqual(self.ask("GET", f"Observation/$lastn?patient={self.records['ada']}&category=vital-signs", token=other).resources(), [])

    def send_heart_rate(self, device, secret):
        from ward import Client, wait_until
        client = Client(self.server, device, secret).connect()
        client.publish(f"vigil/{device}/telemetry", json.dumps({"heart_rate": 72, "ts": int(time.time() * 1000)}))
        client.close()
        wait_until("the reading", lambda: self.values(self.numbers["ada"], "heart_rate"))


class LaunchFromAPage(AppsTest):
    def test_the_app_opens_for_the_patient_of_the_page(self):
        browser = self.browser("dora")
        self.assertEqual(browser.ask("GET", "/api/launches")[1]["apps"], [{"client_id": "growth", "name": "Growth chart"}])
        status, said = browser.ask("POST", "/api/launches", {"client_id": "growth", "patient": self.numbers["ben"]})
        self.assertEqual(status, 200, said)
        opened = urllib.parse.urlsplit(said["url"])
        told = dict(urllib.parse.parse_qsl(opened.query))
        self.assertEqual((opened.netloc, told["iss"]), ("growth.example", self.app.base))
        asked = self.asked(self.app, "launch patient/Observation.rs", launch=told["launch"])
        self.assertEqual(browser.ask("GET", f"/api/authorizations/{asked}")[1]["patient"], self.numbers["ben"])
        tokens = self.app.redeem(self.allow(browser, asked, patient=self.numbers["ada"])).body
        self.assertEqual(tokens["patient"], self.records["ben"], "the page's patient, whatever else is said")
        again = self.asked(self.app, "launch patient/Observation.rs", launch=told["launch"])
        other = self.browser("pat").ask("POST", f"/api/authorizations/{again}", {"decision": "allow"})
        self.assertEqual(other[0], 403, "somebody else's launch")
        stolen = App(self.server, "growth").authorize("launch patient/*.rs", launch="guessed")
        self.assertIn("error=invalid_request", stolen.headers["location"])


class Attacks(AppsTest):
    def test_a_wrong_app_or_address_is_told_and_led_nowhere(self):
        for more in ({"client_id": "nobody"}, {"redirect_uri": "https://growth.example/callback/.."},
                     {"redirect_uri": "https://growth.example.evil/callback"}, {"redirect_uri": None}, {"client_id": None}):
            answer = self.app.authorize("patient/*.rs", **more)
            self.assertEqual((answer.status, answer.headers.get("location")), (400, None), more)
            self.assertIn("text/plain", answer.headers["content-type"])
        twice = "/oauth/authorize?" + urllib.parse.urlencode(self.app.question("patient/*.rs")) + "&redirect_uri=https://evil.example/"
        self.assertEqual(ask(self.server, "GET", twice).status, 400)

    def test_a_flow_without_pkce_state_or_the_right_server_goes_back_with_its_error(self):
        for more, error in (({"code_challenge": None}, "invalid_request"), ({"code_challenge_method": "plain"}, "invalid_request"),
                            ({"state": None}, "invalid_request"), ({"aud": "https://elsewhere.example/fhir"}, "invalid_request"),
                            ({"response_type": "token"}, "unsupported_response_type"), ({"scope": ""}, "invalid_scope"),
                            ({"prompt": "none"}, "interaction_required"), ({"request": "x.y.z"}, "request_not_supported")):
            answer = self.app.authorize(**({"scope": "patient/*.rs"} | more))
            self.assertEqual(answer.status, 303, more)
            location = answer.headers["location"]
            self.assertTrue(location.startswith("https://growth.example/callback?"), location)
            self.assertIn(f"error={error}", location)

    def code(self, scope="patient/*.rs offline_access"):
        return self.allow(self.browser("pat"), self.asked(self.app, scope))

    def test_a_code_needs_its_verifier_its_address_and_its_app(self):
        redirect = self.code()
        verifier = self.app.verifier
        self.refused(self.app.redeem(redirect, code_verifier="a" * 43), "invalid_grant")
        self.refused(self.app.redeem(redirect, code_verifier=""), "invalid_grant")
        self.refused(self.app.redeem(redirect, redirect_uri="https://growth.example/other"), "invalid_grant")
        self.post("/api/apps", {"client_id": "thief", "name": "Thief", "kind": "public", "scopes": ["patient/*.rs"],
                                "redirect_uris": ["https://thief.example/"]})
        thief = App(self.server, "thief")
        thief.verifier = verifier
        self.refused(thief.redeem(redirect), "invalid_grant")
        self.assertEqual(self.app.redeem(redirect, code_verifier=verifier).status, 200)

    def test_a_code_shown_twice_ends_what_it_gave(self):
        redirect = self.code()
        tokens = self.app.redeem(redirect).body
        self.assertEqual(self.status_of(tokens["access_token"], "Observation"), 200)
        self.refused(self.app.redeem(redirect), "invalid_grant")
        self.assertEqual(self.status_of(tokens["access_token"], "Observation"), 401)
        self.refused(self.app.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]), "invalid_grant")

    def test_a_refresh_token_is_good_once_and_its_copy_ends_all(self):
        first = self.app.redeem(self.code()).body
        second = self.app.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
        self.assertEqual(second.status, 200, second.text)
        self.assertNotEqual(second.body["refresh_token"], first["refresh_token"])
        third = self.app.token(grant_type="refresh_token", refresh_token=second.body["refresh_token"], scope="patient/*.rs").body
        self.assertEqual(third["scope"], "patient/*.rs")
        self.refused(self.app.token(grant_type="refresh_token", refresh_token=third["refresh_token"], scope="user/*.cruds"), "invalid_scope")
        self.refused(self.app.token(grant_type="refresh_token", refresh_token=first["refresh_token"]), "invalid_grant")
        self.refused(self.app.token(grant_type="refresh_token", refresh_token=third["refresh_token"]), "invalid_grant")
        for token in (first, second.body, third):
            self.assertEqual(self.status_of(token["access_token"], "Observation"), 401)

    def test_grants_outlive_a_restart_and_access_tokens_do_not(self):
        tokens = self.app.redeem(self.code()).body
        self.server.stop()
        self.server.start()
        self.assertEqual(self.status_of(tokens["access_token"], "Observation"), 401)
        answer = self.app.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(self.status_of(answer.body["access_token"], "Observation"), 200)

    def test_an_app_never_gets_more_than_its_person_or_its_registration(self):
        asked = self.asked(self.app, "user/Condition.c user/*.cruds system/*.cruds patient/*.cruds vigil/administer")
        shown = self.browser("pat").ask("GET", f"/api/authorizations/{asked}")[1]
        self.assertIn("system/*.cruds", shown["refused"])
        self.assertIn("vigil/administer", shown["refused"])
        self.assertIn("patient/*.rs", shown["scopes"])
        self.assertIn("user/Condition.c", shown["refused"], "a patient writes no Condition, and so does their app")

    def test_an_app_leaves_nothing_behind_and_is_no_person(self):
        token = self.app.redeem(self.allow(self.browser("dora"), self.asked(self.app, "user/*.cruds"))).body["access_token"]
        subscription = {"resourceType": "Subscription", "status": "requested", "reason": "x", "criteria": "Observation?",
                        "channel": {"type": "websocket"}}
        self.assertEqual(self.status_of(token, "Subscription", "POST", subscription), 403)
        for method, path in (("GET", "/api/me/apps"), ("POST", "/api/me/password"), ("GET", "/api/apps"), ("GET", "/api/accounts")):
            answer = ask(self.server, method, path, body={} if method == "POST" else None, authorization=f"Bearer {token}")
            self.assertIn(answer.status, (403, 404, 405), path)

    def test_a_consent_cannot_be_forged_from_another_site(self):
        browser = self.browser("pat")
        asked = self.asked(self.app, "patient/*.rs")
        browser.csrf = ""
        self.assertEqual(browser.ask("POST", f"/api/authorizations/{asked}", {"decision": "allow"})[0], 403)
        self.assertEqual(Browser(self.server).ask("GET", f"/api/authorizations/{asked}")[0], 401)


class Ending(AppsTest):
    def test_a_person_sees_their_apps_and_ends_one(self):
        browser = self.browser("pat")
        tokens = self.app.redeem(self.allow(browser, self.asked(self.app, "patient/*.rs offline_access"))).body
        [mine] = browser.ask("GET", "/api/me/apps")[1]["apps"]
        self.assertEqual((mine["name"], mine["patient"]), ("Growth chart", self.numbers["ada"]))
        self.assertEqual(self.browser("dora").ask("DELETE", f"/api/me/apps/{mine['grant']}")[0], 404, "it is not theirs")
        self.assertEqual(browser.ask("DELETE", f"/api/me/apps/{mine['grant']}")[0], 204)
        self.assertEqual(self.status_of(tokens["access_token"], "Observation"), 401)
        self.refused(self.app.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]), "invalid_grant")

    def test_an_app_gives_back_its_own_tokens_only(self):
        tokens = self.let_in("pat", "patient/*.rs offline_access")
        self.post("/api/apps", {"client_id": "other", "name": "Other", "kind": "public", "scopes": ["patient/*.rs"],
                                "redirect_uris": ["https://other.example/"]})
        for client, alive in (("other", 200), ("growth", 401)):
            answer = ask(self.server, "POST", "/oauth/revoke", {"client_id": client, "token": tokens["refresh_token"]})
            self.assertEqual(answer.status, 200)
            self.assertEqual(self.status_of(tokens["access_token"], "Observation"), alive)

    def test_a_disabled_app_is_out_at_once(self):
        tokens = self.let_in("pat", "patient/*.rs offline_access")
        self.assertEqual(next(each for each in self.get("/api/apps")["apps"])["grants"], 1)
        self.call("PATCH", "/api/apps/growth", {"enabled": False})
        self.assertEqual(self.status_of(tokens["access_token"], "Observation"), 401)
        self.refused(self.app.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]), "invalid_client", 401)
        self.call("PATCH", "/api/apps/growth", {"enabled": True})
        self.refused(self.app.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]), "invalid_grant")


class Services(AppsTest):
    def setUp(self):
        super().setUp()
        self.key = Key()
        self.post("/api/accounts", {"username": "registry", "role": "service"})
        self.post("/api/apps", {"client_id": "bulk", "name": "Registry", "kind": "service", "jwks": self.key.jwks(),
                                "scopes": ["system/*.rs"], "account": "registry"})
        self.service = App(self.server, "bulk", key=self.key)

    def test_a_key_opens_what_the_service_is_registered_for(self):
        answer = self.service.token(grant_type="client_credentials", scope="system/Observation.rs system/Condition.cruds")
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual((answer.body["scope"], answer.body["expires_in"]), ("system/Observation.rs system/Condition.rs", 300))
        self.assertNotIn("refresh_token", answer.body)
        token = answer.body["access_token"]
        self.assertEqual(len(self.ask("GET", "Observation", token=token).resources()), 4)
        self.assertEqual(self.status_of(token, "Patient"), 403)
        self.refused(self.service.token(grant_type="client_credentials", scope="user/*.rs"), "invalid_scope")
        self.refused(self.service.token(grant_type="client_credentials"), "invalid_scope")

    def test_bulk_export_by_a_service(self):
        token = self.service.token(grant_type="client_credentials", scope="system/*.rs").body["access_token"]
        begun = self.ask("GET", "$export", token=token, prefer="respond-async", accept="application/fhir+json")
        self.assertEqual(begun.status, 202, begun.text)
        from ward import wait_until
        where = begun.headers["content-location"]
        done = wait_until("the export", lambda: (lambda answer: answer if answer.status == 200 else None)(self.ask("GET", where, token=token)))
        self.assertEqual({each["type"] for each in done.body["output"]} & {"Patient", "Observation"}, {"Patient", "Observation"})

    def test_an_assertion_is_good_once_for_this_server_and_for_minutes(self):
        now = int(time.time())
        grant = {"grant_type": "client_credentials", "scope": "system/*.rs"}
        used = self.service.proof()
        self.assertEqual(ask(self.server, "POST", "/oauth/token", used | grant).status, 200)
        self.refused(ask(self.server, "POST", "/oauth/token", used | grant), "invalid_client", 401)
        for wrong in ({"aud": "https://elsewhere.example/oauth/token"}, {"exp": now - 120}, {"exp": now + 3600}, {"jti": None},
                      {"sub": "growth"}, {"iss": "growth", "sub": "growth"}, {"exp": None}):
            shown = {"client_assertion_type": used["client_assertion_type"], "client_assertion": self.service.assertion(**wrong)}
            self.refused(ask(self.server, "POST", "/oauth/token", shown | grant), "invalid_client", 401)
        self.refused(ask(self.server, "POST", "/oauth/token", {"client_id": "bulk"} | grant), "invalid_client", 401)

    def test_no_other_key_and_no_other_algorithm_will_do(self):
        grant = {"grant_type": "client_credentials", "scope": "system/*.rs"}
        for key, header in ((Key(), {}), (Key("k1", "RSA"), {}), (self.key, {"alg": "none"}), (self.key, {"alg": "HS256"}),
                            (self.key, {"alg": "RS384"}), (self.key, {"crit": ["x"], "x": 1})):
            forged = App(self.server, "bulk", key=key)
            assertion = forged.key.sign(json.loads(unb64(forged.assertion().split(".")[1])), **header)
            shown = {"client_assertion_type": self.service.proof()["client_assertion_type"], "client_assertion": assertion}
            self.refused(ask(self.server, "POST", "/oauth/token", shown | grant), "invalid_client", 401)
        head, body, _ = self.service.assertion().split(".")
        bare = b64(json.dumps({"alg": "none"}).encode()) + "." + body + "."
        self.refused(ask(self.server, "POST", "/oauth/token", self.service.proof() | {"client_assertion": bare} | grant), "invalid_client", 401)

    def test_introspection_tells_only_whose_token_it_is(self):
        token = self.service.token(grant_type="client_credentials", scope="system/*.rs").body["access_token"]
        mine = ask(self.server, "POST", "/oauth/introspect", self.service.proof() | {"token": token}).body
        self.assertEqual((mine["active"], mine["client_id"], mine["scope"]), (True, "bulk", "system/*.rs"))
        others = self.let_in("pat", "patient/*.rs")["access_token"]
        self.assertEqual(ask(self.server, "POST", "/oauth/introspect", self.service.proof() | {"token": others}).body, {"active": False})
        seen = ask(self.server, "POST", "/oauth/introspect", {"token": others}, authorization=f"Bearer {self.token}").body
        self.assertEqual((seen["active"], seen["username"], seen["patient"]), (True, "pat", self.records["ada"]))
        self.refused(ask(self.server, "POST", "/oauth/introspect", {"token": token}), "invalid_client", 401)

    def test_registration_is_an_administrators(self):
        said = {"client_name": "Diary", "redirect_uris": ["org.example.diary:/back"], "token_endpoint_auth_method": "none",
                "scope": "launch/patient patient/Observation.rs"}
        self.refused(ask(self.server, "POST", "/oauth/register", body=said), "invalid_token", 401)
        answer = ask(self.server, "POST", "/oauth/register", body=said, authorization=f"Bearer {self.token}")
        self.assertEqual(answer.status, 201, answer.text)
        diary = App(self.server, answer.body["client_id"], "org.example.diary:/back")
        self.assertEqual(self.let_in("pat", "patient/Observation.rs", diary)["scope"], "patient/Observation.rs")
        for wrong, error in (({"redirect_uris": ["http://far.example/"]}, "invalid_redirect_uri"), ({"scope": "system/*.rs"}, "invalid_client_metadata"),
                             ({"token_endpoint_auth_method": "client_secret_basic"}, "invalid_client_metadata")):
            refused = ask(self.server, "POST", "/oauth/register", body=said | wrong, authorization=f"Bearer {self.token}")
            self.refused(refused, error)


class KeysElsewhere(AppsTest):
    """An app whose public keys are fetched from its own server, and change."""

    def setUp(self):
        super().setUp()
        test = self
        self.key, self.fetches = Key("first"), 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                test.fetches += 1
                text = json.dumps(test.key.jwks()).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        keys = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=keys.serve_forever, daemon=True).start()
        self.addCleanup(keys.server_close)
        self.addCleanup(keys.shutdown)
        self.post("/api/accounts", {"username": "registry", "role": "service"})
        self.post("/api/apps", {"client_id": "bulk", "name": "Registry", "kind": "service", "scopes": ["system/*.rs"],
                                "jwks_uri": f"http://127.0.0.1:{keys.server_address[1]}/keys", "account": "registry"})

    def test_keys_are_fetched_once_and_remembered(self):
        service = App(self.server, "bulk", key=self.key)
        for _ in range(3):
            answer = service.token(grant_type="client_credentials", scope="system/*.rs")
            self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(self.fetches, 1)
        self.refused(App(self.server, "bulk", key=Key("unknown")).token(grant_type="client_credentials", scope="system/*.rs"), "invalid_client", 401)
        self.assertEqual(self.fetches, 1, "no key of a stranger's makes this server ask again within the minute")
