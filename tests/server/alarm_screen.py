"""A screen that shows alarms: the stream of docs/reference/alarms-api.md."""
import json

from websocket import WebSocket


class AlarmScreen:
    """The beds as it shows them, by patient or device."""

    def __init__(self, server, token):
        self.socket = WebSocket(server, "/api/alarms/live", authorization=f"Bearer {token}")
        self.beds, self.frames, self.heartbeat = {}, 0, None
        while self.frames == 0:
            self.next()

    def next(self):
        frame = json.loads(self.socket.text())
        if frame["type"] == "beds":
            if frame["all"]:
                self.beds = {}
            self.beds.update({bed["patient"] or bed["device"] or bed["screen"]: bed for bed in frame["beds"]})
            self.frames = frame["number"]
            self.socket.send({"type": "shown", "number": frame["number"]})
        if frame["type"] == "heartbeat":
            self.heartbeat = frame
        return frame

    def until(self, holds):
        while not holds(self):
            self.next()
        return self

    def alarms(self, bed):
        return {alarm["condition"]: alarm for alarm in self.beds.get(bed, {"alarms": []})["alarms"] if alarm["visual"]}

    def is_display(self, display):
        """Says which screen that has to confirm this is: what the server answers."""
        self.socket.send({"type": "display", "id": display["id"], "key": display["key"]})
        while (frame := self.next())["type"] != "display":
            pass
        return frame

    def painted(self, sound=True):
        """After each heartbeat, once it is on the glass."""
        self.socket.send({"type": "painted", "number": self.frames, "sound": sound})

    def close(self):
        self.socket.close()
