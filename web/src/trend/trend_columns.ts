// From what the series API answers to what a chart draws: aligned columns with holes where there were
// no values.
import uPlot from 'uplot';
import type { TrendSeries, TrendWindow } from '../api/shapes';

export interface TrendLine {
  metric: string;
  device: string;
  /** Numbers of the columns in `data`. */
  mean: number;
  min: number;
  max: number;
}

export interface TrendData {
  /** Milliseconds first, then three columns a line. */
  data: uPlot.AlignedData;
  lines: TrendLine[];
  low: number;
  high: number;
  bucketS: number;
}

/** More than so many steps without a value is a hole, not a straight line. */
const stepsToHole = 3.5;

/** How often this device usually sends: it may be less often than the catalogue expects. */
function usualStepMs(times: readonly number[]): number {
  const steps = times.slice(1).map((time, i) => time - (times[i] ?? time));
  return steps.sort((a, b) => a - b)[Math.floor((steps.length - 1) / 2)] ?? 0;
}

function stepOf(bucketS: number, expectedIntervalS: number, times: readonly number[]): number {
  const expectedMs = Math.max(bucketS, expectedIntervalS) * 1000;
  return expectedMs > 0 ? Math.max(expectedMs, usualStepMs(times)) : Infinity;
}

type Column = (number | null)[];

function withHoles(
  series: TrendSeries,
  stepMs: number,
  convert: (value: number) => number,
): [number[], Column, Column, Column] {
  const t: number[] = [];
  const columns: [Column, Column, Column] = [[], [], []];
  const sources = [series.mean, series.min, series.max];
  series.t.forEach((time, i) => {
    const before = series.t[i - 1];
    if (before !== undefined && time - before > stepsToHole * stepMs) {
      t.push(before + stepMs);
      for (const column of columns) column.push(null);
    }
    t.push(time);
    columns.forEach((column, n) => {
      const value = sources[n]?.[i];
      column.push(value === undefined ? null : convert(value));
    });
  });
  return [t, ...columns];
}

function extremes(tables: readonly (readonly Column[])[]): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const table of tables)
    for (const column of table)
      for (const value of column) {
        if (value === null) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
  return { low, high };
}

export function alignTrends(
  windows: readonly { window: TrendWindow; expectedIntervalS: number }[],
  convert: (value: number) => number,
): TrendData {
  const lines: TrendLine[] = [];
  const tables: [number[], Column, Column, Column][] = [];
  let bucketS = 0;
  for (const { window, expectedIntervalS } of windows) {
    bucketS = Math.max(bucketS, window.bucket_s);
    for (const series of window.series) {
      if (series.t.length === 0) continue;
      const first = 1 + tables.length * 3;
      const stepMs = stepOf(window.bucket_s, expectedIntervalS, series.t);
      tables.push(withHoles(series, stepMs, convert));
      lines.push({
        metric: window.metric,
        device: series.device,
        mean: first,
        min: first + 1,
        max: first + 2,
      });
    }
  }
  const { low, high } = extremes(tables.map(([, ...columns]) => columns));
  const data = tables.length > 0 ? uPlot.join(tables) : ([[]] as uPlot.AlignedData);
  return { data, lines, low, high, bucketS };
}

/** The number of the point nearest to a time, among those that have a value; null far from any. */
export function nearest(
  trend: TrendData,
  column: number,
  ms: number,
  withinMs: number,
): number | null {
  const times = trend.data[0];
  const values = trend.data[column];
  let best: number | null = null;
  let bestDistance = withinMs;
  for (let i = 0; i < times.length; i += 1) {
    const time = times[i];
    if (time === undefined || values?.[i] == null) continue;
    const distance = Math.abs(time - ms);
    if (distance <= bestDistance) {
      best = i;
      bestDistance = distance;
    }
  }
  return best;
}
