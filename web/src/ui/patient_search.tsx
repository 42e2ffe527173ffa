// One of the patients, found by typing: a search field above a list of choices, so that arrow keys and
// a screen reader work as they do everywhere else.
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Patient } from '../api/shapes';
import { localDate } from '../vital/format';
import { locale, t } from '../words';
import { Field } from './form';
import './patient_search.css';

/** More are not read through: the name is typed. */
export const shownMax = 8;

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** Every word of the search begins a word of the name, the record number, the unit or the bed. */
export function foundBy(patients: readonly Patient[], text: string): Patient[] {
  const wanted = plain(text).split(/\s+/).filter(Boolean);
  return patients.filter(({ display_name, identifier, unit, bed }) => {
    const words = plain([display_name, identifier, unit, bed].join(' ')).split(/[\s,]+/);
    return wanted.every((part) => words.some((word) => word.startsWith(part)));
  });
}

function factsOf({ birth_date, identifier, unit, bed }: Patient): string {
  return [
    birth_date && t('patient.born', { date: localDate(birth_date, locale.value) }),
    identifier,
    bed !== null && t('patient.of', { bed, unit: unit ?? '' }),
  ]
    .filter(Boolean)
    .join(' · ');
}

export function PatientSearch({
  patients,
  chosen,
  onChoose,
}: {
  patients: readonly Patient[];
  chosen: string | null;
  onChoose: (id: string) => void;
}) {
  const text = useSignal('');
  const name = useId();
  const found = foundBy(patients, text.value);
  const first = found.slice(0, shownMax);
  // Who is chosen stays in sight, whatever is typed.
  const kept = patients.find(({ id }) => id === chosen);
  const shown = kept && !first.includes(kept) ? [kept, ...first] : first;
  if (patients.length === 0) return <p class="notice">{t('consent.no_patients')}</p>;
  return (
    <fieldset class="patient-search">
      <legend class="only-heard">{t('consent.for')}</legend>
      <Field label={t('consent.choose')} hint={t('consent.choose_hint')}>
        <input
          type="search"
          autocomplete="off"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </Field>
      <p class="quiet" role="status">
        {found.length === 0
          ? t('consent.found_none')
          : found.length > shownMax
            ? t('consent.found_more', { shown: shownMax, n: found.length })
            : t('consent.found', { n: found.length })}
      </p>
      <ul>
        {shown.map((patient) => (
          <li key={patient.id}>
            <label class="check">
              <input
                type="radio"
                name={name}
                checked={patient.id === chosen}
                onChange={() => onChoose(patient.id)}
              />
              <span>
                {patient.display_name}
                <small>{factsOf(patient)}</small>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
