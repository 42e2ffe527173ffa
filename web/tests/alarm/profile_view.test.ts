import { describe, expect, it } from 'vitest';
import { changedNames, changesOf } from '../../src/alarm/profile_view';
import type { Proposal, UnitLimit } from '../../src/api/profile_shapes';
import { timeOf } from './samples';

const six = {
  limit: '90',
  hysteresis: '1',
  on_delay_s: 15,
  off_delay_s: 5,
  priority: 'medium' as const,
  enabled: true,
};
const limitOf = (more: Partial<UnitLimit> = {}): UnitLimit => ({
  condition: 'spo2_low',
  words: 'SpO2 low',
  metric: 'spo2',
  unit_shown: '%',
  can_switch_off: true,
  source: 'customary',
  ...six,
  shipped: six,
  ...more,
});
const proposal: Proposal = {
  id: '1',
  unit: 'ICU',
  age_class: 'adult',
  condition: 'spo2_low',
  words: 'SpO2 low',
  by: 'nia',
  reason: 'too many',
  time: timeOf(0),
  limit: '88',
  enabled: false,
};

describe('changedNames', () => {
  it('names what the unit has set otherwise, and not other digits of the same', () => {
    expect(changedNames(limitOf())).toEqual([]);
    expect(changedNames(limitOf({ limit: '90.0' }))).toEqual([]);
    expect(changedNames(limitOf({ limit: '88', priority: 'low' }))).toEqual(['limit', 'priority']);
  });
});

describe('changesOf', () => {
  it('has what would be set beside what holds', () => {
    expect(changesOf(proposal, [limitOf()])).toEqual([
      { name: 'limit', from: '90', to: '88' },
      { name: 'enabled', from: true, to: false },
    ]);
  });
  it('tells it where nothing is known of what holds', () => {
    expect(changesOf(proposal, [])[0]).toEqual({ name: 'limit', from: undefined, to: '88' });
  });
});
