import { afterAll, describe, expect, it } from 'vitest';
import { parseScope } from '../../src/access/scopes';
import { scopeWords } from '../../src/ui/scope_words';
import { speak } from '../../src/words';

const words = (text: string) => scopeWords(parseScope(text));
afterAll(() => speak('en'));

const category = 'http://terminology.hl7.org/CodeSystem/observation-category';

describe('a scope in words', () => {
  it('says which kind of data, and what is done with it', async () => {
    await speak('en');
    expect(words('patient/Observation.rs')).toBe(
      'Vital signs and other observations: read and search',
    );
    expect(words('patient/*.r')).toBe('Everything in the record: read');
    expect(words('user/Condition.cruds')).toBe('Conditions and diagnoses: read, search, and write');
    expect(words('user/Condition.cu')).toBe('Conditions and diagnoses: create and change');
    expect(words('patient/Observation.write')).toBe('Vital signs and other observations: write');
  });
  it('says what narrows it', () => {
    expect(words(`patient/Observation.rs?category=${category}|vital-signs`)).toBe(
      'Vital signs and other observations, only: vital signs: read and search',
    );
    expect(words('patient/Observation.rs?category=laboratory,imaging')).toMatch(
      /only: laboratory and imaging/,
    );
    // What is not known is shown as it is: nobody is told less than what is asked for.
    expect(words('patient/Observation.rs?category=x|ours')).toMatch(/only: ours/);
    expect(words('patient/Observation.rs?code=8867-4')).toMatch(/only: code = 8867-4/);
  });
  it('calls a type that it does not know what FHIR calls it', () => {
    expect(words('patient/VisionPrescription.r')).toBe('VisionPrescription: read');
  });
  it('says the rest, too', () => {
    expect(words('openid')).toBe(words('fhirUser'));
    expect(words('offline_access')).toBe('Also while you are away, until you end it');
    expect(words('launch/patient')).toBe('Which patient it is about');
    expect(words('launch/questionnaire')).toBe('launch/questionnaire');
    expect(words('patient/Bogus.zz')).toBe('patient/Bogus.zz');
  });
  it('speaks German', async () => {
    await speak('de');
    expect(words('patient/Observation.rs')).toBe(
      'Vitalwerte und andere Beobachtungen: lesen und suchen',
    );
  });
});
