import { describe, expect, it } from 'vitest';
import { WaveRing } from '../../src/wave/ring';

const block = (startMs: number, samples: number[], periodMs = 10) => ({
  index: 1,
  startMs,
  periodMs,
  discontinuity: false,
  replayed: false,
  samples: Float32Array.from(samples),
});

function contents(ring: WaveRing): [ms: number, sample: number][] {
  const all: [number, number][] = [];
  for (let n = ring.firstKept; n < ring.total; n += 1) all.push([ring.timeOf(n), ring.at(n)]);
  return all;
}

describe('WaveRing', () => {
  it('joins blocks that follow each other', () => {
    const ring = new WaveRing(1000);
    ring.put(block(0, [1, 2]));
    ring.put(block(20, [3]));
    expect(contents(ring)).toEqual([
      [0, 1],
      [10, 2],
      [20, 3],
    ]);
  });

  it('keeps a hole where samples did not come', () => {
    const ring = new WaveRing(1000);
    ring.put(block(0, [1]));
    ring.put(block(30, [2]));
    expect(contents(ring)).toEqual([
      [0, 1],
      [10, NaN],
      [20, NaN],
      [30, 2],
    ]);
  });

  it('keeps what it has when a block is sent again', () => {
    const ring = new WaveRing(1000);
    ring.put(block(0, [1, 2, 3]));
    ring.put(block(10, [9, 9]));
    ring.put(block(20, [9, 4]));
    expect(contents(ring).map(([, sample]) => sample)).toEqual([1, 2, 3, 4]);
  });

  it('takes a clock rounded by less than half a sample as no hole', () => {
    const ring = new WaveRing(1000);
    ring.put(block(0, [1, 2]));
    ring.put(block(23, [3]));
    expect(ring.total).toBe(3);
    expect(ring.endMs).toBe(33);
  });

  it('holds only the last samples of its span', () => {
    const ring = new WaveRing(50);
    for (let i = 0; i < 12; i += 1) ring.put(block(i * 10, [i]));
    expect(contents(ring).map(([, sample]) => sample)).toEqual([7, 8, 9, 10, 11]);
    expect(ring.at(0)).toBeNaN();
  });

  it('starts again after a hole longer than its span, and where the rate changes', () => {
    const ring = new WaveRing(50);
    ring.put(block(0, [1, 2]));
    ring.put(block(10_000, [3]));
    expect(contents(ring)).toEqual([[10_000, 3]]);
    ring.put(block(10_010, [4, 5], 5));
    expect(contents(ring)).toEqual([
      [10_010, 4],
      [10_015, 5],
    ]);
  });

  it('finds the first sample taken at or after a time', () => {
    const ring = new WaveRing(1000);
    ring.put(block(100, [1, 2, 3]));
    expect(ring.numberAt(100)).toBe(0);
    expect(ring.numberAt(105)).toBe(1);
    expect(ring.numberAt(120)).toBe(2);
  });

  it('tells the range of what was seen last, holes aside', () => {
    const ring = new WaveRing(1000);
    ring.put(block(0, [100, NaN, -2, 3]));
    expect(ring.range(30)).toEqual({ low: -2, high: 3 });
    expect(new WaveRing(1000).range(30)).toBeNull();
  });
});
