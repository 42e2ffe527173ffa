// A made-up ward and what its devices say: the state behind the mock server.
import { equip, offer } from './certificates.mjs';
import { metricByKey } from './catalogue.mjs';
import { chance, everySeconds, vital, vitalText, waveform, waveforms } from './physiology.mjs';

const given = ['Ada', 'Björn', 'Chidi', 'Dora', 'Emre', 'Fatima', 'Grace', 'Hiro', 'Ines', 'Jonas'];
const family = ['Almeida', 'Brandt', 'Costa', 'Dupont', 'Eriksen', 'Fischer', 'Garcia', 'Haddad'];

const bedside = ['heart_rate', 'spo2', 'pulse_rate_spo2', 'resp_rate', 'temp_body'];
const cuff = ['nibp_sys', 'nibp_dia', 'nibp_mean'];
const invasive = ['abp_sys', 'abp_dia', 'abp_mean', 'cvp_mean', 'etco2'];

const iso = (ms) => new Date(ms).toISOString();
const secret = () =>
  Buffer.from(`${Math.random()}${Math.random()}`).toString('base64url').slice(0, 32);

/** What is wrong at a bed, by its number: each look of a value is somewhere on the ward. */
const troubles = {
  3: 'sensor_off',
  5: 'disconnected',
  6: 'clock_off',
  7: 'questionable',
  8: 'low_battery',
  9: 'leads_off',
};

export class MockWard {
  constructor({ beds = 12, now = Date.now } = {}) {
    this.now = now;
    this.started = now();
    this.offset = 1000;
    this.patients = [];
    this.devices = [];
    this.associations = [];
    this.series = [];
    for (let n = 1; n <= beds; n += 1) this.admit(n);
    this.addUnattached();
    equip(this.devices, this.started);
    /** What a test says was read of an ECG: [{patient, rhythm, from, to}]. */
    this.rhythms = [];
    /** Where a test says nothing was sampled: [{patient, metric, from, to}]. */
    this.holes = [];
    this.quarantine = makeQuarantine(this.started);
  }

  position() {
    return `0:${this.offset}`;
  }

  admit(n) {
    const first = given[(n * 7) % given.length];
    const last = family[(n * 5 + Math.floor(n / 8)) % family.length];
    const bed = String(n).padStart(2, '0');
    const patient = {
      id: String(n),
      display_name: `${first} ${last}`,
      initials: first[0] + last[0],
      fhir_id: `patient-${n}`,
      identifier: `MRN-${4000 + n * 37}`,
      birth_date: `${1935 + ((n * 13) % 60)}-0${1 + (n % 9)}-1${n % 10}`,
      sex: n % 2 ? 'female' : 'male',
      unit: 'ICU 1',
      bed,
      registered: iso(this.started - 400 * 86_400_000),
    };
    this.patients.push(patient);
    const trouble = troubles[n] ?? null;
    const monitor = this.addDevice(`monitor-${bed}`, `Bedside monitor ${bed}`, patient.id, trouble);
    const metrics = [...bedside, ...cuff, ...(n % 4 === 1 ? invasive : [])];
    for (const metric of metrics) this.addSeries(patient, monitor, metric, trouble);
    const waves = [
      'ecg_ii',
      'pleth',
      'resp_wave',
      ...(n % 4 === 1 ? ['abp_wave', 'co2_wave'] : []),
      ...(n === 4 ? ['ecg_i', 'ecg_v'] : []),
    ];
    for (const metric of waves) this.addSeries(patient, monitor, metric, trouble);
    if (n % 6 === 2)
      this.addSeries(
        patient,
        this.addDevice(`cgm-${bed}`, 'Glucose sensor', patient.id),
        'glucose_cgm',
        null,
      );
  }

  addDevice(id, display, patient, trouble = null) {
    const since = trouble === 'disconnected' ? this.started - 130_000 : this.started - 3_600_000;
    const device = {
      id,
      display,
      model: '',
      credential: 'token',
      certificate: null,
      enrolment: null,
      registered: iso(this.started - 90 * 86_400_000),
      connection: trouble === 'disconnected' ? 'disconnected' : 'connected',
      since: iso(since),
      last_seen: iso(since),
      battery: { percent: trouble === 'low_battery' ? '9' : '84', time: iso(this.started) },
      clock:
        trouble === 'clock_off'
          ? { state: 'off', offset_ms: -754_000 }
          : { state: 'good', offset_ms: 12 },
      gateway: null,
      patient,
      attached_from: patient ? iso(this.started - 2 * 86_400_000) : null,
    };
    this.devices.push(device);
    if (patient) this.remember(device, patient, device.attached_from);
    return device;
  }

