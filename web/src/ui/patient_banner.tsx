import type { ComponentChildren } from 'preact';
import type { Patient } from '../api/shapes';
import { localDate } from '../vital/format';
import { locale, t, tOr } from '../words';
import './patient_banner.css';

function yearsSince(date: string, nowMs: number): number {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const today = new Date(nowMs);
  const had =
    today.getMonth() + 1 > month || (today.getMonth() + 1 === month && today.getDate() >= day);
  return today.getFullYear() - year - (had ? 0 : 1);
}

export function PatientBanner({
  patient,
  nowMs,
  previous,
  next,
  children,
}: {
  patient: Patient;
  nowMs: number;
  previous: string | null;
  next: string | null;
  /** What may be done about it. */
  children?: ComponentChildren;
}) {
  const { birth_date: born, bed, unit } = patient;
  const years = born?.length === 10 && ` (${t('patient.years', { n: yearsSince(born, nowMs) })})`;
  const facts = [
    bed === null ? t('patient.no_bed') : t('patient.of', { bed, unit: unit ?? '' }),
    patient.identifier,
    born && `${t('patient.born', { date: localDate(born, locale.value) })}${years || ''}`,
    patient.sex && tOr(`patient.sex.${patient.sex}`, patient.sex),
  ].filter(Boolean);
  return (
    <header class="patient-banner">
      {previous && (
        <a class="button" href={previous} aria-label={t('patient.previous')}>
          ‹
        </a>
      )}
      <h1>
        {bed !== null && <span class="patient-banner__bed">{bed}</span>} {patient.display_name}
      </h1>
      <p class="quiet">{facts.join(' · ')}</p>
      {children}
      {next && (
        <a class="button patient-banner__next" href={next} aria-label={t('patient.next')}>
          ›
        </a>
      )}
    </header>
  );
}
