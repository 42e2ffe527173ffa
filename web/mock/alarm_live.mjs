// The alarms' own stream of the mock server (docs/reference/alarms-api.md).
import { WebSocketServer } from 'ws';
import { confirmDisplay, displayAnswer, lookAtDisplays } from './displays.mjs';

const beatMs = 1000;

class AlarmViewer {
  constructor({ alarms, access }, socket, account) {
    Object.assign(this, { alarms, access, socket, account, number: 0, shown: 0 });
    const server_time = alarms.now();
    this.send({ type: 'hello', server_time, heartbeat_s: beatMs / 1000, version: '0.1.0' });
    this.renew();
    socket.on('message', (text) => {
      const frame = JSON.parse(text);
      if (frame.type === 'shown') this.shown = frame.number;
      if (frame.type === 'display') {
        const answer = displayAnswer({ alarms }, frame);
        this.display = answer.expected ? answer.id : null;
        this.send(answer);
      }
      if (frame.type === 'painted') confirmDisplay({ alarms }, this.display, frame.sound);
    });
  }

  send(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  reaches({ patient }) {
    return patient === null || this.access.reached(this.account).some(({ id }) => id === patient);
  }

  beds(all, beds) {
    this.number += 1;
    this.send({ type: 'beds', number: this.number, all, beds });
  }

  renew() {
    this.beds(
      true,
      this.alarms.all().filter((bed) => this.reaches(bed)),
    );
  }

  changed(bed) {
    if (this.reaches(bed)) this.beds(false, [bed]);
  }

  heartbeat() {
    const time = this.alarms.now();
    const { watching } = this.alarms;
    this.send({ type: 'heartbeat', server_time: time, as_of: time, watching });
  }

  end() {
    this.socket.close(1008);
  }
}

/** Answers upgrades of /api/alarms/live; the answer of this function ends all streams. */
export function alarmStream(state, server, whoseRequest) {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (!request.url.startsWith('/api/alarms/live')) return;
    const account = whoseRequest(request);
    if (!account) {
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const viewer = new AlarmViewer(state, ws, account);
      state.alarmViewers.add(viewer);
      ws.on('close', () => state.alarmViewers.delete(viewer));
    });
  });
  state.alarms.onBed = (bed) => state.alarmViewers.forEach((viewer) => viewer.changed(bed));
  const beating = setInterval(() => {
    lookAtDisplays(state);
    for (const viewer of state.alarmViewers) viewer.heartbeat();
  }, beatMs);
  return () => {
    clearInterval(beating);
    for (const viewer of state.alarmViewers) viewer.socket.terminate();
  };
}