  addUnattached() {
    const spare = this.addDevice('monitor-spare', 'Spare monitor', null);
    Object.assign(spare, { connection: 'never', last_seen: null, battery: null, clock: null });
  }

  remember(device, patient, from) {
    this.associations.push({
      device: device.id,
      patient,
      from,
      to: null,
      origin: 'manual',
      recorded: from,
      by: 'admin',
    });
  }

  addSeries(patient, device, metric, trouble) {
    let endsAt = Infinity;
    if (trouble === 'disconnected') endsAt = this.started - 130_000;
    const optical = ['spo2', 'pulse_rate_spo2', 'pleth'].includes(metric);
    if (trouble === 'sensor_off' && optical) endsAt = this.started - 4_000;
    const status = [];
    if (trouble === 'questionable' && optical) status.push('questionable', 'signal_poor');
    if (trouble === 'questionable' && metric === 'temp_body') status.push('manual');
    const special =
      trouble === 'leads_off' && ['heart_rate', 'resp_rate'].includes(metric)
        ? 'not_available'
        : null;
    if (special) status.push('not_available');
    const every = everySeconds[metric] ?? 1;
    this.series.push({ patient, device, metric, endsAt, status, special, every });
  }

  /** The newest time at or before `ms` at which a series has a value. */
  lastTime(series, ms) {
    const end = Math.min(ms, series.endsAt);
    const step = series.every * 1000;
    const phase = Math.floor(chance(series.patient.id, series.metric.replace(/_.*/, '')) * step);
    return Math.floor((end - phase) / step) * step + phase;
  }

  reading(series, at) {
    const metric = metricByKey.get(series.metric);
    const { special } = series;
    const isWave = series.metric in waveforms;
    const value = special || isWave ? null : vitalText(series.patient.id, series.metric, at);
    return {
      patient: series.patient.id,
      device: series.device.id,
      metric: series.metric,
      channel: 0,
      type: 'numeric',
      value,
      display: null,
      unit: metric.unit,
      unit_shown: metric.unit_shown,
      normal: value,
      special,
      status: series.status,
      filed_time: iso(at),
      device_time: iso(at),
      receive_time: iso(at + 40),
      sequence: 0,
      position: this.position(),
    };
  }

  describe(series, now) {
    const metric = metricByKey.get(series.metric);
    const wave = metric.kind === 'waveform';
    const last = wave ? Math.min(now, series.endsAt) : this.lastTime(series, now);
    return {
      patient: series.patient.id,
      device: series.device.id,
      metric: series.metric,
      channel: 0,
      kind: metric.kind,
      unit: metric.unit,
      unit_shown: metric.unit_shown,
      expected_interval_s: metric.expected_interval_s,
      first: iso(this.started - 400 * 86_400_000),
      last: iso(last),
      count: 100000,
      latest: wave ? null : this.reading(series, last),
      age_s: (now - last) / 1000,
      freshness: metric.expected_interval_s === 0 ? 'episodic' : 'fresh',
    };
  }

  of(patient) {
    return this.series.filter((series) => series.patient.id === patient);
  }

  bed(patient, now) {
    return {
      unit: patient.unit,
      bed: patient.bed,
      patient,
      devices: this.devices.filter((device) => device.patient === patient.id),
      series: this.of(patient.id).map((series) => this.describe(series, now)),
    };
  }

  /** Readings that became due in (from, to]. */
  readingsBetween(from, to) {
    const due = [];
    for (const series of this.series) {
      if (waveforms[series.metric]) continue;
      const at = this.lastTime(series, to);
      if (at > from) due.push(this.reading(series, at));
    }
    if (due.length > 0) this.offset += 1;
    return due;
  }

  /** What these metrics of a patient had in [from, to), in order of time. */
  readings(patient, metrics, from, to) {
    const found = [];
    for (const series of this.of(patient)) {
      if (!metrics.includes(series.metric)) continue;
      const stepMs = series.every * 1000;
      for (let at = this.lastTime(series, to - 1); at >= from; at -= stepMs)
        found.push(this.reading(series, at));
    }
    return found.sort((a, b) => a.filed_time.localeCompare(b.filed_time));
  }

  waveformBlock(series, from, to) {
    const [periodMs, scale, offset] = waveforms[series.metric];
    const end = Math.min(to, series.endsAt);
    const first = Math.ceil(from / periodMs);
    const count = Math.ceil(end / periodMs) - first;
    if (count <= 0) return null;
    const values = Array.from({ length: count }, (_, i) =>
      this.sample(series, (first + i) * periodMs),
    );
    return { startMs: first * periodMs, periodMs, scale, offset, values };
  }

  sample({ patient, metric }, ms) {
    const isHole = this.holes.some(
      (hole) =>
        hole.patient === patient.id && hole.metric === metric && hole.from <= ms && ms < hole.to,
    );
    return isHole ? null : waveform(patient.id, metric, ms);
  }

