import { describe, expect, it } from 'vitest';
import { age, freshness } from '../../src/vital/freshness';

describe('freshness', () => {
  it.each([
    ['just measured', 1, 0, 'fresh'],
    ['within its interval and the way here', 1, 3_000, 'fresh'],
    ['a moment later', 1, 3_001, 'stale'],
    ['three intervals and the way here', 1, 5_000, 'stale'],
    ['older than that', 1, 5_001, 'absent'],
    ['temperature once a minute, 62 s old', 60, 62_000, 'fresh'],
    ['temperature once a minute, 2 min old', 60, 120_000, 'stale'],
    ['temperature once a minute, 4 min old', 60, 240_000, 'absent'],
    ['a cuff pressure is as old as it says', 0, 3_600_000, 'episodic'],
    ['from a clock a little ahead', 1, -500, 'fresh'],
  ] as const)('%s', (_words, expectedS, ageMs, look) => {
    expect(freshness(1_000_000, expectedS, 1_000_000 + ageMs)).toBe(look);
  });
});

describe('age', () => {
  it.each([
    [0, { unit: 'now' }],
    [-800, { unit: 'now' }],
    [2_999, { unit: 'now' }],
    [3_000, { unit: 'second', count: 3 }],
    [59_999, { unit: 'second', count: 59 }],
    [60_000, { unit: 'minute', count: 1 }],
    [3_599_999, { unit: 'minute', count: 59 }],
    [3_600_000, { unit: 'hour', count: 1 }],
    [47 * 3_600_000, { unit: 'hour', count: 47 }],
    [48 * 3_600_000, { unit: 'day', count: 2 }],
  ])('%i ms', (ageMs, words) => {
    expect(age(1_000_000, 1_000_000 + ageMs)).toEqual(words);
  });
});
