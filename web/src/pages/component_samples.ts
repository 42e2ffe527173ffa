// Made-up data for the components page: a value in every look, a bed in every state.
import type { Device, Metric, Patient, Reading, StatusFlag } from '../api/shapes';
import { PatientLive, putBlock } from '../state/patient_live';
import type { ValueView } from '../vital/value_view';

const metric = (key: string, unit: string, unit_shown: string, expected: number): Metric => ({
  key,
  display: key,
  kind: 'numeric',
  unit,
  unit_shown,
  expected_interval_s: expected,
  plausible_min: null,
  plausible_max: null,
  molar_mass: null,
  mdc_refid: '',
  mdc_code: 0,
  loinc: '',
});

export const sampleCatalogue: ReadonlyMap<string, Metric> = new Map(
  [
    metric('heart_rate', '/min', '1/min', 1),
    metric('spo2', '%', '%', 1),
    metric('resp_rate', '/min', '1/min', 1),
    metric('nibp_sys', 'mm[Hg]', 'mmHg', 0),
    metric('nibp_dia', 'mm[Hg]', 'mmHg', 0),
    metric('nibp_mean', 'mm[Hg]', 'mmHg', 0),
    metric('temp_body', 'Cel', '°C', 60),
    metric('ecg_ii', 'mV', 'mV', 1),
    metric('pleth', '1', '', 1),
  ].map((row) => [row.key, row]),
);

export function sampleReading(
  key: string,
  value: string,
  atMs: number,
  status: StatusFlag[] = [],
): Reading {
  const known = sampleCatalogue.get(key);
  const time = new Date(atMs).toISOString();
  return {
    patient: '1',
    device: 'monitor-01',
    metric: key,
    channel: 0,
    type: 'numeric',
    value,
    display: null,
    unit: known?.unit ?? '',
    unit_shown: known?.unit_shown ?? '',
    normal: value,
    special: null,
    status,
    filed_time: time,
    device_time: time,
    receive_time: time,
    sequence: 0,
    position: null,
  };
}

export function sampleViews(): { name: string; view: ValueView }[] {
  const origin = sampleReading('heart_rate', '72', 0);
  const plain = { text: '72', aside: '', unit: '/min', marks: [], words: false, origin };
  const now = { unit: 'now' } as const;
  const second = (count: number) => ({ unit: 'second', count }) as const;
  const minute = (count: number) => ({ unit: 'minute', count }) as const;
  return [
    { name: 'fresh', view: { ...plain, look: 'fresh', age: now } },
    { name: 'stale', view: { ...plain, look: 'stale', age: second(4) } },
    { name: 'absent', view: { ...plain, look: 'absent', age: minute(2) } },
    { name: 'none', view: { look: 'none' } },
    {
      name: 'questionable',
      view: { ...plain, look: 'fresh', age: now, marks: ['questionable'] },
    },
    {
      name: 'marked',
      view: {
        ...plain,
        look: 'fresh',
        age: now,
        marks: [
          'manual',
          'estimated',
          'corrected',
          'invalid',
          'not_stored',
          'device_alarm',
          'test',
        ],
      },
    },
    {
      name: 'special',
      view: { ...plain, text: 'over range', unit: '', words: true, look: 'fresh', age: now },
    },
    {
      name: 'episodic',
      view: {
        ...plain,
        text: '124/76',
        aside: '(92)',
        unit: 'mmHg',
        look: 'episodic',
        age: minute(12),
      },
    },
  ];
}

const patient: Patient = {
  id: '1',
  display_name: 'Ada Example',
  initials: 'AE',
  fhir_id: null,
  identifier: 'MRN-1',
  birth_date: '1957-02-03',
  sex: 'female',
  unit: 'ICU 1',
  bed: '01',
  registered: '2026-01-01T00:00:00Z',
};

const device = (atMs: number, part: Partial<Device>): Device => ({
  id: 'monitor-01',
  display: 'Bedside monitor 01',
  model: '',
  credential: 'token',
  certificate: null,
  enrolment: null,
  registered: patient.registered,
  connection: 'connected',
  since: new Date(atMs).toISOString(),
  last_seen: null,
  battery: null,
  clock: null,
  gateway: null,
  patient: '1',
  attached_from: patient.registered,
  ...part,
});

export interface SampleBed {
  name: string;
  patient: PatientLive;
}

function bed(name: string, atMs: number, part: Partial<Device> | null, status: StatusFlag[] = []) {
  const live = new PatientLive({ ...patient, id: '1' }, sampleCatalogue);
  if (part) live.putDevice(device(atMs, part));
  for (const [key, value] of [
    ['heart_rate', '72'],
    ['spo2', '97'],
    ['resp_rate', '16'],
    ['nibp_sys', '124'],
    ['nibp_dia', '76'],
    ['nibp_mean', '92'],
    ['temp_body', '36.9'],
  ] as const)
    live.put(sampleReading(key, value, atMs, status));
  return { name, patient: live };
}

export function sampleBeds(nowMs: number): SampleBed[] {
  const empty = new PatientLive(patient, sampleCatalogue);
  return [
    bed('fresh', nowMs, {}),
    bed('questionable', nowMs, { battery: { percent: '9', time: '' } }, [
      'questionable',
      'not_stored',
    ]),
    bed('stale', nowMs - 3_500, {}),
    bed('absent', nowMs - 130_000, { connection: 'disconnected' }),
    { name: 'empty', patient: empty },
  ];
}

const blockMs = 250;
const periodMs = 5;

/** Gives a bed an ECG and a pleth that go on; the answer ends them. */
export function sampleWaves(live: PatientLive): () => void {
  const named = { patient: '1', device: 'monitor-01', channel: 0, unit_shown: '' };
  const ecg = live.track({ ...named, index: 1, metric: 'ecg_ii', unit: 'mV' });
  const pleth = live.track({ ...named, index: 2, metric: 'pleth', unit: '1' });
  let at = Math.floor(Date.now() / blockMs) * blockMs - 10_000;
  const feed = () => {
    const until = Date.now();
    for (; at + blockMs <= until; at += blockMs) {
      const times = Array.from({ length: blockMs / periodMs }, (_, i) => at + i * periodMs);
      const beat = (ms: number) => (ms % 830) / 830;
      const peak = (x: number, w: number) => Math.exp(-((x / w) ** 2));
      const block = { startMs: at, periodMs, discontinuity: false, replayed: until - at > 1000 };
      const samples = (shape: (phase: number) => number) =>
        Float32Array.from(times, (ms) => shape(beat(ms)));
      putBlock(
        ecg,
        {
          ...block,
          index: 1,
          samples: samples((x) => 1.1 * peak(x - 0.3, 0.012) + 0.25 * peak(x - 0.55, 0.05)),
        },
        performance.now(),
      );
      putBlock(
        pleth,
        {
          ...block,
          index: 2,
          samples: samples((x) => peak(x - 0.4, 0.14) + 0.4 * peak(x - 0.68, 0.12)),
        },
        performance.now(),
      );
    }
  };
  feed();
  const timer = setInterval(feed, blockMs);
  return () => clearInterval(timer);
}
