// What a search found: one line for each resource.
import { useEffect, useRef } from 'preact/hooks';
import { localMoment } from '../record/elements';
import { textAt, type JsonObject } from '../record/json';
import type { Found } from '../record/bundle';
import { dateOf, lastUpdatedOf, patientOf, statusOf, wordsOf } from '../record/summary';
import { hrefOf, recordRoute, type RecordView } from '../state/route';
import { locale, t, tOr } from '../words';
import { ReferenceLink } from './element_tree';
import { SecurityLabels } from './security_labels';
import { Table, type Column } from './table';

const Moment = ({ value }: { value: string | null }) =>
  value === null ? <>–</> : <time dateTime={value}>{localMoment(value, locale.value)}</time>;

const typeAndId = (resource: JsonObject) => ({
  type: textAt(resource, 'resourceType') ?? '',
  id: textAt(resource, 'id') ?? '',
});

export const statusText = (resource: JsonObject): string =>
  statusOf(resource)
    .map((code) => tOr(`record.status.${code}`, code))
    .join(', ');

function columns(query: string, base: string | null): Column<JsonObject>[] {
  return [
    {
      title: t('record.column.what'),
      names: true,
      wraps: true,
      cell: (resource) => {
        const { type, id } = typeAndId(resource);
        return (
          <>
            <a href={hrefOf(recordRoute({ type, id, query }))}>
              {wordsOf(resource) ?? `${type}/${id}`}
            </a>{' '}
            <SecurityLabels of={resource} />
          </>
        );
      },
      sort: (resource) => wordsOf(resource) ?? '',
    },
    {
      title: t('record.column.status'),
      wraps: true,
      cell: (resource) => statusText(resource) || '–',
      sort: statusText,
    },
    {
      title: t('record.column.patient'),
      wraps: true,
      cell: (resource) => {
        const patient = patientOf(resource);
        return patient ? <ReferenceLink {...patient} base={base} /> : '–';
      },
      sort: (resource) => patientOf(resource)?.text ?? '',
    },
    {
      title: t('record.column.date'),
      wraps: true,
      cell: (resource) => <Moment value={dateOf(resource)} />,
      sort: (resource) => Date.parse(dateOf(resource) ?? '') || 0,
    },
    {
      title: t('record.column.updated'),
      wraps: true,
      cell: (resource) => <Moment value={lastUpdatedOf(resource)} />,
      sort: (resource) => Date.parse(lastUpdatedOf(resource) ?? '') || 0,
    },
    {
      title: t('record.column.id'),
      wraps: true,
      cell: (resource) => <code>{typeAndId(resource).id}</code>,
      sort: (resource) => typeAndId(resource).id,
    },
  ];
}

/** Where a page gave way to the next, the keyboard goes on from its beginning. */
function Heading({ text, takesFocus }: { text: string; takesFocus: boolean }) {
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus && document.activeElement === document.body) element.current?.focus();
  }, [takesFocus]);
  return (
    <h2 ref={element} tabIndex={-1}>
      {text}
    </h2>
  );
}

export const countText = ({ resources }: Found, type: string): string =>
  t('record.count', { n: resources.length, type });

export function RecordList({
  found,
  at,
  base,
  isAnother,
}: {
  found: Found;
  at: RecordView & { type: string };
  base: string | null;
  /** Another list stood here before. */
  isAnother: boolean;
}) {
  const { type, query } = at;
  const { resources, next, remarks } = found;
  const isFurther = new URLSearchParams(query).has('_cursor');
  const caption = countText(found, type);
  const start = new URLSearchParams(query);
  start.delete('_cursor');
  return (
    <div class="record-list">
      <Heading text={caption} takesFocus={isAnother} />
      {remarks.map((remark) => (
        <p key={remark} class="notice" lang="en">
          {remark}
        </p>
      ))}
      {resources.length > 0 ? (
        <Table
          caption={caption}
          columns={columns(query, base)}
          rows={resources}
          keyOf={(resource) => Object.values(typeAndId(resource)).join('/')}
          chosen={at.id === null ? null : `${type}/${at.id}`}
        />
      ) : (
        <p class="empty">{t(query ? 'record.none_found' : 'record.none_of_type', { type })}</p>
      )}
      {(isFurther || next !== null) && (
        <nav class="actions" aria-label={t('record.paging')}>
          {isFurther && (
            <a class="button" href={hrefOf(recordRoute({ type, query: start.toString() }))}>
              {t('record.first_page')}
            </a>
          )}
          {next !== null && (
            <a class="button" href={hrefOf(recordRoute({ type, query: next }))}>
              {t('record.next_page')}
            </a>
          )}
        </nav>
      )}
    </div>
  );
}
