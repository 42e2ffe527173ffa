// Early-warning scores and rhythms of the made-up ward: NEWS2 in full, of the others as much as a screen shows.
import { Refusal } from './refusal.mjs';

const iso = (ms) => new Date(ms).toISOString();
const minuteMs = 60_000;
const hourMs = 3_600_000;

/** [to, points]: up to and with it; the last is for all above. */
const rows = {
  respiration_rate: [
    [8, 3],
    [11, 1],
    [20, 0],
    [24, 2],
    [Infinity, 3],
  ],
  spo2: [
    [91, 3],
    [93, 2],
    [95, 1],
    [Infinity, 0],
  ],
  systolic_blood_pressure: [
    [90, 3],
    [100, 2],
    [110, 1],
    [219, 0],
    [Infinity, 3],
  ],
  pulse: [
    [40, 3],
    [50, 1],
    [90, 0],
    [110, 1],
    [130, 2],
    [Infinity, 3],
  ],
  temperature: [
    [35, 3],
    [36, 1],
    [38, 0],
    [39, 1],
    [Infinity, 2],
  ],
};
const levels = {
  air_or_oxygen: { air: 0, oxygen: 2 },
  consciousness: { alert: 0, new_confusion: 3, voice: 3, pain: 3, unresponsive: 3 },
};

const pointsOf = (key, value) =>
  levels[key]?.[value] ?? rows[key]?.find(([to]) => Number(value) <= to)?.[1] ?? 0;

/** input, metric, unit, oldest, digits; by a person where a device cannot tell it */
const chart = [
  ['respiration_rate', 'resp_rate', '/min', 300, 0],
  ['spo2', 'spo2', '%', 300, 0],
  ['air_or_oxygen', 'oxygen_therapy', '', 3600, 0, true],
  ['systolic_blood_pressure', 'nibp_sys', 'mmHg', 3600, 0],
  ['pulse', 'heart_rate', '/min', 300, 0],
  ['consciousness', 'avpu', '', 14_400, 0, true],
  ['temperature', 'temp_body', '°C', 14_400, 1],
];

/** What each patient's chart says: null is missing, [value, age in s] may be too old. */
const well = ['16', '97', 'air', '124', '78', 'alert', '36.9'];
const charts = {
  2: ['23', '90', 'oxygen', '112', '104', 'alert', '38.4'],
  3: ['22', '93', 'oxygen', '108', '96', null, ['37.1', 16_000]],
  4: ['16', '97', 'air', '124', '131', 'alert', '37.4'],
  6: ['18', '95', 'air', '109', '88', 'alert', '37.0'],
  8: [null, null, null, null, null, null, null],
};

/** The totals of the last hours: [hours ago, total or null]. */
const pasts = {
  2: [
    [11, 3],
    [8.5, 4],
    [6, 3],
    [4, 5],
    [3.1, null],
    [2.6, 6],
    [1.2, 9],
  ],
  3: [
    [10, 2],
    [7, 3],
    [0.8, null],
  ],
  4: [
    [9, 0],
    [1.5, 3],
  ],
  8: [],
};

function bandOf(total, single) {
  if (total >= 7) return { key: 'high', risk: 'high', rank: 4 };
  if (total >= 5) return { key: 'medium', risk: 'medium', rank: 3 };
  if (single) return { key: 'low_medium', risk: 'low_medium', rank: 2 };
  return total > 0 ? { key: 'low', risk: 'low', rank: 1 } : { key: 'low_0', risk: 'low', rank: 0 };
}

function inputsOf(patient, device, now) {
  const values = charts[patient] ?? well;
  return chart.map(([key, metric, unit_shown, age_max_s, , by_person = false], i) => {
    const said = values[i];
    const [value, age_s] = Array.isArray(said) ? said : [said, by_person ? 2400 : 12 + i * 9];
    const about = { key, parameter: key, optional: false, unit_shown, age_max_s };
    if (value === null)
      return {
        ...about,
        state: 'missing',
        value: null,
        points: null,
        metric: null,
        device: null,
        time: null,
        by_person: false,
        age_s: 0,
        age_max_s: 0,
      };
    const isOld = age_s > age_max_s;
    return {
      ...about,
      state: isOld ? 'too-old' : 'used',
      value,
      points: isOld ? null : pointsOf(key, value),
      metric,
      device: by_person ? null : device,
      time: iso(now - age_s * 1000),
      by_person,
      age_s,
    };
  });
}

