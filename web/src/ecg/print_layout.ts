// A strip on one sheet of A4, across: it goes on in the next row where the sheet ends, and has as many of its
// waveforms in each row as there is room for. Millimetres on the sheet are millimetres.
import { calibrationMark, marginMm, type PaperScale } from './paper';
import { isPoint, polylines, type Run } from './polyline';
import { heightOf, layOut, markFootMm, mmOf, type Lane } from './strip_layout';
import { rowsOf } from './strip_span';
import type { Span, Trace } from './trace';

/** A4 across, less its margins and the head of the sheet. */
export const sheetMm = { wide: 277, high: 158 };
/** Below each row, for its times. */
export const rowFootMm = 5;

export interface PrintRow {
  span: Span;
  lanes: readonly Lane[];
  heightMm: number;
}

/** Whole seconds that fit across. */
export function rowSeconds(scale: PaperScale): number {
  return Math.floor((sheetMm.wide - marginMm(scale)) / scale.mmPerSecond);
}

/** So much of the strip, a third of it before the instant that it is about. */
function around(span: Span, atMs: number, lengthMs: number): Span {
  if (lengthMs >= span.toMs - span.fromMs) return span;
  const fromMs = Math.min(span.toMs - lengthMs, Math.max(span.fromMs, atMs - lengthMs / 3));
  return { fromMs, toMs: fromMs + lengthMs };
}

/**
 * Each row has the same waveforms, in lanes laid out by the whole strip, so that the rows can be compared. Where
 * fast and large together need more than a sheet, less time is printed; what is printed is never squeezed.
 */
export function printRows(
  traces: readonly Trace[],
  span: Span,
  atMs: number,
  scale: PaperScale,
): PrintRow[] {
  const lanes = layOut(traces, span, scale);
  const rowMs = rowSeconds(scale) * 1000;
  const needed = Math.ceil((span.toMs - span.fromMs) / rowMs);
  const roomFor = (rows: number) => sheetMm.high / rows - rowFootMm;
  let count = lanes.length;
  while (count > 1 && heightOf(lanes.slice(0, count)) > roomFor(needed)) count -= 1;
  const shown = lanes.slice(0, count);
  const heightMm = heightOf(shown);
  let rows = needed;
  while (rows > 1 && heightMm > roomFor(rows)) rows -= 1;
  return rowsOf(around(span, atMs, rows * rowMs), rowMs).map((row) => ({
    span: row,
    lanes: shown,
    heightMm,
  }));
}

const fixed = (mm: number) => String(Math.round(mm * 100) / 100);

function pathOf(run: Run): string {
  const points: string[] = [];
  for (let i = 0; i < run.length; i += 2)
    points.push(`${fixed(run[i] ?? 0)} ${fixed(run[i + 1] ?? 0)}`);
  return isPoint(run) ? `M${points[0] ?? ''}h0.2` : `M${points.join('L')}`;
}

/** The trace of a lane within a row, as an SVG path in millimetres. */
export function tracePath(lane: Lane, { fromMs, toMs }: Span, scale: PaperScale): string {
  const margin = marginMm(scale);
  return polylines(
    lane.trace.pieces,
    { fromMs, toMs },
    {
      xOf: (ms) => margin + ((ms - fromMs) / 1000) * scale.mmPerSecond,
      yOf: (value) => {
        const mm = mmOf(lane, value);
        return Math.min(lane.topMm + lane.heightMm + 1, Math.max(lane.topMm - 1, mm));
      },
      // Finer than a printer's dots.
      column: 0.05,
    },
  )
    .map(pathOf)
    .join('');
}

export function markPath(lane: Lane, scale: PaperScale): string {
  const left = marginMm(scale) / 2 - (0.2 * scale.mmPerSecond) / 2;
  const points = calibrationMark(scale).map(
    ([x, y]) => `${fixed(left + x)} ${fixed(markFootMm(lane) + y)}`,
  );
  return `M${points.join('L')}`;
}
