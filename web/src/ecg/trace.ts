// What was sampled of one waveform: blocks as the server kept them become pieces with a hole wherever nothing
// was sampled. Nothing is smoothed or filled in.
import { isWave, type WaveReading } from '../api/ecg_shapes';
import type { Reading } from '../api/shapes';

export interface Piece {
  startMs: number;
  periodMs: number;
  /** NaN where there is no sample. */
  samples: Float32Array;
}

export interface Trace {
  /** Stands for the series: metric, device and channel. */
  key: string;
  metric: string;
  device: string;
  channel: number;
  unit: string;
  unitShown: string;
  /** In order of time; none lies over another. */
  pieces: readonly Piece[];
}

export interface Span {
  fromMs: number;
  toMs: number;
}

export interface Extremes {
  low: number;
  high: number;
}

export const endOf = (piece: Piece): number =>
  piece.startMs + piece.samples.length * piece.periodMs;

export const isEcg = (metric: string): boolean => /^ecg(_|$)/.test(metric);

/** An ECG is told in millivolts, whatever its device sends. */
const millivolts: Record<string, number> = { uV: 0.001, mV: 1, V: 1000 };

function pieceOf({ filed_time, waveform, metric, unit }: WaveReading): Piece {
  const factor = isEcg(metric) ? (millivolts[unit] ?? 1) : 1;
  const scale = Number(waveform.scale) * factor;
  const offset = Number(waveform.offset) * factor;
  return {
    startMs: Date.parse(filed_time),
    periodMs: waveform.period_ms,
    samples: Float32Array.from(waveform.samples, (sample) =>
      sample === null ? NaN : offset + scale * sample,
    ),
  };
}

/** Half a sample early or late is a clock's rounding; more is a hole, or was sampled already. */
export const isJoined = (before: Piece, after: Piece): boolean =>
  Math.abs(after.startMs - endOf(before)) < after.periodMs / 2;

/** What of a piece is new where another one ends later than it begins. */
function after(ms: number, piece: Piece): Piece | null {
  const early = Math.round((ms - piece.startMs) / piece.periodMs);
  if (early <= 0) return piece;
  if (early >= piece.samples.length) return null;
  return {
    ...piece,
    startMs: piece.startMs + early * piece.periodMs,
    samples: piece.samples.subarray(early),
  };
}

/** In order of time, each sample once: of what was sent twice, what was there first. */
export function inOrder(pieces: readonly Piece[]): Piece[] {
  const ordered: Piece[] = [];
  for (const piece of [...pieces].sort((a, b) => a.startMs - b.startMs)) {
    if (!(piece.periodMs > 0) || piece.samples.length === 0) continue;
    const last = ordered.at(-1);
    const fresh = last ? after(endOf(last), piece) : piece;
    if (fresh) ordered.push(fresh);
  }
  return ordered;
}

const keyOf = ({ metric, device, channel }: { metric: string; device: string; channel: number }) =>
  `${metric} ${device} ${channel}`;

/** One trace for each series that was read. */
export function tracesOf(readings: readonly Reading[]): Trace[] {
  const traces = new Map<string, Trace & { pieces: Piece[] }>();
  for (const reading of readings.filter(isWave)) {
    const { metric, device, channel, unit, unit_shown: unitShown } = reading;
    const key = keyOf(reading);
    let trace = traces.get(key);
    if (!trace) {
      trace = { key, metric, device, channel, unit, unitShown, pieces: [] };
      traces.set(key, trace);
    }
    trace.pieces.push(pieceOf(reading));
  }
  return [...traces.values()].map((trace) => ({ ...trace, pieces: inOrder(trace.pieces) }));
}

/** Reads on: what came since is added, what was read twice stays once. */
export function joined(before: readonly Trace[], more: readonly Trace[]): Trace[] {
  const byKey = new Map(before.map((trace) => [trace.key, trace]));
  for (const trace of more) {
    const known = byKey.get(trace.key);
    byKey.set(
      trace.key,
      known ? { ...known, pieces: inOrder([...known.pieces, ...trace.pieces]) } : trace,
    );
  }
  return [...byKey.values()];
}

/** Calls `see` with each sample of the span that is there. */
export function eachSample(
  pieces: readonly Piece[],
  { fromMs, toMs }: Span,
  see: (value: number, ms: number) => void,
): void {
  for (const { startMs, periodMs, samples } of pieces) {
    const first = Math.max(0, Math.ceil((fromMs - startMs) / periodMs));
    const end = Math.min(samples.length, Math.ceil((toMs - startMs) / periodMs));
    for (let i = first; i < end; i += 1) {
      const value = samples[i] ?? NaN;
      if (!Number.isNaN(value)) see(value, startMs + i * periodMs);
    }
  }
}

export function extremesOf(pieces: readonly Piece[], span: Span): Extremes | null {
  let low = Infinity;
  let high = -Infinity;
  eachSample(pieces, span, (value) => {
    if (value < low) low = value;
    if (value > high) high = value;
  });
  return low <= high ? { low, high } : null;
}

/** Enough to find the middle by. */
const medianSamples = 2000;

/** The isoelectric line, nearly: half of the samples lie above. */
export function medianOf(pieces: readonly Piece[], span: Span): number {
  const all: number[] = [];
  eachSample(pieces, span, (value) => all.push(value));
  const step = Math.max(1, Math.floor(all.length / medianSamples));
  const some = all.filter((_, i) => i % step === 0).sort((a, b) => a - b);
  return some[Math.floor(some.length / 2)] ?? 0;
}

/** The sample nearest to a time, null where none is near. */
export function valueAt(pieces: readonly Piece[], ms: number): number | null {
  for (const piece of pieces) {
    const at = Math.round((ms - piece.startMs) / piece.periodMs);
    if (at < 0 || at >= piece.samples.length) continue;
    const value = piece.samples[at] ?? NaN;
    return Number.isNaN(value) ? null : value;
  }
  return null;
}

export interface Gaps {
  count: number;
  totalMs: number;
}

/** Where nothing was sampled within a span. What ends before `span.toMs` for want of time is not one. */
export function gapsOf(pieces: readonly Piece[], span: Span): Gaps {
  const gaps = { count: 0, totalMs: 0 };
  let upTo = span.fromMs;
  const seen = (fromMs: number, periodMs: number) => {
    if (fromMs - upTo < periodMs * 1.5) return;
    gaps.count += 1;
    gaps.totalMs += fromMs - upTo;
  };
  let periodMs = 0;
  for (const piece of pieces) {
    periodMs = piece.periodMs;
    eachSample([piece], span, (_, ms) => {
      seen(ms, piece.periodMs);
      upTo = Math.max(upTo, ms + piece.periodMs);
    });
  }
  seen(span.toMs, periodMs);
  return gaps;
}

/** Where the newest sample ends; -Infinity: there is none. */
export const endOfAll = (traces: readonly Trace[]): number =>
  Math.max(...traces.flatMap(({ pieces }) => pieces.slice(-1).map(endOf)), -Infinity);
