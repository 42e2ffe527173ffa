import { describe, expect, it } from 'vitest';
import { printRows, rowSeconds, sheetMm, rowFootMm } from '../../src/ecg/print_layout';
import { gains, speeds } from '../../src/ecg/paper';
import { arrived, rowsOf, secondsToCome, spanAround } from '../../src/ecg/strip_span';
import { piece, trace } from './samples';

const at = 1_790_000_000_000;

describe('a strip', () => {
  it('is 10 s before and 20 s after', () => {
    const { fromMs, toMs } = spanAround(at);
    expect([at - fromMs, toMs - at]).toEqual([10_000, 20_000]);
  });

  it('fills up until its time has passed and what was sampled has come', () => {
    const span = spanAround(at);
    expect(secondsToCome(span, at)).toBe(22);
    expect(secondsToCome(span, at + 20_000)).toBe(2);
    expect(secondsToCome(span, at + 22_000)).toBe(0);
  });

  it('has no gap in what is on its way, and one in what is late', () => {
    const span = spanAround(at);
    expect(arrived(span, at + 3000, at + 1400).toMs).toBe(at + 1400);
    expect(arrived(span, at + 9000, at + 1400).toMs).toBe(at + 4000);
    expect(arrived(span, at + 30_000, at + 1400)).toEqual(span);
  });

  it('goes on in the next row, to the millisecond', () => {
    expect(rowsOf({ fromMs: 0, toMs: 25 }, 10)).toEqual([
      { fromMs: 0, toMs: 10 },
      { fromMs: 10, toMs: 20 },
      { fromMs: 20, toMs: 25 },
    ]);
  });
});

describe('a printed strip', () => {
  const wave = (metric: string) =>
    trace(
      [
        piece(
          at - 10_000,
          Array.from({ length: 7500 }, (_, i) => Math.sin(i / 20)),
        ),
      ],
      metric,
    );

  it.each(speeds.flatMap((speed) => gains.map((gain) => [speed, gain] as const)))(
    'fits on one sheet at %d mm/s and %d mm/mV, with at least one lead',
    (mmPerSecond, mmPerMv) => {
      const scale = { mmPerSecond, mmPerMv };
      const waves = [wave('ecg_ii'), wave('pleth'), wave('resp_wave')];
      const rows = printRows(waves, spanAround(at), at, scale);
      const high = rows.reduce((sum, { heightMm }) => sum + heightMm + rowFootMm, 0);
      expect(rows[0]?.lanes[0]?.trace.metric).toBe('ecg_ii');
      expect(rows[0]?.span.fromMs).toBeLessThan(at);
      expect(rows.at(-1)?.span.toMs).toBeGreaterThan(at);
      if (mmPerSecond <= 25 && mmPerMv <= 10) expect(rows.at(-1)?.span.toMs).toBe(at + 20_000);
      expect(rowSeconds(scale) * mmPerSecond).toBeLessThan(sheetMm.wide);
      expect(high).toBeLessThanOrEqual(sheetMm.high);
    },
  );
});
