import { describe, expect, it } from 'vitest';
import {
  dutiesOfUnit,
  fieldTime,
  isNow,
  reachOf,
  shiftEnd,
  timeOfField,
} from '../../src/alarm/duties';
import type { Contact, Duty } from '../../src/api/duty_shapes';
import { timeOf } from './samples';

const nowMs = Date.parse(timeOf(0));
const dutyOf = (more: Partial<Duty> = {}): Duty => ({
  id: '1',
  account: 'nia',
  as: ['assigned-nurse'],
  unit: 'ICU',
  patients: [],
  from: timeOf(-60),
  until: timeOf(60),
  by: 'nia',
  ...more,
});
const contact: Contact = {
  id: '1',
  account: 'nia',
  name: null,
  as: [],
  unit: '',
  channel: 'email',
  address: 'nia@example.org',
  least: 'medium',
  emergencies: false,
  by: 'nia',
  since: timeOf(0),
};

describe('isNow', () => {
  it.each([
    ['it has begun and not ended', dutyOf(), true],
    ['it begins now', dutyOf({ from: timeOf(0) }), true],
    ['it begins by another clock’s now', dutyOf({ from: timeOf(2) }), true],
    ['it has yet to begin', dutyOf({ from: timeOf(60) }), false],
    ['it ends now', dutyOf({ until: timeOf(0) }), false],
  ])('%s', (_, duty, expected) => expect(isNow(duty, nowMs)).toBe(expected));
});

describe('dutiesOfUnit', () => {
  it('has the unit’s own and those of every unit, and not another’s', () => {
    const duties = [
      dutyOf({ id: '1' }),
      dutyOf({ id: '2', unit: '', as: ['physician'] }),
      dutyOf({ id: '3', unit: 'ward 4' }),
      dutyOf({ id: '4', from: timeOf(60) }),
    ];
    const { now, open } = dutiesOfUnit(duties, 'ICU', nowMs);
    expect(now.map(({ id }) => id)).toEqual(['1', '2']);
    expect(open).toEqual(['buddy', 'charge-nurse', 'unit-team', 'device-team']);
  });
  it('does not take a duty of some patients for one of the unit', () => {
    const { now, open } = dutiesOfUnit([dutyOf({ patients: ['1'] })], 'ICU', nowMs);
    expect(now).toHaveLength(1);
    expect(open).toContain('assigned-nurse');
  });
});

describe('reachOf', () => {
  it.each([
    ['told', [dutyOf()], [contact]],
    ['no-contact', [dutyOf()], []],
    ['no-duty', [dutyOf({ from: timeOf(60) })], [contact]],
    ['neither', [dutyOf({ account: 'ben' })], []],
  ])('%s', (expected, duties, contacts) =>
    expect(reachOf('nia', duties, contacts, nowMs)).toBe(expected),
  );
});

describe('times of a field', () => {
  it('come back as they went in, to the minute', () => {
    const ms = Math.floor(nowMs / 60_000) * 60_000;
    expect(timeOfField(fieldTime(ms))).toBe(new Date(ms).toISOString());
    expect(timeOfField('')).toBeNull();
  });
  it('offers a shift from now, at a half hour', () => {
    const end = shiftEnd(nowMs + 1);
    expect(end % 1_800_000).toBe(0);
    expect(end - nowMs).toBeGreaterThan(8 * 3_600_000);
  });
});
