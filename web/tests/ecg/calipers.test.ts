import { describe, expect, it } from 'vitest';
import { laidOut, measured, withLane, withLine } from '../../src/ecg/calipers';
import { piece } from './samples';

const span = { fromMs: 0, toMs: 30_000 };

describe('calipers', () => {
  it('are laid out around the instant, a second apart, within the strip', () => {
    expect(laidOut(10_000, span).lines).toEqual([9500, 10_500]);
    expect(laidOut(0, span).lines).toEqual([0, 1000]);
    expect(laidOut(30_000, span).lines).toEqual([29_000, 30_000]);
  });

  it('measure time, rate and the difference, whichever line is the earlier one', () => {
    const pieces = [piece(0, [0, 0.2, 1.2, 0.1], 250)];
    const there = { lines: [250, 500] as const, lane: 0 };
    const { ms, perMinute, difference } = measured(there, pieces);
    expect([ms, perMinute]).toEqual([250, 240]);
    expect(difference).toBeCloseTo(1, 6);
    expect(measured({ ...there, lines: [500, 250] }, pieces)).toEqual(measured(there, pieces));
  });

  it('say nothing of a rate or a difference that there is not', () => {
    const pieces = [piece(0, [0, NaN, 1], 250)];
    expect(measured({ lines: [250, 500], lane: 0 }, pieces).difference).toBeNull();
    expect(measured({ lines: [500, 500], lane: 0 }, pieces).perMinute).toBeNull();
  });

  it('stay on the strip and on its lanes', () => {
    const there = laidOut(10_000, span);
    expect(withLine(there, 0, -5, span).lines).toEqual([0, 10_500]);
    expect(withLine(there, 1, 40_000, span).lines).toEqual([9500, 30_000]);
    expect(withLane(there, -1, 3).lane).toBe(0);
    expect(withLane(withLane(there, 5, 3), 1, 3).lane).toBe(2);
  });
});
