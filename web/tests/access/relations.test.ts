import { describe, expect, it } from 'vitest';
import {
  emergenciesNow,
  isInCare,
  neededFor,
  ownPatients,
  sortRelations,
  standing,
} from '../../src/access/relations';
import type { Relation } from '../../src/api/access_shapes';

const hour = 3_600_000;
const nowMs = Date.parse('2026-11-26T12:00:00Z');
const at = (hours: number) => new Date(nowMs + hours * hour).toISOString();

let ids = 0;
const relation = (of: Partial<Relation>): Relation => ({
  id: ++ids,
  account: 'nia',
  display_name: 'Nia',
  role: 'nurse',
  patient: '3',
  kind: 'care-team',
  from: at(-1),
  to: null,
  reason: null,
  review: null,
  ...of,
});

describe('a care relation', () => {
  it('holds from its beginning to before its end', () => {
    expect(standing(relation({}), nowMs)).toBe('now');
    expect(standing(relation({ from: at(0), to: at(1) }), nowMs)).toBe('now');
    expect(standing(relation({ to: at(0) }), nowMs)).toBe('ended');
    expect(standing(relation({ from: at(1) }), nowMs)).toBe('later');
  });

  it('takes what the server asks for', () => {
    expect(neededFor('caregiver')).toEqual(['consents', 'w']);
    expect(neededFor('self')).toEqual(['accounts', 'a']);
  });
});

describe('who may see a patient', () => {
  it('stands by kind, and what has ended apart, the last first', () => {
    const team = relation({});
    const mother = relation({ kind: 'caregiver', account: 'mia' });
    const old = relation({ kind: 'caregiver', to: at(-3), from: at(-9) });
    const older = relation({ kind: 'emergency', to: at(-5), from: at(-9) });
    const { held, ended } = sortRelations([older, old, mother, team], nowMs);
    expect(held).toEqual({ 'care-team': [team], caregiver: [mother], self: [], emergency: [] });
    expect(ended).toEqual([old, older]);
  });
});

describe('an account', () => {
  it('has the emergencies that have not ended', () => {
    const open = relation({ kind: 'emergency', to: at(3) });
    const over = relation({ kind: 'emergency', to: at(-1), from: at(-2) });
    expect(emergenciesNow([open, over, relation({})], nowMs)).toEqual([open]);
  });

  it('is for its own patient first, and for each once', () => {
    const mine = relation({ kind: 'self', patient: '1' });
    const child = relation({ kind: 'caregiver', patient: '2' });
    const twice = relation({ kind: 'caregiver', patient: '1' });
    const over = relation({ kind: 'caregiver', patient: '4', to: at(-0.5) });
    expect(ownPatients([child, twice, mine, over], nowMs)).toEqual([mine, child]);
  });
});

describe('whoever gives up an emergency', () => {
  const emergency = relation({ kind: 'emergency' });
  it('has the patient in their care all the same, by reach, by unit or by another relation', () => {
    const nobody = { everyone: false, units: [], relations: [emergency] };
    expect(isInCare(nobody, '3', 'ICU 1')).toBe(false);
    expect(isInCare({ ...nobody, units: ['ICU 1'] }, '3', 'ICU 1')).toBe(true);
    expect(isInCare({ ...nobody, units: ['ICU 1'] }, '3', null)).toBe(false);
    expect(isInCare({ ...nobody, everyone: true }, '3', null)).toBe(true);
    expect(isInCare({ ...nobody, relations: [relation({})] }, '3', null)).toBe(true);
    expect(isInCare({ ...nobody, relations: [relation({})] }, '4', null)).toBe(false);
  });
});
