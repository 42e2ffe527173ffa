// Draws sweeping waveforms: the newest sample is written over the oldest at 25 mm/s, behind an
// erase bar. Only what is new is drawn each frame. What has not arrived is not drawn: the bar runs
// on, and a gap grows behind it.
import type { PlayDelay } from './play_delay';
import type { WaveRing } from './ring';
import { ecgRange, plainRange, type Range } from './scale';

export interface Lane {
  ring: WaveRing;
  delay: PlayDelay;
  colour: string;
  ecg: boolean;
}

interface LaneState {
  lane: Lane;
  range: Range | null;
  /** The time of the last sample drawn, and the delay it was drawn with. */
  drawnMs: number;
  drawnDelay: number | null;
}

/** CSS defines a millimetre as 96/25.4 pixels. */
export const pixelsPerMm = 96 / 25.4;
const eraseBarMm = 4;
/** How often the vertical scale is looked at, and over how much of the past. */
const rescaleEveryMs = 1000;
const rescaleOverMs = 6000;

export class Sweep {
  private lanes: LaneState[] = [];
  private width = 0;
  private height = 0;
  private pixelRatio = 1;
  private headroom = 0;
  private drawnTo: number | null = null;
  private rescaled = -Infinity;

  constructor(
    private readonly context: CanvasRenderingContext2D,
    private mmPerSecond: number,
  ) {}

  setLanes(lanes: Lane[]): void {
    this.lanes = lanes.map((lane) => ({ lane, range: null, drawnMs: -Infinity, drawnDelay: null }));
    this.startAfresh();
  }

  /** `headroom`: how much at the top of each lane is not drawn in, for a name to stand there. */
  setSize(width: number, height: number, pixelRatio: number, headroom = 0): void {
    const same = width === this.width && height === this.height && headroom === this.headroom;
    if (same && pixelRatio === this.pixelRatio) return;
    this.width = width;
    this.height = height;
    this.pixelRatio = pixelRatio;
    this.headroom = headroom;
    this.startAfresh();
  }

  setSpeed(mmPerSecond: number): void {
    this.mmPerSecond = mmPerSecond;
    this.startAfresh();
  }

  /** The scale of each lane now: for scale bars. */
  rangeOf(lane: number): Range | null {
    return this.lanes[lane]?.range ?? null;
  }

  get pixelsPerSecond(): number {
    return this.mmPerSecond * pixelsPerMm;
  }

  /** Brings the picture up to `nowMs` of the screen's clock. */
  draw(nowMs: number): void {
    if (this.width === 0 || this.lanes.length === 0) return;
    const spanMs = this.spanMs;
    if (nowMs - this.rescaled > rescaleEveryMs) this.rescale(nowMs);
    // After a hidden tab, a changed scale or delay the whole width is drawn again: two mappings of
    // time to place in one picture would overlap.
    if (this.drawnTo === null || this.delaysChanged() || nowMs - this.drawnTo > spanMs / 4)
      this.redraw();
    else this.eraseAhead(this.drawnTo, nowMs);
    this.drawnTo = nowMs;
    for (let i = 0; i < this.lanes.length; i += 1) this.drawLane(i, nowMs);
  }

  private get spanMs(): number {
    return (this.width / this.pixelsPerSecond) * 1000;
  }

  private get traceHeight(): number {
    return this.height / this.lanes.length - this.headroom;
  }

  private startAfresh(): void {
    this.drawnTo = null;
    this.rescaled = -Infinity;
  }

  private redraw(): void {
    this.context.setTransform(this.pixelRatio, 0, 0, this.pixelRatio, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    this.context.lineJoin = 'round';
    for (const state of this.lanes) {
      state.drawnMs = -Infinity;
      state.drawnDelay = null;
    }
  }

  private get barMs(): number {
    return (eraseBarMm / this.mmPerSecond) * 1000;
  }

  private xOf(screenMs: number): number {
    const spanMs = this.spanMs;
    return ((((screenMs % spanMs) + spanMs) % spanMs) / spanMs) * this.width;
  }

  private eraseAhead(fromMs: number, toMs: number): void {
    const from = this.xOf(fromMs + this.barMs);
    const pixels = ((toMs - fromMs) / this.spanMs) * this.width + 1;
    this.context.clearRect(from - 0.5, 0, pixels + 0.5, this.height);
    if (from + pixels > this.width)
      this.context.clearRect(0, 0, from + pixels - this.width, this.height);
  }

  private rescale(nowMs: number): void {
    this.rescaled = nowMs;
    const laneMm = this.traceHeight / pixelsPerMm;
    for (const state of this.lanes) {
      const seen = state.lane.ring.range(rescaleOverMs);
      if (!seen) continue;
      const range = state.lane.ecg
        ? ecgRange(state.range, seen, laneMm)
        : plainRange(state.range, seen);
      if (range === state.range) continue;
      state.range = range;
      this.drawnTo = null;
    }
  }

  private delaysChanged(): boolean {
    return this.lanes.some(
      ({ lane, drawnDelay }) => drawnDelay !== null && drawnDelay !== lane.delay.ms,
    );
  }

  private drawLane(index: number, nowMs: number): void {
    const state = this.lanes[index];
    const delay = state?.lane.delay.ms ?? null;
    if (!state?.range || delay === null) return;
    const { ring } = state.lane;
    const laneHeight = this.height / this.lanes.length;
    const perUnit = this.traceHeight / (state.range.high - state.range.low);
    const bottom = (index + 1) * laneHeight + state.range.low * perUnit;
    // No further back than the bar: its past, however long, would be written over itself.
    const oldest = nowMs - delay - this.spanMs * 0.98 + this.barMs;
    const first = Math.max(ring.numberAt(Math.max(state.drawnMs, oldest)), ring.firstKept);
    const end = Math.min(ring.numberAt(nowMs - delay), ring.total);
    // One sample is no line yet: the one drawn last, and nothing new behind it.
    if (first >= end - 1) return;

    const context = this.context;
    context.strokeStyle = state.lane.colour;
    context.lineWidth = this.pixelRatio > 1 ? 1.5 : 1.6;
    context.beginPath();
    let lifted = true;
    let lastX = -1;
    // Begins at the sample drawn last, so that the line goes on.
    for (let number = first; number < end; number += 1) {
      const sample = ring.at(number);
      const x = this.xOf(ring.timeOf(number) + delay);
      if (Number.isNaN(sample) || x < lastX) lifted = true;
      lastX = x;
      if (Number.isNaN(sample)) continue;
      const y = bottom - sample * perUnit;
      if (lifted) context.moveTo(x, y);
      else context.lineTo(x, y);
      lifted = false;
    }
    context.stroke();
    state.drawnMs = ring.timeOf(end - 1);
    state.drawnDelay = delay;
  }
}
