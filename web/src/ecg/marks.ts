// What is marked on an ECG and on a timeline: beats by their class, rhythms, alarms where they began.
import type { AlarmEvent, Priority } from '../api/alarm_shapes';
import type { Beat, Rhythm } from '../api/ecg_shapes';
import type { BeatClass } from '../api/score_shapes';
import type { Span } from './trace';

export interface BeatMark {
  ms: number;
  class: BeatClass;
}

export const beatsIn = (beats: readonly Beat[], { fromMs, toMs }: Span): BeatMark[] =>
  beats
    .map((beat) => ({ ms: Date.parse(beat.time), class: beat.class }))
    .filter(({ ms }) => ms >= fromMs && ms < toMs);

/** Every class that is there, normal beats first. */
export function countsOf(beats: readonly BeatMark[]): [BeatClass, number][] {
  const classes: BeatClass[] = ['N', 'S', 'V', 'F', 'Q'];
  return classes
    .map((one): [BeatClass, number] => [one, beats.filter((beat) => beat.class === one).length])
    .filter(([, count]) => count > 0);
}

export interface RhythmSpan extends Span {
  rhythm: string;
}

/** What was read of one device's ECG. */
export interface ReadEcg {
  device: string;
  beats: readonly BeatMark[];
  rhythms: readonly RhythmSpan[];
}

/** What was read of a span says nothing of what lies outside it. */
export const rhythmsOf = (rhythms: readonly Rhythm[], { fromMs, toMs }: Span): RhythmSpan[] =>
  rhythms
    .map(({ rhythm, from, to }) => ({
      rhythm,
      fromMs: Math.max(fromMs, Date.parse(from)),
      toMs: Math.min(toMs, to === null ? toMs : Date.parse(to)),
    }))
    .filter((one) => one.fromMs < one.toMs);

/** Spans that were read one by one meet to within so much. */
const meetMs = 2000;

/** Each rhythm in one piece, though it was read in several; cut to what is shown. */
export function rhythmsIn(rhythms: readonly RhythmSpan[], { fromMs, toMs }: Span): RhythmSpan[] {
  const whole: RhythmSpan[] = [];
  for (const one of [...rhythms].sort((a, b) => a.fromMs - b.fromMs)) {
    const cut = { ...one, fromMs: Math.max(fromMs, one.fromMs), toMs: Math.min(toMs, one.toMs) };
    if (cut.fromMs >= cut.toMs) continue;
    const before = whole.find(
      (known) => known.rhythm === cut.rhythm && cut.fromMs - known.toMs <= meetMs,
    );
    if (before) before.toMs = Math.max(before.toMs, cut.toMs);
    else whole.push(cut);
  }
  return whole;
}

export interface AlarmAt {
  id: string;
  ms: number;
  priority: Priority;
  event: AlarmEvent;
}

const begins = new Set(['onset', 'onset-again']);

/** Where alarms began, in order of time. */
export const alarmsAt = (events: readonly AlarmEvent[]): AlarmAt[] =>
  events
    .flatMap((event) =>
      event.priority !== null && begins.has(event.type)
        ? [{ id: event.id, ms: Date.parse(event.time), priority: event.priority, event }]
        : [],
    )
    .sort((a, b) => a.ms - b.ms);

const ranks: Record<Priority, number> = { high: 0, medium: 1, low: 2 };

export interface Cluster {
  /** Where it stands: of its highest priority, the first. */
  at: AlarmAt;
  all: AlarmAt[];
}

/** Marks that would lie over each other become one, by the highest priority among them. */
export function clustersOf(
  marks: readonly AlarmAt[],
  xOf: (ms: number) => number,
  apart: number,
): Cluster[] {
  const clusters: (Cluster & { first: number })[] = [];
  for (const mark of marks) {
    const last = clusters.at(-1);
    if (!last || xOf(mark.ms) - last.first >= apart) {
      clusters.push({ first: xOf(mark.ms), at: mark, all: [mark] });
      continue;
    }
    last.all.push(mark);
    if (ranks[mark.priority] < ranks[last.at.priority]) last.at = mark;
  }
  return clusters.map(({ at, all }) => ({ at, all }));
}
