import { describe, expect, it } from 'vitest';
import {
  calibrationMark,
  calibrationMm,
  gridLines,
  marginMm,
  pixelsPerSecond,
} from '../../src/ecg/paper';

describe('ECG paper', () => {
  it('has 25 mm for a second at 25 mm/s, a millimetre being 96/25.4 CSS pixels', () => {
    expect(pixelsPerSecond({ mmPerSecond: 25, mmPerMv: 10 })).toBeCloseTo((25 * 96) / 25.4, 9);
  });

  it('has a bold line every five millimetres, a fine one at the others', () => {
    expect(gridLines(0, 10, true)).toEqual([0, 5, 10]);
    expect(gridLines(3.2, 10, false)).toEqual([4, 6, 7, 8, 9]);
  });

  it.each([
    [12.5, 2.5],
    [25, 5],
    [50, 10],
  ])('at %d mm/s marks 0.2 s with %d mm, of 1 mV at the gain', (mmPerSecond, wide) => {
    for (const mmPerMv of [5, 10, 20]) {
      const scale = { mmPerSecond, mmPerMv };
      expect(calibrationMm(scale)).toBe(wide);
      const heights = calibrationMark(scale).map(([, y]) => -y);
      expect(Math.max(...heights)).toBe(mmPerMv);
      expect(marginMm(scale)).toBeGreaterThan(wide);
    }
  });
});
