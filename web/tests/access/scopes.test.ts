import { describe, expect, it } from 'vitest';
import { mayBeTaken, parseScope, scopesIn, scopeSets, writes } from '../../src/access/scopes';

const data = (text: string) => {
  const scope = parseScope(text);
  if (scope.kind !== 'data') throw new Error(`${text} is of kind ${scope.kind}`);
  return scope;
};

describe('a scope of SMART', () => {
  it('says whose, which type and what is done', () => {
    expect(data('patient/Observation.rs')).toMatchObject({
      whose: 'patient',
      type: 'Observation',
      acts: ['read', 'search'],
      only: [],
    });
    expect(data('user/*.cruds').acts).toEqual(['create', 'read', 'change', 'delete', 'search']);
    expect(data('system/Patient.r').whose).toBe('system');
  });
  it('is narrowed by a search', () => {
    const category = 'http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';
    expect(data(`patient/Observation.rs?category=${category}&code=a`).only).toEqual([
      { name: 'category', value: category },
      { name: 'code', value: 'a' },
    ]);
  });
  it('of version 1 stands for what it means in version 2', () => {
    expect(data('patient/Observation.read').acts).toEqual(['read', 'search']);
    expect(data('patient/Observation.write').acts).toEqual(['create', 'change', 'delete']);
    expect(data('user/*.*').acts).toHaveLength(5);
  });
  it.each([
    'patient/Observation.sr',
    'patient/Observation.rr',
    'patient/Observation.',
    'patient/Bogus.zz',
    'patient/observation.rs',
    'patients/Observation.rs',
    'vigil/administer',
    'javascript:alert(1)',
  ])('that is none is shown as it is: %s', (text) => {
    expect(parseScope(text)).toEqual({ kind: 'other', text });
  });
  it('may say who the person is, where it was opened, and that it goes on without them', () => {
    expect(
      ['openid', 'fhirUser', 'launch', 'launch/patient', 'offline_access'].map(parseScope),
    ).toEqual([
      { kind: 'identity', text: 'openid' },
      { kind: 'identity', text: 'fhirUser' },
      { kind: 'launch', text: 'launch' },
      { kind: 'launch', text: 'launch/patient' },
      { kind: 'offline', text: 'offline_access' },
    ]);
  });
  it('that writes is told from one that looks', () => {
    expect(writes(data('patient/Observation.rs'))).toBe(false);
    expect(writes(data('patient/Observation.c'))).toBe(true);
  });
  it('is taken away where it gives data, or time; not where it says who and where', () => {
    const scopes = ['openid', 'launch/patient', 'offline_access', 'patient/Condition.r', 'x'];
    expect(scopes.filter((text) => mayBeTaken(parseScope(text)))).toEqual([
      'offline_access',
      'patient/Condition.r',
    ]);
  });
});

describe('the scopes of a field', () => {
  it('are apart by spaces or lines, each once', () => {
    expect(scopesIn(' openid\n\nfhirUser  openid ')).toEqual(['openid', 'fhirUser']);
    expect(scopesIn('')).toEqual([]);
  });
  it('come in sets, of which each is known', () => {
    for (const scope of Object.values(scopeSets).flat())
      expect([scope, parseScope(scope).kind === 'other']).toEqual([scope, false]);
  });
});
