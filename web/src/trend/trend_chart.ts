// How a trend is drawn: a band from lowest to highest, and the mean as a line.
import type uPlot from 'uplot';
import type { TrendData } from './trend_columns';

export interface ChartLook {
  line: string;
  band: string;
  edge: string;
  grid: string;
  text: string;
  font: string;
}

export interface ChartFrame {
  width: number;
  height: number;
  /** The topmost lane of a timeline writes the times for all. */
  showsTimes: boolean;
  /** Single measurements, each a mark of its own. */
  episodic: boolean;
  time: (ms: number, spanMs: number) => string;
  number: (value: number) => string;
}

export const syncKey = 'timeline';
export const axisWidth = 44;
const marginRight = 8;
/** A time that would be cut off at the right edge is left out. */
const halfLetter = 3.2;
export const axisHeight = 24;
const halfLinePx = 6;
/** uPlot's number for the top edge: its enumeration exists in types alone. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- see above
const top: uPlot.Axis.Side = 0;

/** Air above and below, so that a steady value is a line in the middle, not an edge. */
function verticalRange(low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [0, 1];
  const air = Math.max((high - low) * 0.12, Math.abs(high) * 0.02, 0.2);
  return [low - air, high + air];
}

/** A number at the very edge would run into the next lane's. */
function isWhole(chart: uPlot, value: number): boolean {
  const y = chart.valToPos(value, 'y');
  const height = chart.bbox.height / devicePixelRatio;
  return y >= halfLinePx && y <= height - halfLinePx;
}

/** Values with a hole on either side: no line leads there. `undefined` is another series' time. */
export function alone(values: ArrayLike<number | null | undefined> = []): number[] {
  const found: number[] = [];
  let before: number | null = null;
  let candidate: number | null = null;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (value === undefined) continue;
    if (value === null && candidate !== null) found.push(candidate);
    candidate = value !== null && before === null ? i : null;
    before = value;
  }
  if (candidate !== null) found.push(candidate);
  return found;
}

function seriesOf(trend: TrendData, look: ChartLook, frame: ChartFrame): uPlot.Series[] {
  return trend.lines.flatMap((_, n): uPlot.Series[] => {
    const mark = { show: true, fill: look.line, stroke: look.line };
    const points: uPlot.Series.Points = frame.episodic
      ? { ...mark, size: 6 }
      : { ...mark, size: 3, filter: (chart, n) => alone(chart.data[n]) };
    // So thin a band as that of one short event would be lost without its edges.
    const edge: uPlot.Series = { stroke: look.edge, width: 1, points: { show: false } };
    const line: uPlot.Series = { stroke: look.line, width: n === 0 ? 1.75 : 1.1, points };
    return [frame.episodic ? { ...line, width: 0.5, dash: [2, 4] } : line, edge, edge];
  });
}

export function chartOptions(
  trend: TrendData,
  look: ChartLook,
  frame: ChartFrame,
  extent: () => [number, number],
): uPlot.Options {
  const axis = {
    stroke: look.text,
    font: look.font,
    grid: { stroke: look.grid, width: 1 },
    ticks: { show: false },
  };
  return {
    width: frame.width,
    height: frame.height,
    ms: 1,
    legend: { show: false },
    padding: [frame.showsTimes ? 0 : 4, marginRight, 4, 0],
    cursor: { sync: { key: syncKey }, y: false, drag: { x: false, y: false }, points: { size: 5 } },
    scales: {
      x: { time: true, range: () => extent() },
      y: { range: (_, low, high) => verticalRange(low, high) },
    },
    axes: [
      {
        ...axis,
        side: top,
        size: frame.showsTimes ? axisHeight : 0,
        space: 90,
        values: (chart, splits) => {
          if (!frame.showsTimes) return splits.map(() => '');
          const min = chart.scales.x?.min ?? 0;
          const max = chart.scales.x?.max ?? 0;
          const perPixel = (max - min) / (frame.width - axisWidth);
          return splits.map((ms) => {
            const text = frame.time(ms, max - min);
            const half = text.length * halfLetter;
            return (max - ms) / perPixel < half - marginRight ? '' : text;
          });
        },
      },
      {
        ...axis,
        size: axisWidth,
        space: 24,
        values: (chart, splits) =>
          splits.map((value) => (isWhole(chart, value) ? frame.number(value) : '')),
      },
    ],
    series: [{}, ...seriesOf(trend, look, frame)],
    bands: trend.lines.map((line) => ({ series: [line.max, line.min], fill: look.band })),
  };
}
