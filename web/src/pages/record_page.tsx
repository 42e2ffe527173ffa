// The record, as FHIR keeps it: search it, read one resource of it, and what that was before.
import { useEffect, useRef } from 'preact/hooks';
import { readResource, readVersions, searchRecord } from '../api/calls';
import { readFound } from '../record/bundle';
import { askedOf } from '../record/search_question';
import { useFetched } from '../state/fetched';
import { capability, loadCapability } from '../state/record';
import { go, hrefOf, recordRoute, type RecordView } from '../state/route';
import { errorText } from '../ui/error_text';
import { useKeys } from '../ui/keys';
import { RecordDetail, type OneRecord } from '../ui/record_detail';
import { countText, RecordList } from '../ui/record_list';
import { RecordSearch } from '../ui/record_search';
import { t } from '../words';
import '../ui/record.css';

/** Where most begin; the choice above them has all. */
const usual = [
  'Patient',
  'Condition',
  'AllergyIntolerance',
  'MedicationRequest',
  'Encounter',
  'Observation',
  'DiagnosticReport',
  'DocumentReference',
  'Device',
];

const Usual = () => (
  <section class="card" aria-label={t('record.usual')}>
    <h2>{t('record.usual')}</h2>
    <ul class="record-usual">
      {usual.map((type) => (
        <li key={type}>
          <a class="button" href={hrefOf(recordRoute({ type }))}>
            {type}
          </a>
        </li>
      ))}
    </ul>
  </section>
);

function Results({ at, base }: { at: RecordView & { type: string }; base: string | null }) {
  const { type, query } = at;
  const question = `${type}?${query}`;
  const first = useRef(question);
  const found = useFetched({
    key: question,
    ask: (signal) => searchRecord(type, askedOf(query), signal),
  }).value;
  if (found.state === 'failed')
    return (
      <p class="notice" role="alert">
        {errorText(found.error)}
      </p>
    );
  const list = found.state === 'here' ? readFound(found.body.json) : null;
  const loading = t('app.loading', { what: type });
  return (
    <>
      {/* Stands here from one list to the next, so that it is heard when it changes. */}
      <p class="only-heard" role="status">
        {list ? countText(list, type) : loading}
      </p>
      {list ? (
        <RecordList found={list} at={at} base={base} isAnother={first.current !== question} />
      ) : (
        <p class="empty">{loading}</p>
      )}
    </>
  );
}

function Detail({ at, base }: { at: OneRecord; base: string | null }) {
  const { type, id, version, against } = at;
  const one = (of: string | null) => ({
    key: `${type}/${id}/${of ?? ''}`,
    ask: (signal: AbortSignal) => readResource(type, id, of, signal),
  });
  const resource = useFetched(one(version));
  const older = useFetched(against === null ? null : one(against));
  const history = useFetched({
    key: `${type}/${id}`,
    ask: (signal) => readVersions(type, id, signal),
  });
  return (
    <RecordDetail
      at={at}
      resource={resource.value}
      older={older.value}
      history={history.value}
      base={base}
      onCompare={(before, after) => go(recordRoute({ ...at, version: after, against: before }))}
    />
  );
}

export function RecordPage({ at }: { at: RecordView }) {
  useEffect(() => void loadCapability(), []);
  const { type, query, id } = at;
  const list = recordRoute({ type, query });
  useKeys({ Escape: () => id !== null && go(list) });
  const asked = capability.value;
  const base = asked.state === 'here' ? asked.body.base : null;
  return (
    <div class={id === null ? 'page page--alone' : 'page page--reads'} data-chosen={id !== null}>
      <header class="page__head">
        <h1>{t('record.title')}</h1>
        <p class="quiet">{t('record.lead')}</p>
        {id !== null && (
          <a class="button page__back" href={hrefOf(list)}>
            {t('record.back')}
          </a>
        )}
      </header>
      <div class="page__main">
        {asked.state === 'failed' && <p class="notice">{errorText(asked.error)}</p>}
        {asked.state === 'here' && (
          <RecordSearch
            key={`${type} ${query}`}
            capability={asked.body}
            type={type}
            query={query}
            onType={(chosen) => go(recordRoute({ type: chosen }))}
            onSearch={(search) => go(recordRoute({ type, query: search }))}
          />
        )}
        {type === null ? <Usual /> : <Results at={{ ...at, type }} base={base} />}
      </div>
      {type !== null && id !== null && (
        <div class="page__side">
          <Detail at={{ ...at, type, id }} base={base} />
        </div>
      )}
    </div>
  );
}
