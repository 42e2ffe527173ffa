"""A FHIR client for the whole-server tests: says what came back, whatever the status."""
import http.client
import json

from ward import PATIENCE_S, ServerTest

FHIR_JSON = "application/fhir+json"


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text
        self.body = json.loads(text) if text else None

    @property
    def version(self):
        return self.headers["etag"].removeprefix('W/"').removesuffix('"')

    def resources(self, mode="match"):
        """Of a searchset: the resources that matched (or came along: "include")."""
        return [entry["resource"] for entry in self.body.get("entry", []) if entry["search"]["mode"] == mode]

    def ids(self, mode="match"):
        return [resource["id"] for resource in self.resources(mode)]

    def link(self, relation):
        return next((link["url"] for link in self.body["link"] if link["relation"] == relation), None)


class FhirTest(ServerTest):
    config = ""  # TOML

    def setUp(self):
        super().setUp()
        if self.config:
            file = self.place / "vigil.toml"
            file.write_text(self.config)
            self.server.options = ("--config", str(file))
        self.make_token()
        self.server.start()

    def ask(self, method, path, body=None, token=None, **headers):
        """`path` after /fhir/, or a whole URL of a link. Underscores in header names are dashes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port("http"), timeout=PATIENCE_S)
        if path.startswith("http://127.0.0.1"):
            path = path.split("/fhir", 1)[1].removeprefix("/")
        data = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
        sent = {"authorization": f"Bearer {token or self.token}"}
        if data is not None:
            sent["content-type"] = FHIR_JSON
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, "/fhir" + ("" if path[:1] in ("", "?") else "/") + path, data.encode() if isinstance(data, str) else data, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)

    def search(self, query):
        answer = self.ask("GET", query)
        self.assertEqual(answer.status, 200, f"{query}: {answer.text[:500]}")
        return answer

    def create(self, resource):
        answer = self.ask("POST", resource["resourceType"], resource)
        self.assertEqual(answer.status, 201, answer.text[:500])
        return answer.body["id"]

    def assert_outcome(self, answer, status, code, expression=None):
        self.assertEqual(answer.status, status, answer.text[:500])
        self.assertEqual(answer.body["resourceType"], "OperationOutcome")
        issue = answer.body["issue"][0]
        self.assertEqual(issue["code"], code, issue)
        self.assertTrue(issue["diagnostics"], "says what to do")
        if expression is not None:
            self.assertIn(expression, issue.get("expression", []), issue)
