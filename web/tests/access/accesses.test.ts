import { expect, test } from 'vitest';
import { groupAccesses } from '../../src/access/accesses';
import type { PatientAccess } from '../../src/api/access_shapes';

const line = (time: string, more: Partial<PatientAccess> = {}): PatientAccess => ({
  number: 1,
  time,
  who: 'nia',
  display_name: 'Nia',
  role: 'nurse',
  token: null,
  act: 'read',
  what: 'patient',
  purpose: 'treatment',
  permitted: true,
  ...more,
});

test('what somebody did in a day is one entry', () => {
  const groups = groupAccesses([
    line('2026-03-02T12:30:00Z'),
    line('2026-03-02T12:20:00Z', { who: 'doc', display_name: null }),
    line('2026-03-02T12:10:00Z'),
    line('2026-03-01T12:10:00Z'),
  ]);
  expect(groups.map(({ who, n }) => [who, n])).toEqual([
    ['nia', 2],
    ['doc', 1],
    ['nia', 1],
  ]);
  expect(groups[0]?.from).toBe(Date.parse('2026-03-02T12:10:00Z'));
  expect(groups[0]?.to).toBe(Date.parse('2026-03-02T12:30:00Z'));
  expect(groups[1]?.name).toBe('doc');
});

test('an emergency, a change and what was refused stand by themselves', () => {
  const time = '2026-03-02T12:00:00Z';
  const groups = groupAccesses([
    line(time),
    line(time, { purpose: 'emergency' }),
    line(time, { act: 'write' }),
    line(time, { permitted: false }),
  ]);
  expect(groups).toHaveLength(4);
  expect(groups[1]?.emergency).toBe(true);
  expect(groups[3]?.permitted).toBe(false);
});
