// One resource: what it says, how it was sent, and what became of it version by version.
import type { TargetedEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { FhirBody } from '../api/http';
import { readHistory, type Version } from '../record/bundle';
import { localMoment } from '../record/elements';
import { objectOf, textAt } from '../record/json';
import { lastUpdatedOf, wordsOf } from '../record/summary';
import type { Fetched } from '../state/fetched';
import { hrefOf, recordRoute, type RecordView } from '../state/route';
import { locale, t } from '../words';
import { DifferenceTable } from './difference_table';
import { ElementTree } from './element_tree';
import { errorText } from './error_text';
import { Field, textOf } from './form';
import { JsonText } from './json_text';
import { statusText } from './record_list';
import { SecurityLabels } from './security_labels';
import { Table, type Column } from './table';

export type OneRecord = RecordView & { type: string; id: string };

interface Props {
  at: OneRecord;
  resource: Fetched<FhirBody>;
  /** The older version, where two are compared. */
  older: Fetched<FhirBody>;
  history: Fetched<FhirBody>;
  base: string | null;
  onCompare: (older: string, newer: string) => void;
}

/** Where the list has given way to one of it, the keyboard goes on from here. */
function Heading({ text }: { text: string }) {
  const element = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) element.current?.focus();
  }, []);
  return (
    <h2 ref={element} tabIndex={-1}>
      {text}
    </h2>
  );
}

const Waiting = ({ of }: { of: Fetched<FhirBody> }) => {
  if (of.state === 'failed')
    return (
      <p class="notice" role="alert">
        {errorText(of.error)}
      </p>
    );
  return of.state === 'loading' ? (
    <p class="empty">{t('app.loading', { what: t('record.what') })}</p>
  ) : null;
};

function Resource({ at, body, base }: { at: OneRecord; body: FhirBody; base: string | null }) {
  const resource = objectOf(body.json);
  if (!resource) return null;
  const updated = lastUpdatedOf(resource);
  const facts = [
    statusText(resource),
    t('record.version', { version: textAt(resource, 'meta', 'versionId') ?? '–' }),
    updated && t('record.updated', { time: localMoment(updated, locale.value) }),
  ];
  return (
    <>
      <Heading key={`${at.type}/${at.id}`} text={wordsOf(resource) ?? `${at.type}/${at.id}`} />
      <p class="quiet">
        <code>{`${at.type}/${at.id}`}</code> {facts.filter(Boolean).join(' · ')}
      </p>
      <SecurityLabels of={resource} />
      {at.version !== null && (
        <p class="notice">
          {t('record.is_version', { version: at.version })}{' '}
          <a href={hrefOf(recordRoute({ ...at, version: null, against: null }))}>
            {t('record.show_newest')}
          </a>
        </p>
      )}
      <h3>{t('record.elements')}</h3>
      <ElementTree resource={resource} base={base} />
      <JsonText json={body.json} text={body.text} />
    </>
  );
}

function Difference({ at, resource, older }: Pick<Props, 'at' | 'resource' | 'older'>) {
  if (at.against === null) return null;
  const title = t('record.difference.title', { from: at.against, to: at.version ?? '' });
  return (
    <section class="record-part" aria-label={title}>
      <h3>{title}</h3>
      <Waiting of={older} />
      {older.state === 'here' && resource.state === 'here' && (
        <DifferenceTable before={older.body.json} after={resource.body.json} caption={title} />
      )}
    </section>
  );
}

const versionColumns = (at: OneRecord): Column<Version>[] => [
  {
    title: t('record.history.version'),
    names: true,
    cell: ({ version, act }) =>
      act === 'deleted' ? (
        version
      ) : (
        <a
          href={hrefOf(recordRoute({ ...at, version, against: null }))}
          aria-label={t('record.version', { version })}
        >
          {version}
        </a>
      ),
  },
  { title: t('record.history.act'), cell: ({ act }) => t(`record.history.${act}`) },
  {
    title: t('record.history.time'),
    wraps: true,
    cell: ({ time }) => (time === null ? '–' : localMoment(time, locale.value)),
  },
];

function Compare({
  at,
  versions,
  onCompare,
}: Pick<Props, 'at' | 'onCompare'> & { versions: readonly Version[] }) {
  const [newest, second] = versions;
  if (!newest || !second) return null;
  const shown = versions.findIndex(({ version }) => version === at.version);
  const newer = at.version ?? newest.version;
  const older = at.against ?? versions[shown < 0 ? 1 : shown + 1]?.version ?? second.version;
  const choice = (name: string, chosen: string) => (
    <select name={name} value={chosen}>
      {versions.map(({ version, time }) => (
        <option key={version} value={version} selected={version === chosen}>
          {`${version}${time === null ? '' : ` · ${localMoment(time, locale.value)}`}`}
        </option>
      ))}
    </select>
  );
  const submit = (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onCompare(textOf(form, 'older'), textOf(form, 'newer'));
  };
  return (
    <form class="fields" onSubmit={submit} key={`${older} ${newer}`}>
      <Field label={t('record.compare.older')}>{choice('older', older)}</Field>
      <Field label={t('record.compare.newer')}>{choice('newer', newer)}</Field>
      <div class="actions">
        <button>{t('record.compare.submit')}</button>
      </div>
    </form>
  );
}

function History({ at, history, onCompare }: Pick<Props, 'at' | 'history' | 'onCompare'>) {
  if (history.state !== 'here') return <Waiting of={history} />;
  const { versions, more } = readHistory(history.body.json);
  return (
    <section class="record-part" aria-label={t('record.history')}>
      <h3>{t('record.history')}</h3>
      <Table
        caption={t('record.history')}
        columns={versionColumns(at)}
        rows={versions}
        keyOf={({ version }) => version}
        chosen={at.version ?? versions[0]?.version ?? null}
      />
      {more && <p class="quiet">{t('record.history.more', { n: versions.length })}</p>}
      <Compare
        at={at}
        versions={versions.filter(({ act }) => act !== 'deleted')}
        onCompare={onCompare}
      />
    </section>
  );
}

export function RecordDetail(props: Props) {
  const { at, resource, base } = props;
  return (
    <section class="card" aria-label={`${at.type}/${at.id}`}>
      <Difference {...props} />
      <Waiting of={resource} />
      {resource.state === 'here' && <Resource at={at} body={resource.body} base={base} />}
      <History {...props} />
    </section>
  );
}
