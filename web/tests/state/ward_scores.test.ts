import { afterEach, describe, expect, it } from 'vitest';
import type { WardScore } from '../../src/api/score_shapes';
import { byRisk, wardScores } from '../../src/state/ward_scores';

const scoreOf = (rank: number, least: number): WardScore => ({
  key: 'news2',
  name: 'NEWS2',
  applicability: 'applies',
  complete: true,
  total: least,
  least,
  most: least,
  band: { key: 'x', risk: 'low', rank },
  time: '2027-01-15T08:00:00Z',
  single_parameter: false,
  direction: null,
});

afterEach(() => (wardScores.value = new Map()));

describe('byRisk', () => {
  it('has the most urgent first, and those without a score last, as they lie', () => {
    wardScores.value = new Map([
      ['1', scoreOf(1, 3)],
      ['3', scoreOf(2, 3)],
      ['4', scoreOf(1, 4)],
      ['6', scoreOf(1, 3)],
    ]);
    const beds = ['1', '2', '3', '4', '5', '6'];
    expect(byRisk(beds, (bed) => bed)).toEqual(['3', '4', '1', '6', '2', '5']);
  });
});
