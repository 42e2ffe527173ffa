// Draws the part of a strip that is in sight: paper, calibration marks, traces, the instant of the event.
import { pixelsPerMm } from '../wave/sweep';
import { calibrationMark, gridLines, marginMm, pixelsPerSecond, type PaperScale } from './paper';
import { isPoint, polylines, type Run } from './polyline';
import type { ReadEcg } from './marks';
import {
  heightOf,
  isMarked,
  letterMm,
  markFootMm,
  mmOf,
  secondsIn,
  type Lane,
} from './strip_layout';
import type { Span } from './trace';

export interface StripColours {
  fine: string;
  bold: string;
  ink: string;
  quiet: string;
  trace: (metric: string) => string;
}

export interface StripView {
  lanes: readonly Lane[];
  span: Span;
  scale: PaperScale;
  /** The instant that is marked. */
  atMs: number;
  /** Up to where there can be samples; the paper after it is blank. */
  passedMs: number;
  read: readonly ReadEcg[];
  /** The font of what is written on the paper. */
  font: string;
  /** How far it is scrolled, in CSS pixels. */
  offset: number;
  width: number;
  height: number;
  pixelRatio: number;
}

const px = (mm: number) => mm * pixelsPerMm;

/** A line of one device pixel, on the pixel: blurred over two of them the grid would be grey. */
const crisp = (at: number, ratio: number) => (Math.round(at * ratio) + 0.5) / ratio;

function drawGrid(context: CanvasRenderingContext2D, view: StripView, colours: StripColours): void {
  const { offset, width, lanes, scale, span, passedMs, pixelRatio: ratio } = view;
  const heightMm = heightOf(lanes);
  const margin = marginMm(scale);
  const endMm = ((passedMs - span.fromMs) / 1000) * scale.mmPerSecond;
  // The margin's grid stands; that of the traces moves with them.
  const right = Math.min(width, px(margin + endMm) - offset);
  for (const bold of [false, true]) {
    context.strokeStyle = bold ? colours.bold : colours.fine;
    context.lineWidth = 1 / ratio;
    context.beginPath();
    const line = (x: number) => {
      context.moveTo(crisp(x, ratio), 0);
      context.lineTo(crisp(x, ratio), px(heightMm));
    };
    for (const mm of gridLines(0, margin, bold)) line(px(mm));
    const [first, last] = [offset / pixelsPerMm, Math.min(endMm, (offset + width) / pixelsPerMm)];
    for (const mm of gridLines(first, last, bold)) {
      const x = px(margin + mm) - offset;
      if (x > px(margin) && x <= width) line(x);
    }
    for (const mm of gridLines(0, heightMm, bold)) {
      context.moveTo(0, crisp(px(mm), ratio));
      context.lineTo(right, crisp(px(mm), ratio));
    }
    context.stroke();
  }
}

export function strokeRun(context: CanvasRenderingContext2D, run: Run): void {
  const [x = 0, y = 0] = run;
  context.moveTo(isPoint(run) ? x - 0.75 : x, y);
  if (isPoint(run)) context.lineTo(x + 0.75, y);
  for (let i = 2; i < run.length; i += 2) context.lineTo(run[i] ?? 0, run[i + 1] ?? 0);
}

function drawMark(context: CanvasRenderingContext2D, lane: Lane, view: StripView): void {
  const left = marginMm(view.scale) / 2 - (0.2 * view.scale.mmPerSecond) / 2;
  context.beginPath();
  calibrationMark(view.scale).forEach(([x, y], i) => {
    const to = [px(left + x), px(markFootMm(lane) + y)] as const;
    if (i === 0) context.moveTo(...to);
    else context.lineTo(...to);
  });
  context.stroke();
}

function drawLane(
  context: CanvasRenderingContext2D,
  lane: Lane,
  view: StripView,
  colours: StripColours,
): void {
  const { span, scale, offset, width } = view;
  const margin = px(marginMm(scale));
  const perMs = pixelsPerSecond(scale) / 1000;
  const seen = {
    fromMs: Math.max(span.fromMs, span.fromMs + offset / perMs),
    toMs: Math.min(span.toMs, span.fromMs + (offset + width - margin) / perMs),
  };
  const runs = polylines(lane.trace.pieces, seen, {
    xOf: (ms) => margin + (ms - span.fromMs) * perMs - offset,
    yOf: (value) => px(mmOf(lane, value)),
    column: 1 / view.pixelRatio,
  });
  context.save();
  context.beginPath();
  context.rect(margin, px(lane.topMm - 1), width - margin, px(lane.heightMm + 2));
  context.clip();
  context.strokeStyle = colours.trace(lane.trace.metric);
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.beginPath();
  for (const run of runs) strokeRun(context, run);
  context.stroke();
  context.restore();
}

/** Every beat by the letter of its class, above the first ECG of its device. */
function drawBeats(
  context: CanvasRenderingContext2D,
  lane: Lane,
  view: StripView,
  colours: StripColours,
): void {
  const { span, scale, offset, width, read, lanes } = view;
  if (!isMarked(lanes, lane)) return;
  const margin = px(marginMm(scale));
  context.font = view.font;
  context.textAlign = 'center';
  for (const { ms, class: letter } of read.find((one) => one.device === lane.trace.device)?.beats ??
    []) {
    const x = margin + ((ms - span.fromMs) / 1000) * pixelsPerSecond(scale) - offset;
    if (x < margin || x > width) continue;
    context.fillStyle = letter === 'N' ? colours.quiet : colours.ink;
    context.fillText(letter, x, px(letterMm(lane)));
  }
}

/** Seconds at the foot, and the instant that the strip is about. */
function drawTimes(context: CanvasRenderingContext2D, view: StripView, colours: StripColours) {
  const { span, scale, offset, atMs, lanes } = view;
  const margin = px(marginMm(scale));
  const bottom = px(heightOf(lanes));
  const xOf = (ms: number) =>
    margin + ((ms - span.fromMs) / 1000) * pixelsPerSecond(scale) - offset;
  context.strokeStyle = colours.ink;
  context.lineWidth = 1;
  context.beginPath();
  for (const ms of secondsIn(span, 1)) {
    if (xOf(ms) < margin) continue;
    context.moveTo(xOf(ms), bottom);
    context.lineTo(xOf(ms), bottom + px(1.5));
  }
  context.stroke();
  if (xOf(atMs) < margin) return;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(xOf(atMs), 0);
  context.lineTo(xOf(atMs), bottom);
  context.stroke();
  context.setLineDash([]);
}

export function paintStrip(
  context: CanvasRenderingContext2D,
  view: StripView,
  colours: StripColours,
): void {
  context.setTransform(view.pixelRatio, 0, 0, view.pixelRatio, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  drawGrid(context, view, colours);
  for (const lane of view.lanes) {
    drawLane(context, lane, view, colours);
    if (!lane.isEcg) continue;
    drawBeats(context, lane, view, colours);
    context.strokeStyle = colours.ink;
    context.lineWidth = 1.5;
    drawMark(context, lane, view);
  }
  drawTimes(context, view, colours);
}
