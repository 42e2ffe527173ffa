// From samples to lines. Where several samples share a column of pixels, the first, the last, the smallest and
// the largest of them are drawn: a peak is never lost, and no line goes where the signal was not.
import { endOf, isJoined, type Piece, type Span } from './trace';

export interface Axes {
  xOf: (ms: number) => number;
  yOf: (value: number) => number;
  /** How wide a column is, in the units of x. */
  column: number;
}

/** x, y, x, y… of one line without a break. */
export type Run = number[];

interface Point {
  x: number;
  y: number;
}

/** Of the samples of one column, in order of time. */
class Column {
  private number = NaN;
  private first: Point | null = null;
  private low: Point | null = null;
  private high: Point | null = null;
  private last: Point | null = null;

  constructor(
    private readonly width: number,
    private readonly run: Run,
  ) {}

  put(x: number, y: number): void {
    const number = Math.floor(x / this.width);
    if (number !== this.number) this.flush();
    this.number = number;
    const point = { x, y };
    this.first ??= point;
    if (!this.low || y < this.low.y) this.low = point;
    if (!this.high || y > this.high.y) this.high = point;
    this.last = point;
  }

  flush(): void {
    const { first, low, high, last } = this;
    if (!first || !low || !high || !last) return;
    const points = [...new Set([first, low, high, last])].sort((a, b) => a.x - b.x);
    for (const { x, y } of points) this.run.push(x, y);
    this.first = this.low = this.high = this.last = null;
  }
}

export function polylines(
  pieces: readonly Piece[],
  { fromMs, toMs }: Span,
  { xOf, yOf, column }: Axes,
): Run[] {
  const runs: Run[] = [];
  let open: { run: Run; into: Column } | null = null;
  const lift = () => {
    open?.into.flush();
    if (open && open.run.length > 0) runs.push(open.run);
    open = null;
  };
  let before: Piece | null = null;
  for (const piece of pieces) {
    if (before && !isJoined(before, piece)) lift();
    before = piece;
    if (endOf(piece) < fromMs || piece.startMs > toMs) continue;
    const { startMs, periodMs, samples } = piece;
    // One sample more on each side: a line that leaves the picture goes up to its edge.
    const first = Math.max(0, Math.floor((fromMs - startMs) / periodMs) - 1);
    const end = Math.min(samples.length, Math.ceil((toMs - startMs) / periodMs) + 1);
    for (let i = first; i < end; i += 1) {
      const value = samples[i] ?? NaN;
      if (Number.isNaN(value)) {
        lift();
        continue;
      }
      if (!open) {
        const run: Run = [];
        open = { run, into: new Column(column, run) };
      }
      (open as { into: Column }).into.put(xOf(startMs + i * periodMs), yOf(value));
    }
  }
  lift();
  return runs;
}

/** One sample alone between two holes is a point: nobody could see a line of no length. */
export const isPoint = (run: Run): boolean => run.length === 2;
