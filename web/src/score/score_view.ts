// From a score as the server sends it to what a screen shows of it.
import type { Score, ScoreInput, ScorePoint } from '../api/score_shapes';

/** The score of the ward comes before the others. */
const first = 'news2';

export const isComputed = ({ applicability }: Pick<Score, 'applicability'>): boolean =>
  applicability === 'applies' || applicability === 'assumed-adult';

/** Those that are computed, and those that are not made for this patient. */
export function parted(scores: readonly Score[]): { computed: Score[]; others: Score[] } {
  const ordered = [
    ...scores.filter(({ key }) => key === first),
    ...scores.filter(({ key }) => key !== first),
  ];
  return {
    computed: ordered.filter(isComputed),
    others: ordered.filter((score) => !isComputed(score)),
  };
}

/** A ratio is told with two digits, a sum with none. */
export function digitsOf({ total, least, most, points }: Score): number {
  const all = [total, least, most, ...points.map((point) => point.least)];
  return all.every((value) => value === null || Number.isInteger(value)) ? 0 : 2;
}

/** What a total lacks: not what a score can do without. */
export const wanting = ({ inputs }: Pick<Score, 'inputs'>): ScoreInput[] =>
  inputs.filter(({ state, optional }) => state !== 'used' && state !== 'undecided' && !optional);

/** Since when the total is what it is, or has been incomplete; null: longer than is told. */
export function sinceOf({ complete, total, points }: Score): number | null {
  let since: number | null = null;
  for (const point of [...points].reverse()) {
    if (point.complete !== complete || (complete && point.least !== total)) break;
    since = Date.parse(point.time);
  }
  return since;
}

export interface Step {
  fromMs: number;
  toMs: number;
  value: number;
}

/**
 * How the total went: a step for as long as it held, and a hole where there was none. What counted a wrong
 * value is left out.
 */
export function stepsOf(points: readonly ScorePoint[], fromMs: number, nowMs: number): Step[] {
  const steps: Step[] = [];
  points.forEach((point, i) => {
    if (!point.complete || point.superseded || point.least === null) return;
    const next = points[i + 1];
    const end = next ? Date.parse(next.time) : nowMs;
    const begin = Math.max(Date.parse(point.time), fromMs);
    if (end <= begin) return;
    const before = steps.at(-1);
    if (before?.toMs === begin && before.value === point.least) before.toMs = end;
    else steps.push({ fromMs: begin, toMs: end, value: point.least });
  });
  return steps;
}

/** The chart's edges: a total of 0 is at the bottom, and so little as 1 is no mountain. */
export function highestOf(steps: readonly Step[], digits: number): number {
  const least = digits === 0 ? 4 : 1;
  return steps.reduce((most, { value }) => Math.max(most, value), least);
}

/** The line through the steps, for an SVG path: a hole is a move, a change an upright. */
export function pathOf(
  steps: readonly Step[],
  x: (ms: number) => number,
  y: (value: number) => number,
): string {
  return steps
    .map((step, i) => {
      const goesOn = steps[i - 1]?.toMs === step.fromMs;
      const at = `${x(step.fromMs).toFixed(1)} ${y(step.value).toFixed(1)}`;
      return `${goesOn ? 'L' : 'M'}${at}H${x(step.toMs).toFixed(1)}`;
    })
    .join('');
}
