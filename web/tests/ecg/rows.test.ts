import { describe, expect, it } from 'vitest';
import { groupsOf, lengthOf, movedBy, pageAt, placeOf, rowsIn, timeAt } from '../../src/ecg/rows';

const minute = 60_000;
const now = 1_790_000_000_000 + 37_000;
const at = (ms: number | null, count = 10) => pageAt(ms, now, minute, count);

describe('a page of an ECG in full', () => {
  it('begins with the row that has the time, on whole minutes', () => {
    const page = at(now - 3_600_000);
    expect(page.span.fromMs % minute).toBe(0);
    expect(now - 3_600_000 - page.span.fromMs).toBeLessThan(minute);
    expect(rowsIn(page)).toHaveLength(10);
    expect(lengthOf(page)).toBe(10 * minute);
  });

  it('is the newest where none is named, and where one would lie in the future', () => {
    const { span } = at(null);
    expect(span.toMs - now).toBeLessThanOrEqual(minute);
    expect(span.toMs).toBeGreaterThan(now);
    expect(at(now + 86_400_000)).toEqual(at(null));
  });

  it('is turned by its length and by hours, and follows now again once it gets there', () => {
    const page = at(now - 3_600_000);
    expect(movedBy(page, -10 * minute, now)).toBe(page.span.fromMs - 10 * minute);
    expect(movedBy(page, 3_600_000, now)).toBeNull();
    expect(movedBy(at(null), -lengthOf(page), now)).toBe(at(null).span.fromMs - 10 * minute);
  });

  it('has a place for each of its times, and a time for each place', () => {
    const page = at(now - 3_600_000);
    const ms = page.span.fromMs + 3 * minute + 15_000;
    expect(placeOf(ms, page)).toEqual({ row: 3, share: 0.25 });
    expect(timeAt({ row: 3, share: 0.25 }, page)).toBe(ms);
    expect(placeOf(page.span.fromMs - 1, page)).toBeNull();
    expect(placeOf(page.span.toMs, page)).toBeNull();
    expect(timeAt({ row: 99, share: 7 }, page)).toBeLessThan(page.span.toMs);
    expect(timeAt({ row: -1, share: -1 }, page)).toBe(page.span.fromMs);
  });

  it('is read by neighbouring rows together, within a bound', () => {
    expect(groupsOf([0, 60, 120, 300, 360], 60, 120)).toEqual([
      { fromMs: 0, toMs: 120 },
      { fromMs: 120, toMs: 180 },
      { fromMs: 300, toMs: 420 },
    ]);
    expect(groupsOf([], 60, 120)).toEqual([]);
  });
});
