// Made-up patients: values and waveforms as functions of time, the same for every run.
import { chance } from './chance.mjs';
import { beatMs, ecg } from './ecg.mjs';

export { chance };

const day = 86_400_000;

/** metric → [typical value, spread between patients, swing over a day, noise, digits] */
const shape = {
  heart_rate: [78, 14, 9, 1.6, 0],
  spo2: [96.5, 2, 0.7, 0.5, 0],
  pulse_rate_spo2: [78, 14, 9, 1.8, 0],
  resp_rate: [16, 4, 2, 0.8, 0],
  nibp_sys: [124, 18, 8, 4, 0],
  nibp_dia: [76, 10, 5, 3, 0],
  nibp_mean: [92, 12, 6, 3, 0],
  temp_body: [36.9, 0.7, 0.3, 0.05, 1],
  etco2: [38, 4, 2, 0.8, 0],
  abp_sys: [122, 16, 8, 2, 0],
  abp_dia: [70, 9, 5, 1.5, 0],
  abp_mean: [88, 11, 6, 1.6, 0],
  cvp_mean: [8, 3, 1, 0.5, 0],
  glucose_cgm: [118, 20, 25, 3, 0],
};

export const everySeconds = {
  heart_rate: 1,
  spo2: 1,
  pulse_rate_spo2: 1,
  resp_rate: 1,
  etco2: 1,
  abp_sys: 1,
  abp_dia: 1,
  abp_mean: 1,
  cvp_mean: 1,
  temp_body: 60,
  glucose_cgm: 300,
  nibp_sys: 900,
  nibp_dia: 900,
  nibp_mean: 900,
};

export function vital(patient, metric, ms) {
  const pressure = /^(nibp|abp)_mean$/.exec(metric)?.[1];
  if (pressure) {
    const low = vital(patient, `${pressure}_dia`, ms);
    return low + (vital(patient, `${pressure}_sys`, ms) - low) / 3;
  }
  const [typical, spread, swing, noise] = shape[metric];
  const of = metric === 'pulse_rate_spo2' ? 'heart_rate' : metric;
  const own = typical + spread * (chance(patient, of) * 2 - 1);
  const slow = swing * Math.sin((2 * Math.PI * ms) / day + 6 * chance(patient, of, 'phase'));
  const spell = swing * 0.6 * Math.sin(ms / 900_000 + 9 * chance(patient, 'spell'));
  const step = everySeconds[metric] * 1000;
  const jitter = noise * (chance(patient, metric, Math.floor(ms / step)) * 2 - 1);
  const value = own + slow + spell + jitter;
  return metric === 'spo2' ? Math.min(100, value) : value;
}

export const vitalText = (patient, metric, ms) =>
  vital(patient, metric, ms).toFixed(shape[metric][4]);

const bump = (phase, at, width, height) => height * Math.exp(-(((phase - at) / width) ** 2));

function pulse(phase) {
  return bump(phase, 0.3, 0.13, 1) + bump(phase, 0.58, 0.14, 0.45);
}

/** metric → [period in ms, scale, offset, unit, unit shown] of its blocks. */
export const waveforms = {
  ecg_i: [4, 0.005, 0, 'mV', 'mV'],
  ecg_ii: [4, 0.005, 0, 'mV', 'mV'],
  ecg_v: [4, 0.005, 0, 'mV', 'mV'],
  pleth: [8, 0.001, 0, '1', ''],
  resp_wave: [40, 0.001, 0, 'Ohm', 'Ω'],
  abp_wave: [8, 0.1, 0, 'mm[Hg]', 'mmHg'],
  co2_wave: [40, 0.01, 0, 'mm[Hg]', 'mmHg'],
};

export function waveform(patient, metric, ms) {
  const beat = beatMs(patient);
  const breath = 60_000 / (16 + 4 * (chance(patient, 'resp_rate') * 2 - 1));
  const cycle = (ms / beat) % 1;
  const breathing = (ms / breath) % 1;
  const sway = Math.sin(2 * Math.PI * breathing);
  if (metric.startsWith('ecg_'))
    return ecg(patient, metric, ms) + 0.05 * sway + 0.012 * (chance(patient, metric, ms) - 0.5);
  if (metric === 'pleth') return pulse((cycle + 0.75) % 1) * (1 + 0.08 * sway);
  if (metric === 'abp_wave') return 72 + 50 * pulse((cycle + 0.82) % 1) + 3 * sway;
  if (metric === 'co2_wave')
    return 38 / (1 + Math.exp(-60 * (breathing - 0.4))) / (1 + Math.exp(80 * (breathing - 0.95)));
  return sway + 0.25 * Math.sin(4 * Math.PI * breathing + 0.6);
}
