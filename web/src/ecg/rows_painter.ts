// Draws a page of an ECG in full on one canvas. A trace that is higher than its row goes on into the next one, as
// on paper: nothing is cut off.
import type { Priority } from '../api/alarm_shapes';
import type { EcgRow } from '../state/ecg_rows';
import { pixelsPerMm } from '../wave/sweep';
import type { AlarmAt } from './marks';
import { polylines } from './polyline';
import { placeOf, rowsIn, type Page } from './rows';
import { strokeRun } from './strip_painter';
import { medianOf, type Span } from './trace';

export interface RowsView {
  page: Page;
  rows: ReadonlyMap<number, EcgRow>;
  alarms: readonly AlarmAt[];
  mmPerMv: number;
  width: number;
  rowHeight: number;
  /** At the left, for the times. */
  margin: number;
  pixelRatio: number;
  nowMs: number;
  /** The size of what is written, in CSS pixels, and its family. */
  text: number;
  family: string;
  /** The words for a rhythm. */
  nameOf: (rhythm: string) => string;
}

export interface RowsColours {
  line: string;
  trace: string;
  ink: string;
  quiet: string;
  paper: string;
  band: string;
  alarm: Record<Priority, string>;
  onAlarm: string;
}

/** Seconds between two lines down the page. */
const lineEveryS = 5;

type Context = CanvasRenderingContext2D;

const xOf = ({ margin, width, page }: RowsView, row: Span, ms: number) =>
  margin + ((ms - row.fromMs) / page.rowMs) * (width - margin);

function drawLines(context: Context, view: RowsView, { line }: RowsColours): void {
  const { page, margin, width, rowHeight } = view;
  context.strokeStyle = line;
  context.lineWidth = 1 / view.pixelRatio;
  context.beginPath();
  const seconds = page.rowMs / 1000;
  for (let s = 0; s <= seconds; s += lineEveryS) {
    const x = Math.round(margin + (s / seconds) * (width - margin)) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, page.count * rowHeight);
  }
  for (let row = 0; row <= page.count; row += 1) {
    const y = Math.round(row * rowHeight) + 0.5;
    context.moveTo(0, y);
    context.lineTo(width, y);
  }
  context.stroke();
}

/** A band along the foot of the row, with the rhythm's name where it begins. */
function drawRhythms(context: Context, view: RowsView, row: Span, data: EcgRow, top: number) {
  const before = view.rows.get(row.fromMs - view.page.rowMs)?.rhythms ?? [];
  for (const { rhythm, fromMs, toMs } of data.rhythms) {
    const [from, to] = [xOf(view, row, fromMs), xOf(view, row, toMs)];
    context.fillRect(from, top + view.rowHeight - 3, Math.max(2, to - from), 3);
    const goesOn = before.some((one) => one.rhythm === rhythm && one.toMs >= fromMs);
    if (!goesOn) context.fillText(view.nameOf(rhythm), from + 3, top + view.rowHeight - 5);
  }
}

function drawTrace(context: Context, view: RowsView, row: Span, data: EcgRow, top: number): void {
  const middle = medianOf(data.pieces, row);
  const perMv = view.mmPerMv * pixelsPerMm;
  // The isoelectric line lies below the middle: an R wave is higher than an S wave is deep.
  const baseline = top + view.rowHeight * 0.62;
  const runs = polylines(data.pieces, row, {
    xOf: (ms) => xOf(view, row, ms),
    yOf: (value) => baseline - (value - middle) * perMv,
    column: 1 / view.pixelRatio,
  });
  context.save();
  context.beginPath();
  context.rect(view.margin, 0, view.width - view.margin, view.page.count * view.rowHeight);
  context.clip();
  context.beginPath();
  for (const run of runs) strokeRun(context, run);
  context.stroke();
  context.restore();
}

/** Every beat that is not normal by its letter; normal ones are what is in between. */
function drawBeats(
  context: Context,
  view: RowsView,
  row: Span,
  data: EcgRow,
  top: number,
  { ink, paper }: RowsColours,
): void {
  const { text } = view;
  context.textAlign = 'center';
  for (const { ms, class: letter } of data.beats) {
    if (letter === 'N') continue;
    const x = xOf(view, row, ms);
    context.fillStyle = paper;
    context.fillRect(x - text * 0.45, top + 1, text * 0.9, text);
    context.fillStyle = ink;
    context.fillText(letter, x, top + text * 0.95);
  }
  context.textAlign = 'left';
}

/** Triangle up, triangle, circle: as everywhere. */
export function alarmPath(context: Context, priority: Priority, x: number, y: number, r: number) {
  context.beginPath();
  if (priority === 'low') context.arc(x, y, r * 0.8, 0, 2 * Math.PI);
  else {
    context.moveTo(x, y - r);
    context.lineTo(x + r, y + r * 0.8);
    context.lineTo(x - r, y + r * 0.8);
    context.closePath();
  }
}

function drawAlarms(context: Context, view: RowsView, colours: RowsColours): void {
  const rows = rowsIn(view.page);
  for (const { ms, priority } of view.alarms) {
    const place = placeOf(ms, view.page);
    const row = place && rows[place.row];
    if (!place || !row) continue;
    const [x, top] = [xOf(view, row, ms), place.row * view.rowHeight];
    context.strokeStyle = colours.alarm[priority];
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(x, top + 14);
    context.lineTo(x, top + view.rowHeight);
    context.stroke();
    alarmPath(context, priority, x, top + 8, 7);
    context.fillStyle = colours.alarm[priority];
    context.fill();
    context.strokeStyle = colours.onAlarm;
    context.lineWidth = 1;
    context.stroke();
    if (priority === 'high') continue;
    // Filled is high; the others are outlines.
    alarmPath(context, priority, x, top + 8.5, 3);
    context.fillStyle = colours.onAlarm;
    context.fill();
  }
}

export interface RowTexts {
  time: (ms: number) => string;
  rate: (value: number) => string;
  empty: string;
  reading: string;
}

export function paintRows(
  context: Context,
  view: RowsView,
  colours: RowsColours,
  texts: RowTexts,
): void {
  const { page, rows, rowHeight, pixelRatio, width } = view;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.clearRect(0, 0, width, page.count * rowHeight + 1);
  context.font = `${view.text}px ${view.family}`;
  drawLines(context, view, colours);
  rowsIn(page).forEach((row, i) => {
    const top = i * rowHeight;
    const data = rows.get(row.fromMs);
    context.fillStyle = colours.ink;
    context.fillText(texts.time(row.fromMs), 2, top + view.text * 1.1);
    if (row.fromMs > view.nowMs) return;
    context.fillStyle = colours.quiet;
    if (!data || data.pieces.length === 0) {
      // Of the row that has just begun nothing is known yet.
      const text = !data ? texts.reading : row.toMs < view.nowMs ? texts.empty : '';
      context.fillText(text, view.margin + 6, top + rowHeight / 2);
      return;
    }
    if (data.heartRate !== null)
      context.fillText(texts.rate(data.heartRate), 2, top + view.text * 2.3);
    context.fillStyle = colours.band;
    drawRhythms(context, view, row, data, top);
    context.strokeStyle = colours.trace;
    context.lineWidth = 1;
    context.lineJoin = 'round';
    drawTrace(context, view, row, data, top);
    drawBeats(context, view, row, data, top, colours);
  });
  drawAlarms(context, view, colours);
}
