import { describe, expect, it } from 'vitest';
import type { Patient } from '../../src/api/shapes';
import { foundBy } from '../../src/ui/patient_search';

const patient = (id: string, display_name: string, more: Partial<Patient> = {}): Patient => ({
  id,
  display_name,
  initials: '',
  fhir_id: null,
  identifier: null,
  birth_date: null,
  sex: null,
  unit: null,
  bed: null,
  registered: '2026-11-26T00:00:00Z',
  ...more,
});

const ward = [
  patient('1', 'Björn Müller', { bed: '04', unit: 'ICU 1' }),
  patient('2', 'Ada Almeida', { identifier: 'MRN-4037' }),
  patient('3', 'Bela Müller'),
];
const found = (text: string) => foundBy(ward, text).map(({ id }) => id);

describe('the search for a patient', () => {
  it('finds all while nothing is typed', () => {
    expect(found('')).toEqual(['1', '2', '3']);
  });
  it('finds by beginnings of names, capitals and accents aside', () => {
    expect(found('mul')).toEqual(['1', '3']);
    expect(found('mul bj')).toEqual(['1']);
    expect(found('ller')).toEqual([]);
  });
  it('finds by record number and bed', () => {
    expect(found('mrn-40')).toEqual(['2']);
    expect(found('04')).toEqual(['1']);
  });
});
