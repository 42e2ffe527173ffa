import { describe, expect, it } from 'vitest';
import { alone } from '../../src/trend/trend_chart';

describe('alone', () => {
  it('finds the values that no line leads to', () => {
    expect(alone([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  });
  it('passes over the times of other series', () => {
    expect(alone([1, undefined, 2, null, undefined, 3, undefined])).toEqual([5]);
  });
  it('finds none in a line or in nothing', () => {
    expect(alone([1, 2, 3])).toEqual([]);
    expect(alone()).toEqual([]);
  });
});
