// The last beats of a heart as they were read: which came when, and how far apart.
import type { BeatClass, Ecg } from '../api/score_shapes';

/** In the order of AAMI EC57; a class that none of the beats is of is left out. */
const classes: readonly BeatClass[] = ['N', 'S', 'V', 'F', 'Q'];

export function countedClasses(beats: Ecg['beats']): { class: BeatClass; count: number }[] {
  return classes
    .map((one) => ({ class: one, count: beats.filter((beat) => beat.class === one).length }))
    .filter(({ count }) => count > 0);
}

export interface PlacedBeat {
  class: BeatClass;
  ms: number;
  /** From 0 (the first) to 1 (the newest). */
  at: number;
}

/** Each beat where it belongs on a line as long as they all took. */
export function placedBeats(beats: Ecg['beats']): PlacedBeat[] {
  const times = beats.map(({ time }) => Date.parse(time));
  const first = Math.min(...times);
  const span = Math.max(...times) - first;
  return beats.map((beat, i) => {
    const ms = times[i] ?? first;
    return { class: beat.class, ms, at: span > 0 ? (ms - first) / span : 0 };
  });
}

/** What is read of an ECG is of now, or it is old and has to say so. */
const oldAfterMs = 10_000;
export const isOld = ({ up_to }: Pick<Ecg, 'up_to'>, nowMs: number): boolean =>
  nowMs - Date.parse(up_to) > oldAfterMs;
