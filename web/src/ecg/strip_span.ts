// What of the time a strip shows: a little before what happened, and more after it.
import type { Span } from './trace';

export const beforeMs = 10_000;
export const afterMs = 20_000;

export const spanAround = (atMs: number): Span => ({
  fromMs: atMs - beforeMs,
  toMs: atMs + afterMs,
});

/** What was sampled needs so long to be stored and read. */
const settleMs = 2000;

/** Seconds until the strip is full; 0: it is. */
export const secondsToCome = (span: Span, nowMs: number): number =>
  Math.max(0, Math.ceil((span.toMs + settleMs - nowMs) / 1000));

/**
 * A block counts as measured when its first sample was: what began before the span may reach into it. Devices
 * send blocks of half a second to a few seconds (docs/reference/waveform-block.md).
 */
export const longestBlockMs = 10_000;

/** Blocks of a second or two that are longer on their way than this are late. */
const lateMs = 5000;

/** What of a span has passed. */
export const passed = (span: Span, nowMs: number): Span => ({
  fromMs: span.fromMs,
  toMs: Math.min(span.toMs, nowMs),
});

/** Of a strip that fills up, what is on its way is no gap yet; what is later than that is one. */
export const arrived = (span: Span, nowMs: number, endMs: number): Span => ({
  fromMs: span.fromMs,
  toMs: nowMs >= span.toMs ? span.toMs : Math.min(nowMs, Math.max(endMs, nowMs - lateMs)),
});

/** Printed, a strip goes on in the next row where the sheet ends. */
export function rowsOf(span: Span, rowMs: number): Span[] {
  const rows: Span[] = [];
  for (let fromMs = span.fromMs; fromMs < span.toMs - 1e-6; fromMs += rowMs)
    rows.push({ fromMs, toMs: Math.min(span.toMs, fromMs + rowMs) });
  return rows;
}
