import { describe, expect, it } from 'vitest';
import { isPoint, polylines } from '../../src/ecg/polyline';
import { piece } from './samples';

const axes = (msPerPixel: number) => ({
  xOf: (ms: number) => ms / msPerPixel,
  yOf: (value: number) => -value,
  column: 1,
});
const all = { fromMs: -1e9, toMs: 1e9 };

describe('the line of a trace', () => {
  it('goes through every sample where there is room', () => {
    expect(polylines([piece(0, [1, 2, 3])], all, axes(1))).toEqual([[0, -1, 4, -2, 8, -3]]);
  });

  it('goes on where one piece follows another, and is lifted where nothing was sampled', () => {
    const next = [piece(0, [1, 1]), piece(9, [1, 1])];
    expect(polylines(next, all, axes(1))).toHaveLength(1);
    const late = [piece(0, [1, 1]), piece(12, [1, 1])];
    expect(polylines(late, all, axes(1))).toHaveLength(2);
    expect(polylines([piece(0, [1, 1, NaN, 1, 1])], all, axes(1))).toHaveLength(2);
  });

  it('shows one sample between two holes as a point', () => {
    const [run = []] = polylines([piece(0, [NaN, 7, NaN])], all, axes(1));
    expect(run).toEqual([4, -7]);
    expect(isPoint(run)).toBe(true);
  });

  it('keeps the extremes of each column, in order of time, however many samples share it', () => {
    // A spike up and one down among 10,000 samples on 20 columns.
    const samples = Array.from({ length: 10_000 }, (_, i) => Math.sin(i / 50) / 10);
    samples[4321] = 5;
    samples[7777] = -4;
    const [run = []] = polylines([piece(0, samples, 1)], all, axes(500));
    const ys = run.filter((_, i) => i % 2 === 1);
    const xs = run.filter((_, i) => i % 2 === 0);
    expect(Math.min(...ys)).toBe(-5);
    expect(Math.max(...ys)).toBe(4);
    expect(run.length / 2).toBeLessThanOrEqual(20 * 4);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
    const spike = xs[ys.indexOf(-5)];
    expect(spike).toBeCloseTo(4321 / 500, 9);
  });

  it('draws only what is in sight, and the line that leaves it', () => {
    const long = piece(
      0,
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const [run = []] = polylines([long], { fromMs: 400, toMs: 420 }, axes(1));
    expect(run[0]).toBe(396);
    expect(run.at(-2)).toBe(420);
  });
});