/** The nearest values above and below that have other points. */
function changesOf(inputs, { least, most, band }) {
  const found = [];
  for (const { key, value, points, state } of inputs) {
    if (state !== 'used' || !rows[key]) continue;
    const digits = chart.find(([name]) => name === key)[4];
    for (const way of [-1, 1]) {
      for (let n = 1; n < 60; n += 1) {
        const other = (Number(value) + (way * n) / 10 ** digits).toFixed(digits);
        const difference = pointsOf(key, other) - points;
        if (difference === 0) continue;
        const then = bandOf(least + difference, points + difference === 3);
        found.push({
          input: key,
          value: other,
          least: least + difference,
          most: most + difference,
          band: then,
          changes_band: then.key !== band.key,
        });
        break;
      }
    }
  }
  return found;
}

function news2(patient, device, hours, now) {
  const inputs = inputsOf(patient, device, now);
  const lacking = inputs.filter(({ points }) => points === null);
  const has = lacking.length < inputs.length;
  const least = inputs.reduce((sum, { points }) => sum + (points ?? 0), 0);
  const complete = lacking.length === 0;
  const bounds = { least: has ? least : null, most: has ? least + 3 * lacking.length : null };
  const single = inputs.some(({ points }) => points === 3);
  const band = has ? bandOf(least, single) : null;
  const past = pasts[patient] ?? [[9, least]];
  const points = past
    .filter(([ago]) => ago <= hours)
    .map(([ago, total]) => ({
      time: iso(now - ago * hourMs),
      least: total ?? bounds.least,
      most: total ?? bounds.most,
      complete: total !== null,
      superseded: false,
    }));
  const whole = points.filter((one) => one.complete);
  const then = whole[0]?.least ?? null;
  const last = whole.at(-1);
  return {
    key: 'news2',
    name: 'National Early Warning Score (NEWS) 2',
    version: '2017',
    time: iso(now),
    applicability: patient === '5' ? 'assumed-adult' : 'applies',
    complete,
    total: complete ? least : null,
    ...bounds,
    band,
    last_known_band: band,
    single_parameter: band?.key === 'low_medium',
    inputs,
    settings: [{ key: 'spo2_scale', value: '1', by: null, time: null }],
    last_complete: last
      ? { time: complete ? iso(now) : last.time, total: last.least, band: bandOf(last.least) }
      : null,
    observations_due: has ? iso(now + (patient === '2' ? -12 : 50) * minuteMs) : null,
    trend: complete
      ? {
          direction: least > then ? 'rising' : least < then ? 'falling' : 'steady',
          since: whole[0].time,
          then,
          lowest: Math.min(...whole.map((one) => one.least)),
          highest: Math.max(...whole.map((one) => one.least)),
        }
      : null,
    would_change: band ? changesOf(inputs, { ...bounds, band }) : [],
    points,
    citations: [
      'Royal College of Physicians. National Early Warning Score (NEWS) 2: standardising the assessment of acute-illness severity in the NHS. Updated report of a working party. London: RCP, 2017.',
    ],
    terms:
      'The RCP puts no restriction on the text; it asks to be named and that the chart is not changed.',
  };
}

const bare = (key, name, version, time, applicability) => ({
  key,
  name,
  version,
  time,
  applicability,
  complete: false,
  total: null,
  least: null,
  most: null,
  band: null,
  last_known_band: null,
  single_parameter: false,
  inputs: [],
  settings: [],
  last_complete: null,
  observations_due: null,
  trend: null,
  would_change: [],
  points: [],
  citations: ['As published.'],
  terms: 'Published in a journal; the criteria are facts.',
});

function shockIndex(patient, now) {
  const index = patient === '2' ? 0.93 : 0.63;
  const band =
    patient === '2'
      ? { key: 'alert', risk: 'medium', rank: 2 }
      : { key: 'usual', risk: 'low', rank: 0 };
  return {
    ...bare('shock_index', 'Shock index', '2021', iso(now), 'applies'),
    complete: true,
    total: index,
    least: index,
    most: index,
    band,
    last_known_band: band,
    last_complete: { time: iso(now), total: index, band },
    points: [
      { time: iso(now - 5 * hourMs), least: 0.7, most: 0.7, complete: true, superseded: false },
      { time: iso(now - hourMs), least: index, most: index, complete: true, superseded: false },
    ],
  };
}

function needWatched(ward, id) {
  const isInBed = ward.patients.some((one) => one.id === id && one.bed !== null);
  if (isInBed || ward.devices.some((one) => one.patient === id)) return;
  const why = 'nobody watches this patient: give them a bed, or put a device on them';
  throw new Refusal(409, 'conflict', why, 'patient');
}

