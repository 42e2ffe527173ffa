"""Who is a patient of the ward after a Patient was written over FHIR, and after one was refused: also
after a restart, which gives everyone in the registry a Patient."""
import threading
import unittest

from fhir_client import FhirTest
from ward import wait_until

MRN = "https://hospital.example/mrn"


def patient(family, **more):
    return {"resourceType": "Patient", "identifier": [{"system": MRN, "value": family}], "name": [{"family": family}], **more}


def post(resource, **request):
    return {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"], **request}}


def transaction(*entries):
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


OF_NOBODY = {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
             "subject": {"reference": f"Patient?identifier={MRN}|nobody"}}


OF_NO_HOUSE = {"reference": "Organization?identifier=https://hospital.example/houses|none"}


class Refused(FhirTest):
    def setUp(self):
        super().setUp()
        self.create(patient("Known"))

    def assert_nobody_new(self, *families):
        """Now, in what the registry keeps, and after a restart."""
        known = ["Known", *families]
        self.assertEqual(self.families(), known)
        self.server.stop()
        self.assertEqual(sorted(one["display_name"] for one in self.server.command("patient", "list")["patients"]), known)
        self.server.start()
        self.assertEqual(self.families(), known)

    def families(self):
        """Of the record; each of them is known in the ward by the same id."""
        ids = wait_until("all have one", lambda: (known := [one.get("fhir_id") for one in self.get("/api/patients")["patients"]]) and all(known) and known)
        self.assertEqual(sorted(self.search("Patient?_count=100").ids()), sorted(ids))
        return sorted(one["name"][0].get("family") or one["name"][0]["text"] for one in self.search("Patient?_count=100").resources())

    def test_one_that_is_not_valid(self):
        self.assert_outcome(self.ask("POST", "Patient", patient("Wrong", gender="unheard-of")), 422, "code-invalid", "Patient.gender")
        self.assert_outcome(self.ask("PUT", "Patient/wrong", patient("Wrong", id="wrong", birthDate="soon")), 422, "value")
        self.assert_nobody_new()

    def test_a_transaction_of_which_another_entry_is_refused(self):
        wrong = {"resourceType": "Observation", "status": "unheard-of", "code": {"text": "x"}}
        for what, entry, status in (("not valid", post(wrong), 422),
                                    ("a reference to nobody", post(OF_NOBODY), 412),
                                    ("a reference to no organization", post({**OF_NOBODY, "performer": [OF_NO_HOUSE], "subject": {"text": "x"}}), 412),
                                    ("a Patient that is not there", {"request": {"method": "GET", "url": "Patient/nobody"}}, 404),
                                    ("a condition that leads to nothing", {"request": {"method": "PATCH", "url": "Patient?identifier=nobody"}, "resource": {
                                        "resourceType": "Binary", "contentType": "application/json-patch+json", "data": "W10="}}, 404),
                                    ("a version that is not the current one", {"request": {"method": "DELETE", "url": "Patient/a", "ifMatch": 'W/"7"'}}, 412)):
            with self.subTest(what):
                answer = self.ask("POST", "", transaction(post(patient("New")), entry))
                self.assertEqual(answer.status, status, answer.text)
                self.assertIn("Bundle.entry[1]", answer.body["issue"][0].get("expression", ["Bundle.entry[1]"])[0])
        self.assert_nobody_new()

    def test_a_batch_keeps_its_other_entries(self):
        batch = transaction(post(patient("Wrong", gender="unheard-of")), post(patient("Right"))) | {"type": "batch"}
        answers = self.ask("POST", "", batch).body["entry"]
        self.assertEqual([answer["response"]["status"][:3] for answer in answers], ["422", "201"])
        self.assert_nobody_new("Right")

    def test_a_condition_that_somebody_meets(self):
        meets = f"identifier={MRN}|Known"
        self.assertEqual(self.ask("POST", "Patient", patient("Other"), if_none_exist=meets).status, 200)
        answer = self.ask("POST", "", transaction(post(patient("Other"), ifNoneExist=meets)))
        self.assertEqual((answer.status, answer.body["entry"][0]["response"]["status"][:3]), (200, "200"))
        self.assert_nobody_new()

    def test_a_conditional_update_of_somebody(self):
        answer = self.ask("PUT", f"Patient?identifier={MRN}|Known", patient("Known", gender="female"))
        self.assertEqual((answer.status, answer.version), (200, "2"))
        self.assert_nobody_new()

    def test_a_version_that_is_not_there(self):
        self.assertEqual(self.ask("PUT", "Patient/other", patient("Other", id="other"), if_match='W/"3"').status, 412)
        self.assert_nobody_new()

    def test_many_who_create_the_same_one_if_there_is_none(self):
        answers = []

        def ask():
            answers.append(self.ask("POST", "Patient", patient("Same"), if_none_exist=f"identifier={MRN}|Same").status)

        together = [threading.Thread(target=ask) for _ in range(12)]
        for one in together:
            one.start()
        for one in together:
            one.join()
        self.assertEqual(sorted(answers), [200] * 11 + [201])
        self.assert_nobody_new("Same")


class Kept(FhirTest):
    def test_a_transaction_with_conditions_makes_its_patients(self):
        house = self.create({"resourceType": "Organization", "name": "House", "identifier": [{"value": "house-1"}]})
        at_house = {"managingOrganization": {"reference": "Organization?identifier=house-1"}}
        new = post(patient("New", **at_house), ifNoneExist=f"identifier={MRN}|New") | {"fullUrl": "urn:uuid:6c1e6c4e-2c6a-4a6e-9d64-2c6a4a6e9d64"}
        of_new = {**OF_NOBODY, "subject": {"reference": new["fullUrl"]}}
        for status in ("201", "200"):  # the second time it is there
            answer = self.ask("POST", "", transaction(new, post(of_new)))
            self.assertEqual((answer.status, answer.body["entry"][0]["response"]["status"][:3]), (200, status), answer.text)
        found = self.search("Patient").resources()
        self.assertEqual([one["name"][0]["family"] for one in found], ["New"])
        self.assertEqual(found[0]["managingOrganization"]["reference"], f"Organization/{house}")
        self.assertEqual(self.search(f"Observation?subject=Patient/{found[0]['id']}&_summary=count").body["total"], 2)
        self.assertEqual([one["display_name"] for one in self.get("/api/patients")["patients"]], ["New"])


if __name__ == "__main__":
    unittest.main()