  window(patient, metric, from, to, points) {
    const known = this.of(patient).find((series) => series.metric === metric);
    const described = metricByKey.get(metric);
    const step = (everySeconds[metric] ?? 1) * 1000;
    const raw = (to - from) / step <= points;
    const bucket = raw ? step : Math.max(60_000, Math.ceil((to - from) / points / 60_000) * 60_000);
    const columns = { t: [], min: [], max: [], mean: [], last: [], count: [] };
    const end = Math.min(to, this.now(), known?.endsAt ?? 0);
    for (let t = Math.ceil(from / bucket) * bucket; known && t < end; t += bucket) {
      const mean = vital(patient, metric, t);
      const spread = raw ? 0 : Math.abs(mean) * 0.03 * (0.4 + chance(patient, metric, t));
      columns.t.push(t);
      columns.min.push(mean - spread);
      columns.max.push(mean + spread);
      columns.mean.push(mean);
      columns.last.push(mean);
      columns.count.push(raw ? 1 : bucket / step);
    }
    const value = raw ? { value: columns.mean.map((v) => v.toFixed(1)) } : {};
    return {
      metric,
      unit: described.unit,
      unit_shown: described.unit_shown,
      from: iso(from),
      to: iso(to),
      resolution: raw
        ? 'raw'
        : bucket >= 86_400_000
          ? 'day'
          : bucket >= 3_600_000
            ? 'hour'
            : 'minute',
      bucket_s: raw ? 0 : bucket / 1000,
      series: known ? [{ device: known.device.id, channel: 0, ...columns, ...value }] : [],
    };
  }

  attach(device, patient, from) {
    this.detach(device);
    Object.assign(device, { patient, attached_from: from });
    this.remember(device, patient, from);
    return this.associations.at(-1);
  }

  detach(device) {
    const open = this.associations.findLast((it) => it.device === device.id && it.to === null);
    if (open) open.to = iso(this.now());
    Object.assign(device, { patient: null, attached_from: null });
    return open;
  }

  register({ id, display, credential = 'token', gateway = null }) {
    const device = this.addDevice(id, display || id, null);
    Object.assign(device, {
      gateway,
      credential: gateway ? 'none' : credential,
      connection: 'never',
      last_seen: null,
      battery: null,
      clock: null,
    });
    if (gateway) return { device, secret: null };
    if (credential === 'enrolment') {
      device.credential = 'none';
      return { device, secret: offer(device, this.now()) };
    }
    if (credential === 'token')
      return { device, secret: { type: 'token', username: id, password: secret() } };
    const pem = (what) => `-----BEGIN ${what}-----\n${secret()}\n-----END ${what}-----\n`;
    return {
      device,
      secret: {
        type: 'certificate',
        certificate_pem: pem('CERTIFICATE'),
        private_key_pem: pem('PRIVATE KEY'),
        authority_pem: pem('CERTIFICATE'),
      },
    };
  }
}

function makeQuarantine(started) {
  const item = (n, minutes, sender, topic, type, bytes, kind, message, place) => ({
    id: `0:${n}`,
    receive_time: iso(started - minutes * 60_000),
    protocol: 'mqtt',
    sender,
    device: sender,
    topic,
    content_type: type,
    size: Buffer.from(bytes).length,
    reason: { kind, message, place },
    state: 'open',
    decided_by: null,
    decided_at: null,
    note: null,
    bytes: Buffer.from(bytes).toString('base64'),
  });
  return [
    ...[2, 7, 19, 40].map((minutes) =>
      item(
        911 - minutes,
        minutes,
        'monitor-03',
        'vigil/monitor-03/telemetry',
        'application/json',
        '{"heart_rate": 72, "ts": "yesterday"}',
        'malformed',
        'The time "yesterday" is neither RFC 3339 nor a number.',
        '/ts',
      ),
    ),
    item(
      702,
      134,
      'gateway-2',
      'vigil/gateway-2/ble/2a35',
      'application/octet-stream',
      Uint8Array.from([0x16, 0x7c, 0x00, 0x50, 0x00, 0x5f]),
      'malformed',
      'The blood pressure measurement ends before its time stamp.',
      'byte 6',
    ),
    ...['thermo-9', 'thermo-10'].map((device, n) =>
      item(
        655 + n,
        190 - n,
        'gateway-2',
        'vigil/gateway-2/telemetry',
        'application/json',
        `{"device": "${device}", "temp_body": {"value": 37.1, "unit": "Cel"}}`,
        'unknown_device',
        'the message names a device that is not registered; register it and replay',
        device,
      ),
    ),
  ];
}
