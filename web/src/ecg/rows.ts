// An ECG in full: pages of rows, a row a minute or half of one. Pure functions of where one is.
import { rowsOf } from './strip_span';
import type { Span } from './trace';

export interface Page {
  span: Span;
  rowMs: number;
  count: number;
}

/** The page whose first row has that time; or the newest, whose last row has now. */
export function pageAt(atMs: number | null, nowMs: number, rowMs: number, count: number): Page {
  const newest = (Math.floor(nowMs / rowMs) + 1 - count) * rowMs;
  const fromMs = atMs === null ? newest : Math.min(newest, Math.floor(atMs / rowMs) * rowMs);
  return { span: { fromMs, toMs: fromMs + count * rowMs }, rowMs, count };
}

export const rowsIn = ({ span, rowMs }: Page): Span[] => rowsOf(span, rowMs);

/** The begin of the page so much earlier or later; null where that is the newest. */
export function movedBy({ span, rowMs, count }: Page, ms: number, nowMs: number): number | null {
  const fromMs = span.fromMs + ms;
  return fromMs >= pageAt(null, nowMs, rowMs, count).span.fromMs ? null : fromMs;
}

export const lengthOf = ({ rowMs, count }: Page): number => rowMs * count;

export interface Place {
  row: number;
  /** From the left edge of the row. */
  share: number;
}

export function placeOf(ms: number, { span, rowMs, count }: Page): Place | null {
  const row = Math.floor((ms - span.fromMs) / rowMs);
  if (row < 0 || row >= count) return null;
  return { row, share: (ms - span.fromMs - row * rowMs) / rowMs };
}

export function timeAt({ row, share }: Place, { span, rowMs, count }: Page): number {
  const inRow = Math.min(1, Math.max(0, share)) * rowMs;
  const within = Math.min(count - 1, Math.max(0, row));
  return Math.min(span.toMs - 1, span.fromMs + within * rowMs + inRow);
}

/** Rows that are read in one go: neighbours, and no more of them than a server answers quickly. */
export function groupsOf(starts: readonly number[], rowMs: number, longestMs: number): Span[] {
  const groups: Span[] = [];
  for (const fromMs of starts) {
    const last = groups.at(-1);
    const grown = fromMs + rowMs;
    if (last?.toMs === fromMs && grown - last.fromMs <= longestMs) last.toMs = grown;
    else groups.push({ fromMs, toMs: grown });
  }
  return groups;
}
