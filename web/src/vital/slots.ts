// Which series answer the questions of a bed tile and of the patient view: what is the heart rate, the
// saturation, the breathing, the pressure? Several devices may answer; the freshest, then the
// preferred source, is shown.
import type { SeriesLive } from '../state/patient_live';
import { freshness } from './freshness';

export type WaveColour = 'ecg' | 'pleth' | 'resp' | 'abp' | 'cvp' | 'co2' | 'temp' | 'other';

export interface Slot {
  name: string;
  colour: WaveColour;
  /** Metric keys, preferred first; of a pressure, the stems of `_sys`, `_dia`, `_mean`. */
  from: readonly string[];
  pressure?: true;
}

export const heartRate: Slot = {
  name: 'heart_rate',
  colour: 'ecg',
  from: ['heart_rate', 'heart_rate_btb', 'pulse_rate_spo2', 'pulse_rate_inv', 'pulse_rate'],
};
export const saturation: Slot = { name: 'spo2', colour: 'pleth', from: ['spo2'] };
export const breathing: Slot = {
  name: 'resp_rate',
  colour: 'resp',
  from: [
    'resp_rate',
    'resp_rate_impedance',
    'resp_rate_co2',
    'resp_rate_airway',
    'resp_rate_pleth',
  ],
};
export const pressure: Slot = {
  name: 'pressure',
  colour: 'abp',
  from: ['abp', 'art', 'ibp', 'nibp'],
  pressure: true,
};
export const temperature: Slot = {
  name: 'temp_body',
  colour: 'temp',
  from: ['temp_core', 'temp_body', 'temp_tympanic', 'temp_oral', 'temp_skin', 'temp_generic'],
};

/** What a ward tile needs of the live stream. */
export const tileMetrics: readonly string[] = [
  ...heartRate.from,
  ...saturation.from,
  ...breathing.from,
  ...pressure.from.flatMap((stem) => [`${stem}_sys`, `${stem}_dia`, `${stem}_mean`]),
  ...temperature.from,
  'ecg_i',
  'ecg_ii',
  'ecg_iii',
  'ecg_v',
  'pleth',
  'resp_wave',
  'abp_wave',
  'art_wave',
  'co2_wave',
];

const looks = { fresh: 0, episodic: 1, stale: 2, absent: 3 } as const;

/** The best answer among the series now known, null if nobody measures it. */
export function choose(slot: Slot, all: readonly SeriesLive[], nowMs: number): SeriesLive | null {
  const keys = slot.pressure ? slot.from.map((stem) => `${stem}_sys`) : slot.from;
  let best: SeriesLive | null = null;
  let bestRank = Infinity;
  for (const series of all) {
    const preference = keys.indexOf(series.metric);
    if (preference < 0) continue;
    const look = looks[freshness(series.lastMs, series.expectedIntervalS, nowMs)];
    // Among the absent, the one heard of last tells most.
    const rank =
      look === looks.absent ? 1000 + (nowMs - series.lastMs) / 1e15 : look * 100 + preference;
    if (rank < bestRank) {
      best = series;
      bestRank = rank;
    }
  }
  return best;
}

/** The other parts of a pressure: same device, same channel. */
export function partsOf(
  systolic: SeriesLive,
  all: readonly SeriesLive[],
): { systolic: SeriesLive; diastolic: SeriesLive | null; mean: SeriesLive | null } {
  const stem = systolic.metric.slice(0, -'_sys'.length);
  const part = (suffix: string) =>
    all.find(
      (series) =>
        series.metric === stem + suffix &&
        series.device === systolic.device &&
        series.channel === systolic.channel,
    ) ?? null;
  return { systolic, diastolic: part('_dia'), mean: part('_mean') };
}

export function colourOf(metric: string): WaveColour {
  if (/^(ecg|heart_rate|st_|qt|pvc|rr_)/.test(metric)) return 'ecg';
  if (/^(pleth|spo2|pulse_rate_spo2|perfusion)/.test(metric)) return 'pleth';
  if (/^(resp)/.test(metric)) return 'resp';
  if (/^(abp|art|ibp|nibp)/.test(metric)) return 'abp';
  if (/^(cvp|rap)/.test(metric)) return 'cvp';
  if (/^(co2|etco2|fico2)/.test(metric)) return 'co2';
  if (metric.startsWith('temp_')) return 'temp';
  return 'other';
}

const waveOrder = ['ecg_ii', 'ecg_i', 'ecg_v', 'ecg', 'abp', 'art', 'pleth', 'resp', 'co2'];

/** Waveforms in the order in which monitors show them. */
export function compareWaves(a: { metric: string }, b: { metric: string }): number {
  const rank = (metric: string) => {
    const found = waveOrder.findIndex((start) => metric.startsWith(start));
    return found < 0 ? waveOrder.length : found;
  };
  return rank(a.metric) - rank(b.metric) || (a.metric < b.metric ? -1 : 1);
}
