import { describe, expect, it } from 'vitest';
import { ecgRange, millivoltShare, plainRange } from '../../src/wave/scale';

describe('ecgRange', () => {
  it('chooses a gain that people know: a 1 mV trace in 20 mm stands at 10 mm/mV', () => {
    const range = ecgRange(null, { low: -0.2, high: 1.1 }, 20);
    expect(range.high - range.low).toBeCloseTo(2);
    expect(millivoltShare(range) * 20).toBeCloseTo(10);
  });

  it('stands still while the trace stays inside and readable', () => {
    const range = ecgRange(null, { low: -0.2, high: 1.1 }, 20);
    expect(ecgRange(range, { low: -0.25, high: 1.05 }, 20)).toBe(range);
  });

  it('gives way to a taller trace', () => {
    const range = ecgRange(null, { low: -0.2, high: 1.1 }, 20);
    const taller = ecgRange(range, { low: -1, high: 2.5 }, 20);
    expect(taller.low).toBeLessThanOrEqual(-1);
    expect(taller.high).toBeGreaterThanOrEqual(2.5);
  });
});

describe('plainRange', () => {
  it('leaves air around the trace', () => {
    const range = plainRange(null, { low: 0, high: 10 });
    expect(range.low).toBeLessThan(0);
    expect(range.high).toBeGreaterThan(10);
  });

  it('comes closer when the trace has become small', () => {
    const range = plainRange(null, { low: 0, high: 10 });
    expect(plainRange(range, { low: 4, high: 5 })).not.toBe(range);
    expect(plainRange(range, { low: 1, high: 9 })).toBe(range);
  });

  it('holds a flat line in the middle', () => {
    const { low, high } = plainRange(null, { low: 5, high: 5 });
    expect(low).toBeLessThan(5);
    expect(high).toBeGreaterThan(5);
  });
});
