import { describe, expect, it } from 'vitest';
import { extentOf, moved, zoomed } from '../../src/trend/timeline_view';

const nowMs = 1_790_000_000_000;
const hourAgo = { spanS: 3600, toMs: nowMs - 3_600_000 };
const live = { spanS: 3600, toMs: null };

describe('moved', () => {
  it('steps back from now and stands there', () => {
    expect(moved(live, -0.5, nowMs)).toEqual({ spanS: 3600, toMs: nowMs - 1_800_000 });
  });
  it('follows now again once it has reached it', () => {
    expect(moved(hourAgo, 1, nowMs)).toEqual(live);
    expect(moved(hourAgo, 5, nowMs)).toEqual(live);
  });
});

describe('zoomed', () => {
  it('keeps following now', () => {
    expect(zoomed(live, 2, 1, nowMs)).toEqual({ spanS: 7200, toMs: null });
  });
  it('keeps what is under the pointer where it is', () => {
    const before = extentOf(hourAgo, nowMs);
    const after = extentOf(zoomed(hourAgo, 0.5, 0.25, nowMs), nowMs);
    const at = (extent: typeof before) => extent.fromMs + 0.25 * (extent.toMs - extent.fromMs);
    expect(at(after)).toBeCloseTo(at(before), 0);
  });
  it('stays between half a minute and a year', () => {
    expect(zoomed(live, 1e-9, 1, nowMs).spanS).toBe(30);
    expect(zoomed(live, 1e9, 1, nowMs).spanS).toBe(31_622_400);
  });
  it('never shows what is yet to come', () => {
    expect(extentOf(zoomed(hourAgo, 8, 0.5, nowMs), nowMs).toMs).toBeLessThanOrEqual(nowMs);
  });
});
