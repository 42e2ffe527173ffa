// What the record says of a patient, beside the vital signs: each entry with how it stands, when, and
// who wrote it.
import { localMoment } from '../record/elements';
import { textAt, type JsonObject } from '../record/json';
import { dateOf, whoOf, wordsOf } from '../record/summary';
import type { Fetched } from '../state/fetched';
import type { PatientRecord, RecordPart } from '../state/patient_record';
import { hrefOf, recordRoute } from '../state/route';
import { localTime } from '../vital/format';
import { locale, t } from '../words';
import { errorText } from './error_text';
import { statusText } from './record_list';
import { SecurityLabels } from './security_labels';
import './record.css';

function Entry({ resource }: { resource: JsonObject }) {
  const type = textAt(resource, 'resourceType') ?? '';
  const id = textAt(resource, 'id') ?? '';
  const date = dateOf(resource);
  const who = whoOf(resource)?.text;
  const facts = [date && localMoment(date, locale.value), who].filter(Boolean);
  return (
    <li>
      <a href={hrefOf(recordRoute({ type, id }))}>{wordsOf(resource) ?? `${type}/${id}`}</a>{' '}
      <SecurityLabels of={resource} />
      <p>{statusText(resource) || t('record.no_status')}</p>
      <p class="quiet">{facts.length > 0 ? facts.join(' · ') : t('record.no_date')}</p>
    </li>
  );
}

function Part({ part, patient }: { part: RecordPart; patient: string }) {
  const { name, types, found } = part;
  return (
    <section class="patient-record__part" aria-label={t(`record.part.${name}`)}>
      <h3>{t(`record.part.${name}`)}</h3>
      {'error' in found ? (
        <p class="notice">{errorText(found.error)}</p>
      ) : found.resources.length === 0 ? (
        <p class="quiet">{t(`record.part.${name}.none`)}</p>
      ) : (
        <ul>
          {found.resources.map((resource) => (
            <Entry
              key={`${textAt(resource, 'resourceType')}/${textAt(resource, 'id')}`}
              resource={resource}
            />
          ))}
        </ul>
      )}
      {'more' in found && found.more && <p>{t('record.part.more')}</p>}
      <p class="patient-record__all">
        {types.map((type) => (
          <a key={type} href={hrefOf(recordRoute({ type, query: `patient=${patient}` }))}>
            {t('record.part.all', { type })}
          </a>
        ))}
      </p>
    </section>
  );
}

export function PatientRecordView({
  fhirId,
  record,
  onRefresh,
}: {
  fhirId: string | null;
  record: Fetched<PatientRecord>;
  onRefresh: () => void;
}) {
  return (
    <section class="patient-record" aria-labelledby="patient-record-title">
      <header class="origin__head">
        <h2 id="patient-record-title">{t('record.title')}</h2>
        {fhirId !== null && <button onClick={onRefresh}>{t('record.refresh')}</button>}
      </header>
      {fhirId === null ? (
        <p class="quiet">{t('record.not_written')}</p>
      ) : (
        <p class="quiet" role="status">
          {record.state === 'here'
            ? t('record.read_at', { time: localTime(record.body.readAt, locale.value) })
            : t('app.loading', { what: t('record.title') })}
        </p>
      )}
      {fhirId !== null && (
        <a href={hrefOf(recordRoute({ type: 'Patient', id: fhirId }))}>{t('record.of_patient')}</a>
      )}
      {fhirId !== null &&
        record.state === 'here' &&
        record.body.parts.map((part) => <Part key={part.name} part={part} patient={fhirId} />)}
    </section>
  );
}
