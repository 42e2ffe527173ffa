// The electrocardiogram of made-up patients: mostly sinus rhythm, now and then a premature beat, and whoever has
// a rhythm of their own (docs/reference/alarms-api.md, beats).
import { chance } from './chance.mjs';

const bump = (phase, at, width, height) => height * Math.exp(-(((phase - at) / width) ** 2));

/** How large each wave is in a lead, against lead II. */
const leads = {
  ecg_ii: { p: 1, q: 1, r: 1, s: 1, t: 1, v: 1 },
  ecg_i: { p: 0.6, q: 0.8, r: 0.62, s: 0.6, t: 0.7, v: -0.5 },
  ecg_v: { p: 0.4, q: 0.2, r: 0.9, s: 2.6, t: 1.3, v: 0.8 },
};

/** Phase at which the R wave of a beat is. */
const rPhase = { N: 0.37, S: 0.2, V: 0.14 };

/** Of the n-th beat of a patient: about one in forty comes too early. */
export function classOf(patient, n) {
  const draw = chance(patient, 'beat', n);
  // Never two in a row: it is no run.
  if (draw < 0.025 && classOf(patient, n - 1) === 'N') return 'V';
  return draw > 0.985 && classOf(patient, n - 1) === 'N' ? 'S' : 'N';
}

export const beatMs = (patient) => 60_000 / (78 + 14 * (chance(patient, 'heart_rate') * 2 - 1));

function beat(kind, phase, { p, q, r, s, t, v }) {
  const at = rPhase[kind];
  if (kind === 'V')
    return bump(phase, at, 0.045, 1.5 * v) + bump(phase, at + 0.16, 0.07, -0.55 * v);
  return (
    (kind === 'S' ? 0.6 : 1) * bump(phase, at - 0.17, 0.028, 0.14 * p) +
    bump(phase, at - 0.018, 0.011, -0.12 * q) +
    bump(phase, at, 0.012, 1.1 * r) +
    bump(phase, at + 0.02, 0.012, -0.26 * s) +
    bump(phase, at + 0.25, 0.06, 0.28 * t)
  );
}

export function ecg(patient, metric, ms) {
  const length = beatMs(patient);
  const n = Math.floor(ms / length);
  const shape = leads[metric] ?? leads.ecg_ii;
  let value = 0;
  // The waves of a beat reach into its neighbours.
  for (const number of [n - 1, n, n + 1])
    value += beat(classOf(patient, number), ms / length - number, shape);
  return value;
}

export function beatsBetween(patient, from, to) {
  const length = beatMs(patient);
  const beats = [];
  for (let n = Math.floor(from / length) - 1; n * length < to; n += 1) {
    const kind = classOf(patient, n);
    const at = Math.round((n + rPhase[kind]) * length);
    if (at >= from && at < to) beats.push({ time: new Date(at).toISOString(), class: kind });
  }
  return beats;
}
