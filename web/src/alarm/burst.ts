// How alarms sound, and when: the bursts of IEC 60601-1-8 Tables 3 and 4. High: two groups of five pulses
// (3 + 2); medium: three; low: two. The ranges of the standard stand beside what was chosen of them.
import type { Priority } from '../api/alarm_shapes';
import { rank, type Audible } from './standing';

export interface Pulse {
  /** From the beginning of its burst. */
  atS: number;
  lengthS: number;
  /** The pulse frequency; 150 to 1000 Hz. */
  hz: number;
}

/** Effective pulse duration: 75 to 200 ms of high, 125 to 250 ms of medium and low priority. */
const lengthS: Record<Priority, number> = { high: 0.15, medium: 0.2, low: 0.2 };
/** Between pulses of a group: 50 to 125 ms (x), 125 to 250 ms of medium and low (y). */
const spaceS: Record<Priority, number> = { high: 0.1, medium: 0.2, low: 0.2 };
/** Between the groups of high priority: 350 to 1300 ms. */
const groupsS = 0.7;

/** From the beginning of a burst to that of the next: high 2.5 to 15 s, medium to 30 s after its end; low over 15 s. */
export const repeatS: Record<Priority, number> = { high: 10, medium: 25, low: 30 };
/** After a burst it is silent for so long at least, also when another alarm of its priority begins. */
const silenceS: Record<Priority, number> = { high: 2.5, medium: 2.5, low: 15.5 };

/** The standard's melodies of no particular cause (Annex F): c c c – c C, c c c, e c; by the scale from c4. */
const c4 = 261.63;
const e4 = 329.63;
const c5 = 523.25;

function evenly(priority: Priority, tones: readonly number[], fromS = 0): Pulse[] {
  const stepS = lengthS[priority] + spaceS[priority];
  return tones.map((hz, i) => ({ atS: fromS + i * stepS, lengthS: lengthS[priority], hz }));
}

const endOf = (pulses: readonly Pulse[]) =>
  Math.max(0, ...pulses.map((pulse) => pulse.atS + pulse.lengthS));

/** Three pulses, and after twice the space and the length of a pulse (2x + td) two. */
function group(fromS: number): Pulse[] {
  const three = evenly('high', [c4, c4, c4], fromS);
  return [...three, ...evenly('high', [c4, c5], endOf(three) + 2 * spaceS.high + lengthS.high)];
}

function twoGroups(): Pulse[] {
  const first = group(0);
  return [...first, ...group(endOf(first) + groupsS)];
}

export const bursts: Record<Priority, readonly Pulse[]> = {
  high: twoGroups(),
  medium: evenly('medium', [c4, c4, c4]),
  low: evenly('low', [e4, c4]),
};

export const burstS = (priority: Priority): number => endOf(bursts[priority]);

/** What sounds: the burst that began last, and for whom. */
export interface Sounding {
  priority: Priority | null;
  begunS: number;
  keys: readonly string[];
}

export const silence: Sounding = { priority: null, begunS: -Infinity, keys: [] };

export interface Step {
  next: Sounding;
  /** A burst that begins now. */
  start: Priority | null;
  /** What is left of the burst before is not heard: it was acknowledged, or a higher one begins. */
  cut: boolean;
}

/** The highest priority sounds; its burst begins again with its interval, or for an alarm that is new. */
export function step(sounding: Sounding, heard: readonly Audible[], nowS: number): Step {
  const [first] = [...heard].sort((one, other) => rank(one.priority) - rank(other.priority));
  if (!first) return { next: silence, start: null, cut: sounding.priority !== null };
  const { priority } = first;
  const keys = heard.filter((one) => one.priority === priority).map(({ key }) => key);
  const begun: Step = { next: { priority, begunS: nowS, keys }, start: priority, cut: true };
  if (sounding.priority !== priority) return begun;
  const sinceS = nowS - sounding.begunS;
  const isNew = keys.some((key) => !sounding.keys.includes(key));
  const again = isNew ? burstS(priority) + silenceS[priority] : repeatS[priority];
  if (sinceS >= again) return begun;
  // Whoever is new stays new until a burst has begun for them.
  const known = sounding.keys.filter((key) => keys.includes(key));
  return { next: { ...sounding, keys: known }, start: null, cut: false };
}
