"""Screens that have to confirm that they tell alarms: one that stops is an alarm on the others."""
from alarm_screen import AlarmScreen
from paging_system import PagingSystem
from ward import ServerTest, wait_until


class AlarmDisplays(ServerTest):
    def setUp(self):
        super().setUp()
        self.paging = PagingSystem()
        self.addCleanup(self.paging.close)
        config = self.place / "vigil.toml"
        config.write_text(f'[alarms]\nwebhook_endpoints = "{self.paging.url}"\n')
        self.server.options = ("--config", str(config))
        self.make_token()
        self.server.start()
        self.post("/api/patients", {"display_name": "Ada Example", "birth_date": "1957-02-03", "unit": "ICU", "bed": "01"})

    def screen(self):
        stream = AlarmScreen(self.server, self.token)
        self.addCleanup(stream.close)
        return stream

    def lost(self, display):
        return lambda it: "display_lost" in it.alarms(display["id"])

    def confirm_until(self, screen, other, holds):
        """Each second, as a screen does, until another one shows it."""
        while not holds(other):
            heard = screen.heartbeat
            while screen.heartbeat is heard:
                screen.next()
            screen.painted()
            other.next()

    def test_one_that_stops_is_an_alarm_elsewhere_and_ends_when_it_confirms_again(self):
        display = self.post("/api/alarm-displays", {"name": "desk", "unit": "ICU"})
        self.assertEqual((display["name"], display["unit"], display["sounds"], display["lost_since"]), ("desk", "ICU", True, None))
        central, other = self.screen(), self.screen()
        with self.subTest("another key"):
            self.assertFalse(central.is_display({**display, "key": "no"})["expected"])
        self.assertTrue(central.is_display(display)["expected"])
        seconds = iter(range(14))
        self.confirm_until(central, other, lambda _: next(seconds, None) is None)
        self.assertFalse(self.lost(display)(other), "it confirms")
        other.until(self.lost(display))
        alarm = other.alarms(display["id"])["display_lost"]
        self.assertEqual((alarm["priority"], alarm["class"], alarm["detail"], alarm["audible"]), ("medium", "technical", "desk", True))
        self.assertEqual(other.beds[display["id"]]["screen_name"], "desk")
        (listed,) = self.get("/api/alarm-displays")["displays"]
        self.assertIsNotNone(listed["lost_since"])
        self.assertNotIn("key", listed)
        self.confirm_until(central, other, lambda it: not self.lost(display)(it))
        self.assertEqual(self.call("DELETE", f"/api/alarm-displays/{display['id']}", {"reason": "the desk moves"})["displays"], [])
        def types():
            return [event["type"] for event in self.get("/api/alarms/events")["events"] if event["screen"]]
        wait_until("it is on record", lambda: types()[0] == "display-released")
        self.assertEqual(types()[-1], "display-expected")
        self.assertIn("onset", types())

    def test_it_is_expected_after_a_kill_and_told_away_from_the_screens(self):
        self.post("/api/alarm-contacts", {"name": "Paging", "as": ["central"], "unit": "ICU", "channel": "webhook", "address": self.paging.url})
        display = self.post("/api/alarm-displays", {"name": "desk", "unit": "ICU"})
        self.server.kill()
        self.server.start()
        self.screen().until(self.lost(display))
        _, _, told = self.paging.next()
        self.assertEqual((told["type"], told["place"], told["words"]), ("alarm", "ICU, screen desk", "Display does not confirm"))


if __name__ == "__main__":
    AlarmDisplays.main()
