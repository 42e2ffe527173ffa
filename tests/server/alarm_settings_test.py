"""What a site sets of its alarms: times, who is told when, its own early-warning charts."""
import pathlib
import subprocess

from ward import BINARY, PATIENCE_S, Refused, ServerTest, wait_until

ESCALATION = "priority\tafter_s\ttold\nhigh\t0\tbed, central, physician\nmedium\t0\tcentral\nlow\t0\twork-list\n"


class AlarmSettings(ServerTest):
    def configure(self, escalation=ESCALATION, chart=None, pause="30s"):
        news2 = (pathlib.Path(__file__).parents[2] / "data/scores/news2.tsv").read_text()
        files = {"escalation.tsv": escalation, "chart.tsv": chart or news2.replace("news2", "house_ews", 1)}
        for name, text in files.items():
            (self.place / name).write_text(text)
        config = self.place / "vigil.toml"
        config.write_text(f'[alarms]\nescalation = "{self.place}/escalation.tsv"\naudio_paused_max = "{pause}"\n[scores]\ncharts = "{self.place}/chart.tsv"\n')
        self.server.options = ("--config", str(config))

    def test_hold_from_the_start(self):
        self.configure()
        self.make_token()
        self.server.start()
        patient = self.post("/api/patients", {"display_name": "Ada Example", "birth_date": "1957-02-03", "unit": "ICU", "bed": "01"})["id"]
        wait_until("the patient is watched", lambda: self.get("/api/alarms")["beds"])
        with self.assertRaises(Refused) as refused:
            self.post(f"/api/patients/{patient}/alarm-inactivations", {"kind": "audio-paused", "duration_s": 31, "reason": "x"})
        self.assertEqual(refused.exception.error["message"], "for 1 to 30 seconds")
        scores = [score["key"] for score in self.get(f"/api/patients/{patient}/scores")["scores"]]
        self.assertIn("house_ews", scores)
        self.assertIn("news2", scores)

    def test_that_cannot_be_say_so_and_the_server_does_not_start(self):
        for wrong, said in (({"escalation": ESCALATION.replace("low", "least")}, "escalation.tsv, row 3"),
                            ({"escalation": "priority\tafter_s\ttold\nhigh\t0\tbed\n"}, "alarms.escalation"),
                            ({"chart": "score\tno chart"}, "scores.charts"),
                            ({"pause": "660s"}, "at most 10 minutes")):
            with self.subTest(said):
                self.configure(**wrong)
                done = subprocess.run([BINARY, "serve", "--data", str(self.place / "other"), "--config", str(self.place / "vigil.toml"),
                                       "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--https", "off", "--mqtts", "off"],
                                      capture_output=True, text=True, timeout=PATIENCE_S)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(said, done.stderr)


if __name__ == "__main__":
    AlarmSettings.main()
