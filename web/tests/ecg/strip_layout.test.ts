import { describe, expect, it } from 'vitest';
import { standardScale } from '../../src/ecg/paper';
import {
  compareTraces,
  heightOf,
  layOut,
  mmOf,
  secondsIn,
  valueOf,
} from '../../src/ecg/strip_layout';
import { piece, trace } from './samples';

const span = { fromMs: 0, toMs: 30_000 };
const ecg = (low: number, high: number, metric = 'ecg_ii') =>
  trace([piece(0, [0, low, high, 0, 0, 0, 0])], metric);

describe('the lanes of a strip', () => {
  it('are ECG leads first, II in front, then the others as monitors order them', () => {
    const metrics = ['resp_wave', 'ecg_v5', 'pleth', 'ecg_avr', 'abp_wave', 'ecg_i', 'ecg_ii'];
    const ordered = metrics.map((metric) => trace([], metric)).sort(compareTraces);
    expect(ordered.map(({ metric }) => metric)).toEqual([
      'ecg_ii',
      'ecg_i',
      'ecg_avr',
      'ecg_v5',
      'abp_wave',
      'pleth',
      'resp_wave',
    ]);
  });

  it.each([5, 10, 20])('have 1 mV measure %d mm at that gain', (mmPerMv) => {
    const [lane] = layOut([ecg(-0.3, 1.2)], span, { mmPerSecond: 25, mmPerMv });
    if (!lane) throw new Error('no lane');
    expect(mmOf(lane, 0) - mmOf(lane, 1)).toBeCloseTo(mmPerMv, 9);
    expect(valueOf(lane, mmOf(lane, 0.7))).toBeCloseTo(0.7, 9);
    expect(mmOf(lane, 1.2)).toBeGreaterThanOrEqual(lane.topMm);
    expect(mmOf(lane, -0.3)).toBeLessThanOrEqual(lane.topMm + lane.heightMm);
  });

  it('say so where the signal is larger than any lane', () => {
    const [lane] = layOut([ecg(-4, 4)], span, { mmPerSecond: 25, mmPerMv: 20 });
    expect([lane?.isCut, lane?.heightMm]).toEqual([true, 60]);
    const [fits] = layOut([ecg(-4, 4)], span, { mmPerSecond: 25, mmPerMv: 5 });
    expect(fits?.isCut).toBe(false);
  });

  it('lie below each other on whole fives of millimetres, as the bold lines do', () => {
    const lanes = layOut([ecg(-1, 2), ecg(0, 1, 'pleth')], span, standardScale);
    for (const { topMm, heightMm } of lanes) expect((topMm + heightMm) % 5).toBe(0);
    expect(heightOf(lanes)).toBe(lanes.reduce((sum, { heightMm }) => sum + 5 + heightMm, 0));
  });

  it('are there for a waveform of which nothing was sampled', () => {
    const [lane] = layOut([trace([])], span, standardScale);
    expect(lane?.extremes).toBeNull();
  });
});

describe('the times below', () => {
  it('are whole seconds, whenever the strip begins', () => {
    expect(secondsIn({ fromMs: 1_300, toMs: 12_000 }, 5)).toEqual([5000, 10_000]);
  });
});