function scoresOf({ ward }, { id, url }) {
  needWatched(ward, id);
  const now = ward.now();
  const hours = Number(url.searchParams.get('hours') ?? 12);
  const device = ward.devices.find((one) => one.patient === id)?.id ?? null;
  const time = iso(now);
  return {
    pregnancy: ward.pregnancies?.get(id) ?? 'unknown',
    scores: [
      bare('brighton_pews', 'Brighton Paediatric Early Warning Score', '2005', time, 'too-old'),
      shockIndex(id, now),
      withScale(ward, id, news2(id, device, hours, now)),
    ],
  };
}

/** What somebody chose; the mock's points do not follow it. */
function withScale({ scales }, id, score) {
  const chosen = scales?.get(id);
  return chosen ? { ...score, settings: [{ key: 'spo2_scale', ...chosen }] } : score;
}

function setSetting({ ward, alarms }, { id, more, body, by }) {
  if (!body.reason) throw new Refusal(400, 'malformed', 'say why', 'reason');
  if (more === 'pregnancy') {
    ward.pregnancies ??= new Map();
    ward.pregnancies.set(id, body.value);
    return alarms.shown(alarms.bed(id));
  }
  ward.scales ??= new Map();
  ward.scales.set(id, { value: body.value, by: by.username, time: iso(ward.now()) });
  return alarms.shown(alarms.bed(id));
}

/** Of everybody in reach who is watched, without inputs and what would change them. */
function wardScores({ ward, access }, { by, url }) {
  const now = ward.now();
  const unit = url.searchParams.get('unit');
  const of = (patient) => {
    const { trend, ...score } = news2(patient.id, null, 12, now);
    const { key, name, applicability, complete, total, least, most, band, time } = score;
    const told = { key, name, applicability, complete, total, least, most, band, time };
    const direction = trend?.direction ?? null;
    return { ...told, single_parameter: score.single_parameter, direction };
  };
  const patients = access
    .reached(by)
    .filter((patient) => patient.bed !== null && (unit === null || patient.unit === unit))
    .map((patient) => ({ patient: patient.id, scores: [of(patient)] }));
  return { as_of: iso(now), patients };
}

/** What is read of each bed's ECG: [rhythms, lead II, lead V1, every how many beats a ventricular one]. */
const rhythms = {
  2: [['atrial fibrillation'], 'good', 'good', 0],
  4: [['tachycardia', 'frequent ventricular beats'], 'good', 'rate-only', 5],
  8: [[], 'unusable', 'unusable', 0],
};

function beatsOf(rate, everyV, isUneven, now) {
  const beats = [];
  let at = now - 300;
  for (let n = 0; n < 32; n += 1) {
    beats.unshift({ time: iso(at), class: everyV > 0 && n % everyV === 2 ? 'V' : 'N' });
    at -= (60_000 / rate) * (isUneven ? 0.7 + ((n * 7) % 10) / 15 : 1);
  }
  return beats;
}

/** The leads of bed 9 are off, and bed 5 sends nothing. */
function rhythmOf({ ward }, { id }) {
  needWatched(ward, id);
  const now = ward.now();
  const device = ward.devices.find((one) => one.patient === id);
  if (!device || device.connection !== 'connected') return { ecgs: [], pulse_rate: null };
  const [names, first, second, everyV] = rhythms[id] ?? [[], 'good', 'good', 0];
  const isOff = id === '9';
  const usable = first !== 'unusable' && !isOff;
  const rate = id === '4' ? 131 : 78;
  const lead = (metric, quality) => ({
    metric,
    channel: 0,
    quality: isOff ? 'unusable' : quality,
    off: isOff,
  });
  const ecg = {
    device: device.id,
    up_to: iso(now - 200),
    usable,
    heart_rate: usable ? rate : null,
    rhythms: names,
    leads: [lead('ecg_ii', first), lead('ecg_v1', second)],
    beats: usable ? beatsOf(rate, everyV, names.includes('atrial fibrillation'), now) : [],
  };
  return { ecgs: [ecg], pulse_rate: id === '3' ? null : rate };
}

/** [method, path, needs, answer] */
export const scoreRoutes = [
  ['GET', '/api/scores', ['vitals', 'r'], wardScores],
  ['GET', '/api/patients/:id/scores', ['vitals', 'r', ({ id }) => id], scoresOf],
  ['PUT', '/api/patients/:id/score-settings/:more', ['orders', 'w', ({ id }) => id], setSetting],
  ['GET', '/api/patients/:id/rhythm', ['vitals', 'r', ({ id }) => id], rhythmOf],
];
