// Two lines across a strip, and what lies between them: time, rate, and the difference of one waveform.
import { valueAt, type Piece, type Span } from './trace';

export interface Calipers {
  /** The times of the two lines; either may be the earlier one. */
  lines: readonly [number, number];
  /** Which of the strip's lanes they measure. */
  lane: number;
}

/** Laid out so far apart, around the instant of the strip. */
const apartMs = 1000;

export function laidOut(atMs: number, span: Span): Calipers {
  const begin = Math.min(span.toMs - apartMs, Math.max(span.fromMs, atMs - apartMs / 2));
  return { lines: [begin, begin + apartMs], lane: 0 };
}

export function withLine(calipers: Calipers, which: 0 | 1, ms: number, span: Span): Calipers {
  const at = Math.min(span.toMs, Math.max(span.fromMs, ms));
  const [first, second] = calipers.lines;
  return { ...calipers, lines: which === 0 ? [at, second] : [first, at] };
}

/** The lane above or below, as far as there are any. */
export const withLane = (calipers: Calipers, by: number, count: number): Calipers => ({
  ...calipers,
  lane: Math.min(count - 1, Math.max(0, calipers.lane + by)),
});

export interface Measured {
  ms: number;
  /** Of a beat that lasts so long; null: the lines lie on each other. */
  perMinute: number | null;
  /** The later line's value less the earlier one's; null: there is no sample at one of them. */
  difference: number | null;
}

export function measured({ lines }: Calipers, pieces: readonly Piece[]): Measured {
  const [from, to] = [Math.min(...lines), Math.max(...lines)];
  const ms = to - from;
  const [before, after] = [valueAt(pieces, from), valueAt(pieces, to)];
  return {
    ms,
    perMinute: ms > 0 ? 60_000 / ms : null,
    difference: before === null || after === null ? null : after - before,
  };
}
