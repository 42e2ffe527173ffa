// How far behind a waveform is drawn, so that its blocks have always arrived when the sweep needs
// them. Learnt from the blocks: it covers the length of a block, the network's jitter and a device
// clock that is off, alike.

const blocksRemembered = 24;
const marginMs = 60;
/** Shrinking moves the trace: only worth it when the delay is clearly too long. */
const worthShrinkingMs = 500;

export class PlayDelay {
  private readonly lateness: number[] = [];
  private delay: number | null = null;

  /** A live block whose first sample was taken at `startMs` arrived at `arrivedMs` (screen clock). */
  arrived(startMs: number, arrivedMs: number): void {
    this.lateness.push(arrivedMs - startMs);
    if (this.lateness.length > blocksRemembered) this.lateness.shift();
    const needed = Math.max(...this.lateness) + marginMs;
    const settled = this.lateness.length === blocksRemembered;
    if (this.delay === null || needed > this.delay) this.delay = needed;
    else if (settled && this.delay - needed > worthShrinkingMs) this.delay = needed;
  }

  /** Screen clock less sample time; null until the first live block. */
  get ms(): number | null {
    return this.delay;
  }
}
