import { describe, expect, it } from 'vitest';
import { PlayDelay } from '../../src/wave/play_delay';
import { WaveRing } from '../../src/wave/ring';
import { pixelsPerMm, Sweep } from '../../src/wave/sweep';

/** A canvas that notes what is drawn and erased, by place. */
class Paper {
  points: { x: number; y: number; joined: boolean }[] = [];
  erased: { from: number; to: number }[] = [];
  strokeStyle = '';
  lineWidth = 1;
  lineJoin = '';
  setTransform() {
    return undefined;
  }
  clearRect(x: number, _y: number, width: number) {
    this.erased.push({ from: x, to: x + width });
    this.points = this.points.filter((point) => point.x < x || point.x > x + width);
  }
  beginPath() {
    return undefined;
  }
  stroke() {
    return undefined;
  }
  moveTo(x: number, y: number) {
    this.points.push({ x, y, joined: false });
  }
  lineTo(x: number, y: number) {
    this.points.push({ x, y, joined: true });
  }
}

const periodMs = 10;
const blockMs = 200;
/** Samples have the server's time, the screen its own since the page was opened. */
const screenBeganMs = 1_790_000_000_000;
/** Four seconds at 25 mm/s. */
const width = 100 * pixelsPerMm;

/** A waveform that arrives 50 ms after each block, drawn at 50 frames a second. */
function stage(
  delivers: (blockStartMs: number) => boolean = () => true,
  { headroom = 0, past = 0 } = {},
) {
  const paper = new Paper();
  const ring = new WaveRing(20_000);
  const delay = new PlayDelay();
  const sweep = new Sweep(paper as unknown as CanvasRenderingContext2D, 25);
  sweep.setLanes([{ ring, delay, colour: 'green', ecg: false }]);
  sweep.setSize(width, 100, 1, headroom);
  let next = -past;
  const runTo = (from: number, to: number) => {
    for (let ms = from; ms <= to; ms += 20) {
      while (next + blockMs + 50 <= ms) {
        if (delivers(next)) {
          const samples = Float32Array.from({ length: blockMs / periodMs }, (_, i) =>
            Math.sin((next + i * periodMs) / 300),
          );
          const block = {
            index: 1,
            startMs: screenBeganMs + next,
            periodMs,
            discontinuity: false,
            replayed: next < 0,
          };
          ring.put({ ...block, samples });
          if (!block.replayed) delay.arrived(block.startMs, ms);
        }
        next += blockMs;
      }
      sweep.draw(ms);
    }
  };
  const drawnAt = (screenMs: number) => {
    const x = ((screenMs % 4000) / 4000) * width;
    return paper.points.some((point) => Math.abs(point.x - x) < 2);
  };
  return { paper, runTo, drawnAt };
}

describe('Sweep', () => {
  it('draws the newest samples up to now and keeps the bar ahead of it free', () => {
    const { runTo, drawnAt } = stage();
    runTo(0, 10_000);
    expect(drawnAt(9_980)).toBe(true);
    expect(drawnAt(10_080)).toBe(false);
    // A screen's width ago, behind the bar, the old trace still stands.
    expect(drawnAt(10_400)).toBe(true);
  });

  it('leaves a gap that grows when samples stop coming: it never stands as a live picture', () => {
    const { runTo, drawnAt, paper } = stage((start) => start < 8_000);
    runTo(0, 9_400);
    expect(drawnAt(9_300)).toBe(false);
    runTo(9_420, 13_000);
    expect(paper.points).toEqual([]);
  });

  it('does not join the two sides of a hole', () => {
    const { runTo, paper } = stage((start) => start !== 8_400);
    runTo(0, 10_000);
    const broken = paper.points.filter(({ joined }, i) => {
      const before = paper.points[i - 1];
      return joined && before && (paper.points[i]?.x ?? 0) - before.x > 3;
    });
    expect(broken).toEqual([]);
  });

  it.each([
    ['after a while', 0, 12_000],
    ['with a long past that came before the first live block', 30_000, 500],
  ])('draws nothing twice over, %s: one height at each place', (_when, past, until) => {
    const { runTo, paper } = stage(undefined, { past });
    runTo(0, until);
    expect(paper.points.length).toBeGreaterThan(100);
    const heights = new Map<number, number>();
    for (const { x, y } of paper.points) {
      const place = Math.round(x);
      const known = heights.get(place);
      if (known !== undefined) expect(Math.abs(known - y)).toBeLessThan(8);
      heights.set(place, y);
    }
  });

  it('leaves room above a trace for its name', () => {
    const { runTo, paper } = stage(undefined, { headroom: 20 });
    runTo(0, 9_000);
    const heights = paper.points.map(({ y }) => y);
    expect(Math.min(...heights)).toBeGreaterThan(20);
    expect(Math.max(...heights)).toBeLessThan(100);
  });

  it('erases only a sliver a frame once it runs', () => {
    const { runTo, paper } = stage();
    runTo(0, 9_000);
    paper.erased = [];
    runTo(9_020, 9_040);
    const widest = Math.max(...paper.erased.map(({ from, to }) => to - from));
    expect(widest).toBeLessThan(10);
  });
});
