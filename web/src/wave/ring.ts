// The last seconds of one waveform: blocks go in as they come, samples come out by time.
import type { WaveformBlock } from '../live/messages';

export class WaveRing {
  private samples: Float32Array;
  private periodMs = 0;
  /** Samples ever put in; the ring holds the last `samples.length` of them. */
  private count = 0;
  /** The time after the newest sample. */
  private end = -Infinity;

  constructor(private readonly spanMs: number) {
    this.samples = new Float32Array(0);
  }

  get endMs(): number {
    return this.end;
  }

  get sampleMs(): number {
    return this.periodMs;
  }

  put(block: WaveformBlock): void {
    if (block.periodMs !== this.periodMs) this.restart(block);
    let skip = 0;
    const ahead = (block.startMs - this.end) / this.periodMs;
    if (this.end === -Infinity || Math.abs(ahead) > this.samples.length) this.count = 0;
    // Half a sample early or late is a clock's rounding; more is a hole, or a resend.
    else if (ahead >= 0.5) this.fill(Math.round(ahead));
    else if (ahead < -0.5) skip = Math.round(-ahead);
    if (skip >= block.samples.length) return;
    for (let i = skip; i < block.samples.length; i += 1) this.push(block.samples[i] ?? NaN);
    this.end = block.startMs + block.samples.length * this.periodMs;
  }

  /** The sample at the given number from the start of time, NaN where there is none (any more). */
  at(number: number): number {
    if (number < this.firstKept || number >= this.count) return NaN;
    return this.samples[number % this.samples.length] ?? NaN;
  }

  get firstKept(): number {
    return Math.max(0, this.count - this.samples.length);
  }

  get total(): number {
    return this.count;
  }

  timeOf(number: number): number {
    return this.end - (this.count - number) * this.periodMs;
  }

  /** The first sample taken at or after a time. */
  numberAt(ms: number): number {
    if (this.periodMs === 0) return 0;
    return this.count - Math.floor((this.end - ms) / this.periodMs + 1e-6);
  }

  /** The smallest and largest sample of the last so many milliseconds, null if there is none. */
  range(lastMs: number): { low: number; high: number } | null {
    let low = Infinity;
    let high = -Infinity;
    const from = Math.max(this.firstKept, this.count - Math.ceil(lastMs / (this.periodMs || 1)));
    for (let number = from; number < this.count; number += 1) {
      const sample = this.at(number);
      if (sample < low) low = sample;
      if (sample > high) high = sample;
    }
    return low <= high ? { low, high } : null;
  }

  private restart(block: WaveformBlock): void {
    this.periodMs = block.periodMs;
    this.samples = new Float32Array(Math.ceil(this.spanMs / block.periodMs));
    this.count = 0;
    this.end = -Infinity;
  }

  private fill(missing: number): void {
    for (let i = 0; i < Math.min(missing, this.samples.length); i += 1) this.push(NaN);
  }

  private push(sample: number): void {
    this.samples[this.count % this.samples.length] = sample;
    this.count += 1;
  }
}
