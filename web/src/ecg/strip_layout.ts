// Where each waveform of a strip lies on the paper. An ECG has the gain that was chosen, to the millimetre; any
// other waveform fills a lane of its own, and its lane says from where to where.
import { compareWaves } from '../vital/slots';
import type { PaperScale } from './paper';
import { extremesOf, isEcg, medianOf, type Extremes, type Span, type Trace } from './trace';

export interface Lane {
  trace: Trace;
  isEcg: boolean;
  topMm: number;
  heightMm: number;
  /** The value in the middle of the lane. */
  middle: number;
  mmPerUnit: number;
  /** Of what was sampled in the span; null: nothing was. */
  extremes: Extremes | null;
  /** The signal is larger than the lane: it is cut off at its edges. */
  isCut: boolean;
}

/** Above each trace, for its name. */
export const nameMm = 5;
const ecgLeastMm = 20;
const ecgMostMm = 60;
const plainMm = 20;
const airMm = 4;
const fiveMm = (mm: number) => Math.ceil(mm / 5) * 5;

const leads = 'i ii iii avr avl avf v1 v2 v3 v4 v5 v6 v'.split(' ');

/** ECG leads first, in the order of a twelve-lead ECG but for II, which leads are compared with; then the rest. */
export function compareTraces(a: Trace, b: Trace): number {
  const rank = ({ metric }: Trace) => {
    if (!isEcg(metric)) return leads.length + 1;
    if (metric === 'ecg_ii') return -1;
    const found = leads.indexOf(metric.slice('ecg_'.length));
    return found < 0 ? leads.length : found;
  };
  return rank(a) - rank(b) || compareWaves(a, b) || (a.key < b.key ? -1 : Number(a.key !== b.key));
}

type Bare = Omit<Lane, 'topMm'>;

function ecgLane(trace: Trace, span: Span, { mmPerMv }: PaperScale): Bare {
  const extremes = extremesOf(trace.pieces, span);
  const swing = extremes ? extremes.high - extremes.low : 0;
  const wanted = fiveMm(swing * mmPerMv + airMm);
  const isCut = wanted > ecgMostMm;
  return {
    trace,
    isEcg: true,
    heightMm: Math.min(ecgMostMm, Math.max(ecgLeastMm, wanted)),
    // What does not fit is cut on both sides of where the signal mostly is.
    middle: isCut
      ? medianOf(trace.pieces, span)
      : extremes
        ? (extremes.low + extremes.high) / 2
        : 0,
    mmPerUnit: mmPerMv,
    extremes,
    isCut,
  };
}

function plainLane(trace: Trace, span: Span): Bare {
  const extremes = extremesOf(trace.pieces, span);
  const swing = extremes ? extremes.high - extremes.low : 0;
  return {
    trace,
    isEcg: false,
    heightMm: plainMm,
    middle: extremes ? (extremes.low + extremes.high) / 2 : 0,
    mmPerUnit: swing > 0 ? (plainMm - airMm) / swing : 1,
    extremes,
    isCut: false,
  };
}

export function layOut(traces: readonly Trace[], span: Span, scale: PaperScale): Lane[] {
  let topMm = 0;
  return [...traces].sort(compareTraces).map((trace) => {
    const bare = isEcg(trace.metric) ? ecgLane(trace, span, scale) : plainLane(trace, span);
    const lane = { ...bare, topMm: topMm + nameMm };
    topMm = lane.topMm + lane.heightMm;
    return lane;
  });
}

/** The room below the last lane is for the times. */
export const heightOf = (lanes: readonly Lane[]): number => {
  const last = lanes.at(-1);
  return last ? last.topMm + last.heightMm : 0;
};

/** Where a value lies, in mm from the top of the paper. */
export const mmOf = (lane: Lane, value: number): number =>
  lane.topMm + lane.heightMm / 2 - (value - lane.middle) * lane.mmPerUnit;

/** The value at a height on the paper. */
export const valueOf = (lane: Lane, mm: number): number =>
  lane.middle - (mm - lane.topMm - lane.heightMm / 2) / lane.mmPerUnit;

/** The lane in which the beats of a device are marked: its first ECG. */
export const isMarked = (lanes: readonly Lane[], lane: Lane): boolean =>
  lanes.find((one) => one.isEcg && one.trace.device === lane.trace.device) === lane;

/** The letters of beats stand on this line. */
export const letterMm = (lane: Lane): number => lane.topMm + 1.8;

/** Where the foot of the calibration mark stands. */
export const markFootMm = (lane: Lane): number =>
  lane.topMm + lane.heightMm / 2 + lane.mmPerUnit / 2;

/** Seconds between two times that are written below. */
export const timeEveryS = ({ mmPerSecond }: PaperScale): number =>
  mmPerSecond >= 50 ? 2 : mmPerSecond >= 25 ? 5 : 10;

/** The times within a span that are a whole number of so many seconds, as ms since 1970. */
export function secondsIn({ fromMs, toMs }: Span, everyS: number): number[] {
  const everyMs = everyS * 1000;
  const times: number[] = [];
  for (let ms = Math.ceil(fromMs / everyMs) * everyMs; ms <= toMs; ms += everyMs) times.push(ms);
  return times;
}
