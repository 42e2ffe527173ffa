#!/usr/bin/python3
"""What devices measure, both ways: DeviceMetrics as views of the registry, and Observations that are posted
and become readings (docs/architecture.md, Records)."""
import csv
import datetime
import io
import json
import re
import unittest

from fhir_client import FhirTest
from ward import Client, wait_until

LOINC, MDC, UCUM = "http://loinc.org", "urn:iso:std:iso:11073:10101", "http://unitsofmeasure.org"
DEVICE, METRIC = "urn:vigil:device", "urn:vigil:device-metric"


class DeviceTest(FhirTest):
    def setUp(self):
        super().setUp()
        self.number = self.add_patient("MRN-1")
        self.patient = wait_until("the patient has a Patient", lambda: self.search("Patient?identifier=MRN-1").ids())[0]
        self.token_of_device = self.add_device("monitor-1", self.number)
        self.start = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        self.device = self.search("Device?identifier=monitor-1").ids()[0]

    def at(self, seconds):
        return (self.start + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def say(self, *messages):
        monitor = Client(self.server, "monitor-1", self.token_of_device).connect()
        for message in messages:
            monitor.publish("vigil/monitor-1/telemetry", json.dumps(message))
        monitor.close()


class DeviceUse(DeviceTest):
    """On whom a device was, when: DeviceUseStatements are views of the associations."""

    def stays(self, query=""):
        return [(one["status"], one["subject"]["reference"], one["timingPeriod"].get("end") is not None)
                for one in self.search(f"DeviceUseStatement?device=Device/{self.device}&{query}").resources()]

    def test_each_stay_is_a_statement_with_the_status_of_the_moment(self):
        mine = f"Patient/{self.patient}"
        self.assertEqual(self.stays(), [("active", mine, False)])
        statement = self.search(f"DeviceUseStatement?patient={self.patient}").resources()[0]
        self.assertEqual(statement["device"], {"reference": f"Device/{self.device}"})
        self.assertIn({"url": "urn:vigil:association-rank", "valueCode": "manual"}, statement["extension"])
        self.assertEqual(self.ask("GET", f"DeviceUseStatement/{statement['id']}").body, statement)
        self.assertEqual(self.ask("POST", "DeviceUseStatement/$validate", statement).body["issue"][0]["severity"], "information")
        found = self.search(f"DeviceUseStatement?_id={statement['id']}&_include=*")
        self.assertEqual(sorted(one["resourceType"] for one in found.resources("include")), ["Device", "Patient"])
        everything = self.search(f"Patient/{self.patient}/$everything?_count=200").resources()
        self.assertIn(statement["id"], [one["id"] for one in everything])

        other = self.add_patient("MRN-2")
        end, start = self.at(600), self.at(1200)
        self.post("/api/devices/monitor-1/detach", {"at": end})
        self.post("/api/devices/monitor-1/attach", {"patient": other, "from": start})
        second = wait_until("the second has a Patient", lambda: self.search("Patient?identifier=MRN-2").ids())[0]
        wait_until("both stays are shown", lambda: len(self.stays()) == 2)
        self.assertEqual(self.stays(f"patient={self.patient}"), [("active", mine, True)])
        self.assertEqual(self.stays(f"subject=Patient/{second}"), [("intended", f"Patient/{second}", False)])
        self.assertEqual(self.ask("GET", "DeviceUseStatement/u99.0").status, 404)
        self.assertEqual(self.search("Patient?_has:DeviceUseStatement:patient:device.identifier=monitor-1&identifier=MRN-2").ids(), [second])
        self.assertEqual(self.search(f"Patient?_has:DeviceUseStatement:patient:device=Device/{self.device}x").ids(), [])

    def test_they_come_in_the_order_that_is_asked_for_with_records_among_them(self):
        for name in ("monitor-2", "monitor-3"):
            self.add_device(name, self.number)
        own = self.create({"resourceType": "Device", "deviceName": [{"name": "A bed", "type": "user-friendly-name"}],
                           "identifier": [{"value": "monitor-15"}]})
        devices = self.search("Device").resources()
        by_identifier = {one["identifier"][0]["value"]: one["id"] for one in devices}
        up = [by_identifier[name] for name in ("monitor-1", "monitor-15", "monitor-2", "monitor-3")]
        self.assertEqual(up[1], own)
        self.assertEqual(self.search("Device?_sort=identifier").ids(), up)
        self.assertEqual(self.search("Device?_sort=-identifier").ids(), up[::-1])
        self.assertEqual(self.search("Device?_sort=-_lastUpdated").ids()[0], own)
        # Those that have no value come last, whichever the direction.
        self.assertEqual(self.search("Device?_sort=patient,-identifier").ids(), [up[3], up[2], up[0], own])
        self.assertEqual(self.search("Device?_sort=-patient,device-name").ids(), [up[0], up[2], up[3], own])
        paged, answer = [], self.search("Device?_sort=identifier&_count=3")
        while True:
            paged += answer.ids()
            if answer.link("next") is None:
                break
            answer = self.ask("GET", answer.link("next"))
        self.assertEqual(paged, up)
        second = self.search("Device?_sort=identifier&_count=1").link("next")
        self.assertRegex(second, "_cursor=0~k:")
        for wrong in ("0~k", "0~x", "0~k:", "0~k:nobody", "0~s:1", "k"):
            page = re.sub(r"(_cursor=)[^&]*", lambda found: found[1] + wrong, second)
            self.assertEqual(self.ask("GET", page).status, 400, page)
        latest = self.search("DeviceUseStatement?_sort=-_lastUpdated&_count=1").resources()[0]
        self.assertEqual(latest["device"]["reference"], f"Device/{by_identifier['monitor-3']}")

    def test_the_device_and_its_statement_change_when_it_is_taken_off(self):
        self.post("/api/devices/monitor-1/detach", {})
        device = self.search("Device?identifier=monitor-1").resources()[0]
        self.assertNotIn("patient", device)
        self.assertEqual([one[0] for one in self.stays()], ["completed"])


class DeviceMetrics(DeviceTest):
    def setUp(self):
        super().setUp()
        self.say({"ts": self.at(-1), "heart_rate": 70, "spo2": 97}, {"ts": self.at(-1), "nibp_sys": 120, "nibp_dia": 80})

    def metric(self, key):
        found = self.search(f"DeviceMetric?identifier={METRIC}|monitor-1/{key}").resources()
        self.assertEqual(len(found), 1, key)
        return found[0]

    def test_what_a_device_measures_is_a_device_metric_of_it(self):
        metric = self.metric("heart_rate")
        self.assertEqual(metric["source"], {"reference": f"Device/{self.device}"})
        self.assertEqual([(one["system"], one["code"]) for one in metric["type"]["coding"][:2]],
                         [(MDC, "147842"), (LOINC, "8867-4")])
        self.assertIn((UCUM, "/min"), [(one["system"], one["code"]) for one in metric["unit"]["coding"]])
        self.assertEqual((metric["category"], metric["operationalStatus"]), ("measurement", "on"))
        self.assertNotIn("calibration", metric)
        read = self.ask("GET", f"DeviceMetric/{metric['id']}")
        self.assertEqual((read.status, read.body), (200, metric))
        self.assertEqual(self.ask("GET", f"DeviceMetric/{metric['id']}/_history/1").body, metric)
        self.assertEqual(self.ask("GET", f"DeviceMetric/{metric['id']}/_history").body["entry"][0]["resource"], metric)
        self.assertEqual(self.ask("POST", "DeviceMetric/$validate", metric).body["issue"][0]["severity"], "information")
        self.assertEqual(self.ask("GET", "DeviceMetric/m99.1").status, 404)

    def test_they_are_found_by_every_parameter(self):
        def keys(query):
            return sorted(one["identifier"][0]["value"].split("/")[1] for one in self.search(f"DeviceMetric?{query}").resources())

        every = ["heart_rate", "nibp_dia", "nibp_sys", "spo2"]
        self.assertEqual(keys(""), every)
        self.assertEqual(keys(f"source=Device/{self.device}"), every)
        self.assertEqual(keys(f"source={self.device}&category=measurement"), every)
        self.assertEqual(keys("source.identifier=monitor-1"), every)
        self.assertEqual(keys("source.identifier=monitor-2"), [])
        self.assertEqual(keys("category=setting"), [])
        self.assertEqual(keys("parent:missing=true"), every)
        self.assertEqual(keys("parent=Device/x"), [])
        self.assertEqual(keys(f"type={MDC}|147842"), ["heart_rate"])
        self.assertEqual(keys(f"type={LOINC}|8480-6,{LOINC}|8462-4"), ["nibp_dia", "nibp_sys"])
        self.assertEqual(keys("identifier=monitor-1/spo2"), ["spo2"])
        self.assertEqual(keys(f"_id={self.metric('spo2')['id']}"), ["spo2"])
        self.assertEqual(keys(f"_lastUpdated=gt{self.at(-600)}"), every)
        self.assertEqual(keys(f"_lastUpdated=lt{self.at(-600)}"), [])

    def test_pages_hold_each_of_them_once(self):
        paged, answer = [], self.search("DeviceMetric?_count=3&_total=accurate")
        self.assertEqual(answer.body["total"], 4)
        while True:
            paged += answer.ids()
            if answer.link("next") is None:
                break
            answer = self.search(answer.link("next"))
        self.assertEqual(len(paged), 4)
        self.assertEqual(len(set(paged)), 4)

    def test_what_refers_to_them_and_what_they_refer_to_comes_along(self):
        answer = self.search("DeviceMetric?identifier=monitor-1/spo2&_include=DeviceMetric:source")
        self.assertEqual(answer.ids("include"), [self.device])
        answer = self.search(f"Device?_id={self.device}&_revinclude=DeviceMetric:source")
        self.assertEqual({one["resourceType"] for one in answer.resources("include")}, {"DeviceMetric"})
        self.assertEqual(len(answer.ids("include")), 4)
        metric = self.metric("spo2")["id"]
        setting = self.create({"resourceType": "Observation", "status": "final", "code": {"text": "a note of the metric"},
                               "subject": {"reference": f"Patient/{self.patient}"}, "device": {"reference": f"DeviceMetric/{metric}"}})
        answer = self.search(f"Observation?_id={setting}&_include=Observation:device&_include:iterate=DeviceMetric:source")
        self.assertEqual(sorted(answer.ids("include")), sorted([metric, self.device]))
        self.assertEqual(self.search("Observation?device:DeviceMetric.type=2708-6,59408-5").ids(), [setting])
        self.assertEqual(self.search("Observation?device:DeviceMetric.source.identifier=monitor-1").ids(), [setting])
        self.assertEqual(self.search("Observation?device:DeviceMetric.source.identifier=monitor-2").ids(), [])
        self.assertEqual(self.search(f"Observation?device=DeviceMetric/{metric}").ids(), [setting])
        self.assertEqual(self.search(f"DeviceMetric?_id={metric}&_revinclude=Observation:device").ids("include"), [setting])
        self.assertEqual(self.search("DeviceMetric?_has:Observation:device:status=final").ids(), [metric])
        other = self.create({"resourceType": "Observation", "status": "final", "code": {"text": "a note"},
                             "subject": {"reference": f"Patient/{self.patient}"}, "device": {"reference": f"Device/{self.device}"}})
        for device, found in (("monitor-1", [self.patient]), ("monitor-2", [])):
            self.assertEqual(self.search(f"Patient?_has:Observation:patient:device:Device.identifier={device}").ids(), found, device)
        self.assertEqual(self.search(f"Observation?_id={other}&_include=Observation:device").ids("include"), [self.device])

    def test_others_device_metrics_are_records(self):
        own = self.create({"resourceType": "DeviceMetric", "type": {"text": "tidal volume"}, "category": "calculation",
                           "source": {"reference": f"Device/{self.device}"}})
        self.assertEqual(self.search("DeviceMetric?category=calculation").ids(), [own])
        self.assertEqual(len(self.search(f"DeviceMetric?source=Device/{self.device}").ids()), 5)
        self.assertEqual(self.search("DeviceMetric?category=calculation&_include=DeviceMetric:source").ids("include"), [self.device])
        view = self.metric("heart_rate")
        del view["operationalStatus"]
        over = self.ask("PUT", f"DeviceMetric/{view['id']}", {**view, "calibration": [{"state": "calibrated"}]})
        self.assertEqual((over.status, over.version), (200, "2"))
        self.assertEqual(self.metric("heart_rate")["calibration"], [{"state": "calibrated"}])

    def test_they_are_the_same_after_a_start_and_more_come_at_once(self):
        before = self.search("DeviceMetric?_count=100").resources()
        self.server.stop()
        self.server.start()
        self.assertEqual(self.search("DeviceMetric?_count=100").resources(), before)
        self.say({"ts": self.at(-1), "temp_body": {"value": 37.1, "unit": "Cel"}})
        self.assertEqual(self.metric("temp_body")["unit"]["coding"][-1]["code"], "Cel")


class Posting(DeviceTest):
    def observation(self, seconds=-5, value=72, **more):
        return {"resourceType": "Observation", "status": "final",
                "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}],
                "code": {"coding": [{"system": LOINC, "code": "8867-4"}]}, "subject": {"reference": f"Patient/{self.patient}"},
                "effectiveDateTime": self.at(seconds), "device": {"reference": f"Device/{self.device}"},
                "valueQuantity": {"value": value, "unit": "beats/minute", "system": UCUM, "code": "/min"}, **more}

    def pressure(self, seconds=-5, **more):
        parts = [{"code": {"coding": [{"system": LOINC, "code": code}]},
                  "valueQuantity": {"value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}}
                 for code, value in (("8480-6", 121), ("8462-4", 81))]
        whole = self.observation(seconds, code={"coding": [{"system": LOINC, "code": "85354-9"}]}, component=parts, **more)
        del whole["valueQuantity"]
        return whole

    def series(self, metric="heart_rate"):
        return self.raw(self.number, metric)

    def numbers(self, metric="heart_rate"):
        return [float(value) for value in self.values(self.number, metric)]

    def becomes_a_reading(self, value, metric="heart_rate"):
        wait_until(f"{value} is in the series", lambda: value in self.numbers(metric))

    def settle(self):
        """Whatever was posted before has been looked at: a last one, of another metric, has been filed."""
        self.create(self.observation(seconds=-1, value=36.6, code={"coding": [{"system": LOINC, "code": "8310-5"}]})
                    | {"valueQuantity": {"value": 36.6, "unit": "°C", "system": UCUM, "code": "Cel"}})
        self.becomes_a_reading(36.6, "temp_body")


class PostedObservations(Posting):
    def test_it_is_a_reading_and_stays_what_was_posted(self):
        posted = self.observation(value=72, note=[{"text": "the patient was walking"}], identifier=[{"value": "n-1"}])
        posted["extension"] = [{"url": "http://example.org/x", "valueString": "kept"}]
        created = self.ask("POST", "Observation", json.dumps(posted).replace('"value": 72', '"value": 72.0'))
        self.assertEqual(created.status, 201)
        first = self.ask("GET", f"Observation/{created.body['id']}")
        self.assertIn('"value":72.0', first.text)
        self.becomes_a_reading(72)
        reading = self.series()[0]
        self.assertEqual((reading["value"], reading["filed_time"], reading["device"]), ("72.0", self.at(-5), "monitor-1"))
        again = self.ask("GET", f"Observation/{created.body['id']}")
        self.assertEqual((again.text, again.version), (first.text, "1"))
        for member, value in posted.items():
            self.assertEqual(again.body[member], value)
        rows = csv.DictReader(io.StringIO(self.get(f"/api/series/raw?patient={self.number}&metric=heart_rate&format=csv")))
        self.assertEqual([row["value"] for row in rows], ["72.0"])
        self.assertIn('"72.0"', json.dumps(self.get(f"/api/series/latest?patient={self.number}")))

    def test_nobody_sees_it_twice(self):
        self.say({"ts": self.at(-9), "heart_rate": 60})
        posted = self.create(self.observation(value=72))
        panel = self.create(self.pressure())
        self.becomes_a_reading(72)
        self.becomes_a_reading(121, "nibp_sys")
        mine = f"patient={self.patient}"
        for query in (f"{mine}", f"{mine}&_sort=-date", f"{mine}&_sort=date&_count=100", f"device=Device/{self.device}", f"{mine}&category=vital-signs"):
            found = self.search(f"Observation?{query}")
            self.assertEqual(len(found.ids()), 3, query)
            self.assertLessEqual({posted, panel}, set(found.ids()), query)
        self.assertEqual(self.search(f"Observation?{mine}&_total=accurate&_count=1").body["total"], 3)
        self.assertEqual(len(self.search(f"Observation?{mine}&code=8867-4").ids()), 2)
        last = self.search(f"Observation/$lastn?{mine}&category=vital-signs&max=5").ids()
        self.assertEqual(len(last), 3)
        self.assertIn(posted, last)
        everything = [one["id"] for one in self.search(f"Patient/{self.patient}/$everything?_count=100").resources()
                      if one["resourceType"] == "Observation"]
        self.assertEqual(len(everything), 3)
        stats = self.search(f"Observation/$stats?subject=Patient/{self.patient}&code=8867-4&system={LOINC}&duration=1&statistic=count&statistic=maximum")
        numbers = {one["code"]["coding"][0]["code"]: one["valueQuantity"]["value"]
                   for one in stats.body["parameter"][0]["resource"]["component"]}
        self.assertEqual(numbers, {"count": 2, "maximum": 72})
        self.assertEqual(len(self.ask("GET", f"Observation/{posted}/_history").body["entry"]), 1)
        self.assertEqual([one["resource"]["id"] for one in self.ask("GET", "Observation/_history").body["entry"]], [panel, posted])
        metric = self.search("DeviceMetric?identifier=monitor-1/nibp_sys").ids()
        self.assertEqual(len(metric), 1)

    def test_the_device_may_be_named_in_any_way(self):
        record = self.create({"resourceType": "Device", "identifier": [{"system": DEVICE, "value": "monitor-1"}]})
        self.say({"ts": self.at(-9), "heart_rate": 60})
        metric = self.search("DeviceMetric?identifier=monitor-1/heart_rate").ids()[0]
        contained = {"resourceType": "Device", "id": "d", "identifier": [{"system": DEVICE, "value": "monitor-1"}]}
        ways = [{"device": {"reference": f"Device/{record}"}}, {"device": {"reference": f"DeviceMetric/{metric}"}},
                {"device": {"identifier": {"system": DEVICE, "value": "monitor-1"}}},
                {"device": {"reference": "#d"}, "contained": [contained]},
                {"device": {"reference": f"http://127.0.0.1:{self.server.port('http')}/fhir/Device/{self.device}"}}]
        for n, way in enumerate(ways):
            self.create(self.observation(seconds=n - 8, value=80 + n) | way)
        wait_until("all are filed", lambda: self.numbers()[1:] == [80, 81, 82, 83, 84])

    def test_what_is_no_reading_of_a_device_stays_a_record(self):
        other = self.create({"resourceType": "Patient", "identifier": [{"value": "MRN-2"}]})
        kelvin = {"value": 72, "unit": "kelvin", "system": UCUM, "code": "K"}
        no_subject = self.observation()
        del no_subject["subject"]
        kept = [self.observation(subject={"reference": f"Patient/{other}"}),
                no_subject,
                self.observation(effectiveDateTime="2025-12-01T08:00:00Z"),  # before it was on the patient
                self.observation(seconds=3600),      # not measured yet
                self.observation(status="preliminary"),
                self.observation(status="entered-in-error"),
                self.observation(effectiveDateTime=self.at(-5)[:10]),
                self.observation(valueQuantity=kelvin, code={"coding": [{"system": MDC, "code": "147842"}]}),
                self.observation(code={"coding": [{"system": LOINC, "code": "1975-2"}]}),
                self.observation(device={"reference": "Device/d99"}),
                self.observation(device={"identifier": {"system": "urn:other", "value": "monitor-1"}}),
                self.observation(device={"display": "monitor-1"})]
        ids = [self.create(one) for one in kept]
        self.settle()
        self.assertEqual(self.numbers(), [])
        for id_, one in zip(ids, kept):
            read = self.ask("GET", f"Observation/{id_}").body
            self.assertEqual({key: read[key] for key in one}, one)

    def test_each_is_filed_once_whenever_the_server_dies(self):
        for round_ in range(6):
            for n in range(20):
                self.create(self.observation(seconds=20 * round_ + n - 200, value=60 + 20 * round_ + n))
            self.server.kill()
            self.server.start()
        expected = [60 + n for n in range(120)]
        wait_until("all are filed", lambda: self.numbers() == expected)
        self.assertEqual(len(self.search(f"Observation?patient={self.patient}&_count=500").ids()), 120)
        self.server.stop()
        self.assertTrue(self.server.command("verify")["sound"])
        self.server.command("rebuild")
        self.server.start()
        self.assertEqual(self.numbers(), expected)
        self.assertEqual(len(self.search(f"Observation?patient={self.patient}&_count=500").ids()), 120)

    def test_a_waveform_is_one_too(self):
        sampled = {"origin": {"value": 0, "unit": "mV", "system": UCUM, "code": "mV"}, "period": 4, "factor": 0.0025,
                   "dimensions": 1, "data": "0 10 20 30 E 50"}
        posted = self.observation(code={"coding": [{"system": MDC, "code": "131330"}]}, valueSampledData=sampled)
        del posted["valueQuantity"], posted["category"]
        id_ = self.create(posted)
        wait_until("it is in the series", lambda: self.series("ecg_ii"))
        self.assertEqual(self.search(f"Observation?patient={self.patient}").ids(), [id_])
        self.assertEqual(self.ask("GET", f"Observation/{id_}").body["valueSampledData"], sampled)

    def test_a_batch_of_them_and_a_transaction(self):
        entries = [{"request": {"method": "POST", "url": "Observation"}, "resource": self.observation(n - 60, 60 + n)} for n in range(50)]
        for kind in ("batch", "transaction"):
            answer = self.ask("POST", "", {"resourceType": "Bundle", "type": kind, "entry": entries})
            self.assertEqual(answer.status, 200, answer.text[:300])
            entries = [{**one, "resource": {**one["resource"], "effectiveDateTime": self.at(n)}} for n, one in enumerate(entries, -200)]
        wait_until("all are filed", lambda: len(self.numbers()) == 100)


class Corrections(Posting):
    """What is written over a reading's Observation is true in the charts as well."""

    def setUp(self):
        super().setUp()
        self.say({"ts": self.at(-30), "heart_rate": 70, "spo2": 97}, {"ts": self.at(-29), "heart_rate": 171, "spo2": 96},
                 {"ts": self.at(-28), "nibp_sys": 120, "nibp_dia": 80})

    def view(self, query):
        found = self.search(f"Observation?patient={self.patient}&{query}").resources()
        self.assertEqual(len(found), 1, query)
        return found[0]

    def standing(self, metric="heart_rate"):
        """Value and what is to be said of it, of each reading in the series."""
        return [(float(one["value"]), sorted(set(one["status"]) & {"invalid", "corrected"})) for one in self.series(metric)]

    def stands(self, expected, metric="heart_rate"):
        wait_until(f"{metric}: {expected}", lambda: self.standing(metric) == expected)
        counted = [value for value, status in expected if "invalid" not in status]
        window = self.get(f"/api/series/window?patient={self.number}&metric={metric}&resolution=minute&points=100"
                          f"&from={self.at(-3600)}&to={self.at(60)}")
        self.assertEqual(sum(sum(one["count"]) for one in window["series"]), len(counted))
        if counted:
            self.assertEqual(max(max(one["max"]) for one in window["series"]), max(counted))
        rows = csv.DictReader(io.StringIO(self.get(f"/api/series/raw?patient={self.number}&metric={metric}&format=csv")))
        self.assertEqual([float(row["value"]) for row in rows], [value for value, _ in expected])

    def test_an_amended_reading_is_amended_in_the_charts(self):
        view = self.view("code=8867-4&value-quantity=171")
        view["valueQuantity"]["value"] = 71
        self.assertEqual(self.ask("PUT", f"Observation/{view['id']}", {**view, "status": "amended"}).status, 200)
        expected = [(70, []), (71, ["corrected"])]
        self.stands(expected)
        self.assertEqual(self.ask("GET", f"Observation/{view['id']}/_history/1").body["valueQuantity"]["value"], 171)
        stats = self.search(f"Observation/$stats?subject=Patient/{self.patient}&code=8867-4&system={LOINC}&duration=1&statistic=maximum")
        self.assertIn('"value":71', stats.text)
        self.assertEqual(len(self.search(f"Observation?patient={self.patient}&code=8867-4").ids()), 2)
        self.assertEqual(self.standing("spo2"), [(97, []), (96, [])])
        self.server.stop()
        self.server.start()
        self.stands(expected)
        # Where it came from.
        source = self.get(f"/api/messages?device=monitor-1&at={self.at(-29)}&metric=heart_rate&value=71")["topic"]
        self.assertEqual(source, f"fhir/Observation/{view['id']}/_history/2")
        self.server.stop()
        self.assertTrue(self.server.command("verify")["sound"])
        self.server.command("rebuild")
        self.server.start()
        self.stands(expected)

    def test_a_reading_entered_in_error_counts_no_more_and_may_come_back(self):
        view = self.view("code=59408-5,2708-6&value-quantity=96")
        for method, body in (("PUT", {**view, "status": "entered-in-error"}), ("DELETE", None)):
            self.assertLess(self.ask(method, f"Observation/{view['id']}", body).status, 300)
            self.stands([(97, []), (96, ["corrected", "invalid"])], "spo2")
        self.assertEqual(self.ask("PUT", f"Observation/{view['id']}", {**view, "status": "corrected"}).status, 200)
        self.stands([(97, []), (96, ["corrected"])], "spo2")

    def test_of_a_panel_each_part_is_corrected(self):
        view = self.view("code=85354-9")
        view["component"][0]["valueQuantity"]["value"] = 121
        patch = [{"op": "replace", "path": "/component/0/valueQuantity/value", "value": 121}, {"op": "replace", "path": "/status", "value": "amended"}]
        answer = self.ask("PATCH", f"Observation/{view['id']}", patch, content_type="application/json-patch+json")
        self.assertEqual(answer.status, 200, answer.text)
        self.stands([(121, ["corrected"])], "nibp_sys")
        self.assertEqual(self.standing("nibp_dia"), [(80, [])])

    def test_what_changes_no_value_changes_no_reading(self):
        view = self.view("code=8867-4&value-quantity=171")
        self.assertEqual(self.ask("PUT", f"Observation/{view['id']}", {**view, "note": [{"text": "seen"}]}).status, 200)
        self.settle()
        self.assertEqual(self.standing(), [(70, []), (171, [])])

    def test_a_posted_observation_is_corrected_too(self):
        posted = self.observation(seconds=-5, value=272)
        id_ = self.create(posted)
        self.stands([(70, []), (171, []), (272, [])])
        path = f"Observation/{id_}"
        self.ask("PUT", path, self.observation(seconds=-5, value=72, id=id_, status="corrected"))
        self.stands([(70, []), (171, []), (72, ["corrected"])])
        self.ask("DELETE", path)
        self.stands([(70, []), (171, []), (72, ["corrected", "invalid"])])
        # Another time is another place.
        self.ask("PUT", path, self.observation(seconds=-4, value=73, id=id_))
        self.stands([(70, []), (171, []), (72, ["corrected", "invalid"]), (73, [])])
        # About somebody else it is no reading of this patient.
        other = self.create({"resourceType": "Patient", "identifier": [{"value": "MRN-2"}]})
        self.ask("PUT", path, self.observation(seconds=-4, value=73, id=id_, subject={"reference": f"Patient/{other}"}))
        expected = [(70, []), (171, []), (72, ["corrected", "invalid"]), (73, ["corrected", "invalid"])]
        self.stands(expected)
        self.assertEqual(len(self.search(f"Observation?patient={self.patient}&code=8867-4").ids()), 2)
        self.assertEqual(len(self.search(f"Observation?patient={other}").ids()), 1)
        self.server.stop()
        self.server.command("rebuild")
        self.server.start()
        self.stands(expected)

    def test_a_draft_becomes_a_reading_when_it_is_final(self):
        id_ = self.create(self.observation(value=75, status="preliminary"))
        self.settle()
        self.assertEqual(len(self.standing()), 2)
        self.ask("PUT", f"Observation/{id_}", self.observation(value=75, id=id_))
        self.stands([(70, []), (171, []), (75, [])])

    def test_corrections_are_made_once_whenever_the_server_dies(self):
        views = self.search(f"Observation?patient={self.patient}&code=8867-4").resources()
        for round_ in range(5):
            for view in views:
                view["valueQuantity"]["value"] += 1
                self.assertEqual(self.ask("PUT", f"Observation/{view['id']}", {**view, "status": "amended"}).status, 200)
            self.server.kill()
            self.server.start()
        self.stands([(75, ["corrected"]), (176, ["corrected"])])


if __name__ == "__main__":
    unittest.main()
