import { describe, expect, it } from 'vitest';
import { differing, limitWish } from '../../src/alarm/limit_wish';
import type { AlarmLimit } from '../../src/api/alarm_shapes';

const unit = {
  limit: '90',
  hysteresis: '1',
  on_delay_s: 15,
  off_delay_s: 5,
  priority: 'medium',
  enabled: true,
} as const;
const form = { ...unit, on_delay_s: '15', off_delay_s: '5' };

describe('limitWish', () => {
  it('asks only for what differs', () => {
    expect(limitWish(unit, form)).toEqual({});
    expect(limitWish(unit, { ...form, limit: '87' })).toEqual({ limit: '87' });
    expect(limitWish(unit, { ...form, on_delay_s: '10', enabled: false })).toEqual({
      on_delay_s: 10,
      enabled: false,
    });
  });
  it('keeps the digits as they were typed, with a point', () => {
    expect(limitWish(unit, { ...form, limit: ' 38,50 ' })).toEqual({ limit: '38.50' });
  });
  it('sets no limit where there is none', () => {
    expect(limitWish({ ...unit, limit: null }, { ...form, limit: '' })).toEqual({});
  });
});

describe('differing', () => {
  it('names what the unit has otherwise', () => {
    const limit: AlarmLimit = {
      condition: 'spo2_low',
      words: 'SpO2 low',
      metric: 'spo2',
      unit_shown: '%',
      can_switch_off: true,
      ...unit,
      limit: '87',
      unit_default: unit,
      changed: { by: 'admin', reason: 'COPD', since: '2026-01-01T00:00:00Z' },
    };
    expect(differing(limit)).toEqual(['limit']);
  });
});
