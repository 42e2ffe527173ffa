import { describe, expect, it } from 'vitest';
import {
  endOf,
  extremesOf,
  gapsOf,
  inOrder,
  joined,
  medianOf,
  tracesOf,
  valueAt,
} from '../../src/ecg/trace';
import { piece, trace, waveReading } from './samples';

describe('a trace', () => {
  it('has the values that were sampled, and none where there was no sample', () => {
    const [read] = tracesOf([waveReading(1000)]);
    const samples = [...(read?.pieces[0]?.samples ?? [])];
    expect(samples[0]).toBe(0);
    expect(samples[1]).toBeCloseTo(1, 6);
    expect(samples[2]).toBeNaN();
    expect(samples[3]).toBeCloseTo(-0.1, 6);
  });

  it('of an ECG is in millivolts, whatever its device sends', () => {
    const [read] = tracesOf([
      waveReading(0, {
        unit: 'uV',
        waveform: { period_ms: 2, scale: '5', offset: '0', samples: [200] },
      }),
    ]);
    expect(read?.pieces[0]?.samples[0]).toBeCloseTo(1, 6);
  });

  it('is one for each metric, device and channel', () => {
    const readings = [
      waveReading(0),
      waveReading(16),
      waveReading(0, { channel: 1 }),
      waveReading(0, { device: 'monitor-2' }),
      waveReading(0, { metric: 'pleth' }),
    ];
    expect(tracesOf(readings).map(({ pieces }) => pieces.length)).toEqual([2, 1, 1, 1]);
  });

  it('has each sample once, though a block was sent twice or overlaps', () => {
    const pieces = inOrder([piece(0, [1, 2, 3, 4]), piece(0, [1, 2, 3, 4]), piece(8, [3, 4, 5])]);
    expect(pieces.map(({ startMs, samples }) => [startMs, [...samples]])).toEqual([
      [0, [1, 2, 3, 4]],
      [16, [5]],
    ]);
  });

  it('reads on without losing what was there', () => {
    const before = [trace([piece(0, [1, 2])])];
    const [all] = joined(before, [trace([piece(0, [1, 2]), piece(8, [3])])]);
    expect(all?.pieces.map(endOf)).toEqual([8, 12]);
  });

  it('knows its extremes, its middle, and the sample at a time', () => {
    const pieces = [piece(0, [0, 0, 5, NaN, -1, 0])];
    const span = { fromMs: 0, toMs: 1000 };
    expect(extremesOf(pieces, span)).toEqual({ low: -1, high: 5 });
    expect(extremesOf(pieces, { fromMs: 500, toMs: 1000 })).toBeNull();
    expect(medianOf(pieces, span)).toBe(0);
    expect(valueAt(pieces, 9)).toBe(5);
    expect(valueAt(pieces, 12)).toBeNull();
    expect(valueAt(pieces, 400)).toBeNull();
  });

  it('counts what was not sampled, at the ends too', () => {
    const span = { fromMs: 0, toMs: 100 };
    const whole = piece(0, new Array<number>(25).fill(0));
    expect(gapsOf([whole], span)).toEqual({ count: 0, totalMs: 0 });
    expect(gapsOf([piece(0, [1, 2, NaN, NaN, 3])], { fromMs: 0, toMs: 20 })).toEqual({
      count: 1,
      totalMs: 8,
    });
    expect(gapsOf([piece(40, [1, 2])], span)).toEqual({ count: 2, totalMs: 92 });
    expect(gapsOf([], span)).toEqual({ count: 1, totalMs: 100 });
  });
});
