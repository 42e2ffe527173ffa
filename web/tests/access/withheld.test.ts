import { describe, expect, it } from 'vitest';
import { withheldBy } from '../../src/access/withheld';

const refusal = (message: string, kind = 'forbidden') => withheldBy({ kind, message, place: '' });

describe('a refusal', () => {
  it('for a Consent says which, where it is told', () => {
    expect(refusal('the patient does not permit it (Consent/a-12.b)')).toEqual({
      consent: 'Consent/a-12.b',
    });
    expect(refusal('Withheld by Consent/12.')).toEqual({ consent: 'Consent/12' });
    expect(refusal('the patient has not consented to research')).toEqual({ consent: null });
  });

  it('for anything else is none for a Consent', () => {
    expect(refusal('this patient is not in your care')).toBeNull();
    expect(refusal('there is no Consent/12', 'not_found')).toBeNull();
  });
});
