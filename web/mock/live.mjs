// The live stream of the mock server.
import { WebSocketServer } from 'ws';
import { encodeWaveformFrame } from './frames.mjs';
import { metricByKey } from './catalogue.mjs';
import { waveforms } from './physiology.mjs';

const iso = (ms) => new Date(ms).toISOString();
const blockMs = 250;
const historyS = 10;

const wants = (choice, key) => choice === 'all' || choice.includes(key);

class Viewer {
  constructor(state, socket, account) {
    Object.assign(this, { state, socket, account, subscription: null, indices: new Map() });
    this.reached = '';
    this.waveformsTo = 0;
    this.send({
      type: 'hello',
      server_time: iso(state.ward.now()),
      heartbeat_s: 1,
      version: '0.1.0',
    });
    socket.on('message', (text) => this.subscribe(JSON.parse(text)));
  }

  send(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  subscribe(subscription) {
    this.subscription = subscription;
    const { resume, waveform_history_s = historyS } = subscription;
    const { ward } = this.state;
    const now = ward.now();
    this.waveformsTo = now - (resume ? 2 * blockMs : 1000 * waveform_history_s);
    if (resume) this.reached = this.reachedNow();
    else this.snapshot(now);
    this.sendWaveforms(Math.floor(now / blockMs) * blockMs, 2);
  }

  shows(patient) {
    return (
      wants(this.subscription.patients, patient.id) &&
      this.state.access.reaches(this.account, patient)
    );
  }

  chosen() {
    const { metrics } = this.subscription;
    return this.state.ward.series.filter(
      (series) => this.shows(series.patient) && wants(metrics, series.metric),
    );
  }

  /** Whom the account reaches has changed: the stream begins anew. */
  renew() {
    if (this.subscription && this.reachedNow() !== this.reached)
      this.snapshot(this.state.ward.now());
  }

  reachedNow() {
    return this.state.ward.patients
      .filter((patient) => this.shows(patient))
      .map(({ id }) => id)
      .join();
  }

  refused() {
    const { patients } = this.subscription;
    if (patients === 'all') return [];
    const shown = this.reachedNow().split(',');
    return patients.filter((id) => !shown.includes(id));
  }

  /** The session has ended (docs/reference/live-stream.md, close codes). */
  end() {
    this.socket.close(1008);
  }

  snapshot(now) {
    const { ward } = this.state;
    const numerics = this.chosen().filter((series) => !waveforms[series.metric]);
    this.reached = this.reachedNow();
    if (this.reached === '' && this.subscription.patients !== 'all') {
      const message = 'this patient is not in your care';
      this.send({ type: 'error', error: { kind: 'forbidden', message, place: '' } });
      this.end();
      return;
    }
    const patients = ward.patients
      .filter((patient) => this.shows(patient))
      .map((patient) => ({
        patient: patient.id,
        readings: numerics
          .filter((series) => series.patient === patient)
          .map((series) => ward.reading(series, ward.lastTime(series, now))),
        devices: ward.devices.filter((device) => device.patient === patient.id),
      }));
    const cursor = ward.position();
    this.send({
      type: 'snapshot',
      cursor,
      server_time: iso(now),
      patients,
      refused: this.refused(),
      last: true,
    });
  }

  indexOf(series) {
    let index = this.indices.get(series);
    if (index !== undefined) return index;
    index = this.indices.size + 1;
    this.indices.set(series, index);
    const { unit, unit_shown } = metricByKey.get(series.metric);
    const { metric } = series;
    const named = {
      index,
      patient: series.patient.id,
      device: series.device.id,
      metric,
      channel: 0,
    };
    this.send({ type: 'series', series: [{ ...named, unit, unit_shown }] });
    return index;
  }

  sendWaveforms(to, flags = 0) {
    if (!this.subscription?.waveforms) return;
    const blocks = [];
    for (const series of this.chosen()) {
      if (!waveforms[series.metric]) continue;
      const block = this.state.ward.waveformBlock(series, this.waveformsTo, to);
      if (block) blocks.push({ index: this.indexOf(series), flags, ...block });
    }
    this.waveformsTo = to;
    if (blocks.length > 0) this.socket.send(encodeWaveformFrame(blocks));
  }

  sendReadings(readings) {
    if (!this.subscription) return;
    const { metrics } = this.subscription;
    const shown = this.reached.split(',');
    const mine = readings.filter(
      (reading) => shown.includes(reading.patient) && wants(metrics, reading.metric),
    );
    if (mine.length === 0) return;
    this.send({
      type: 'readings',
      cursor: this.state.ward.position(),
      replay: false,
      readings: mine,
    });
  }

  heartbeat(now) {
    this.send({
      type: 'heartbeat',
      server_time: iso(now),
      cursor: this.state.ward.position(),
      refused: [],
    });
  }
}

/** Answers upgrades of /api/live; the answer of this function ends all streams. */
export function liveStream(state, server, whoseRequest) {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (request.url.startsWith('/api/alarms/live')) return;
    const account = whoseRequest(request);
    if (!request.url.startsWith('/api/live') || !account) {
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const viewer = new Viewer(state, ws, account);
      state.viewers.add(viewer);
      ws.on('close', () => state.viewers.delete(viewer));
    });
  });
  let last = state.ward.now();
  let beats = 0;
  const ticking = setInterval(() => {
    const now = state.ward.now();
    const readings = state.ward.readingsBetween(last, now);
    last = now;
    beats += 1;
    for (const viewer of state.viewers) {
      viewer.sendReadings(readings);
      viewer.sendWaveforms(now);
      if (beats % (1000 / blockMs) === 0) viewer.heartbeat(now);
    }
  }, blockMs);
  return () => {
    clearInterval(ticking);
    for (const viewer of state.viewers) viewer.socket.terminate();
  };
}
