// The units whose alarms the account may decide about, and the patients it reaches.
import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Me } from '../api/access_shapes';
import { readPatients } from '../api/calls';
import type { ApiErrorBody, Patient } from '../api/shapes';

export interface People {
  patients: Patient[];
  error: ApiErrorBody | null;
}

/** Null until they have been asked for. */
export function usePeople(): ReadonlySignal<People | null> {
  const people = useSignal<People | null>(null);
  useEffect(() => {
    void readPatients().then((answer) => {
      people.value = answer.ok
        ? { patients: answer.body.patients, error: null }
        : { patients: [], error: answer.error };
    });
  }, [people]);
  return people;
}

/** Those that the account names, and those of whoever it reaches. */
export function unitsOf({ units }: Pick<Me, 'units'>, patients: readonly Patient[]): string[] {
  const all = [...units, ...patients.map(({ unit }) => unit ?? '')];
  return [...new Set(all)].filter(Boolean).sort();
}

/** What a patient is called, by id: their bed and name. */
export const namesOf = (patients: readonly Patient[]): ReadonlyMap<string, string> =>
  new Map(patients.map((one) => [one.id, [one.bed, one.display_name].filter(Boolean).join(' · ')]));
