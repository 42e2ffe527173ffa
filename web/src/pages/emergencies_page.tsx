// Emergency accesses: who saw whom without being in their care, why, and what somebody found who
// looked at it.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readEmergencies, reviewEmergency } from '../api/access_calls';
import type { Relation } from '../api/access_shapes';
import { readPatients } from '../api/calls';
import type { ApiErrorBody, Patient } from '../api/shapes';
import { loadMe, may, me } from '../state/me';
import { auditRoute, go, hrefOf, hrefOfPatient } from '../state/route';
import { now } from '../state/watch';
import { Dialog } from '../ui/dialog';
import { errorText } from '../ui/error_text';
import { Field, onSubmit, Outcome, textOf } from '../ui/form';
import { agoText } from '../ui/speech';
import { Table, type Column } from '../ui/table';
import { age } from '../vital/freshness';
import { localMinute, localTimeOfDay } from '../vital/format';
import { locale, t } from '../words';

const refreshMs = 10_000;
const time = (text: string) => localMinute(Date.parse(text), locale.value);
const nameOf = (relation: Relation) => relation.display_name || relation.account;

/** Open ones first, then the newest. */
function inOrder(emergencies: readonly Relation[]): Relation[] {
  return [...emergencies].sort(
    (a, b) =>
      Number(a.review !== null) - Number(b.review !== null) ||
      Date.parse(b.from) - Date.parse(a.from),
  );
}

function Finding({ relation, onReview }: { relation: Relation; onReview: () => void }) {
  const { review } = relation;
  if (review)
    return (
      <>
        {review.finding}
        <small class="table__aside">
          {t('review.by', { by: review.by, time: time(review.time) })}
        </small>
      </>
    );
  if (relation.account === me.value?.username)
    return <span class="quiet">{t('review.not_own')}</span>;
  if (!may('audit', 'a')) return <span class="quiet">{t('review.open')}</span>;
  return (
    <button onClick={onReview} aria-label={t('review.of', { name: nameOf(relation) })}>
      {t('review.write')}
    </button>
  );
}

function columns(
  names: ReadonlyMap<string, string>,
  onReview: (relation: Relation) => void,
): Column<Relation>[] {
  return [
    {
      title: t('review.column.who'),
      names: true,
      wraps: true,
      cell: (one) => (
        <>
          {nameOf(one)} <span class="quiet">{one.role === null ? '' : t(`role.${one.role}`)}</span>
        </>
      ),
      sort: nameOf,
    },
    {
      title: t('review.column.patient'),
      wraps: true,
      cell: (one) => {
        const name = names.get(one.patient) ?? t('access.patient_number', { id: one.patient });
        return may('vitals') ? <a href={hrefOfPatient(one.patient)}>{name}</a> : name;
      },
      sort: (one) => names.get(one.patient) ?? one.patient,
    },
    {
      title: t('review.column.since'),
      wraps: true,
      cell: (one) => (
        <>
          {agoText(age(Date.parse(one.from), now.value))}
          <small class="table__aside">
            {time(one.from)}
            {one.to !== null && ` – ${localTimeOfDay(Date.parse(one.to), locale.value)}`}
          </small>
        </>
      ),
      sort: (one) => Date.parse(one.from),
    },
    { title: t('review.column.reason'), wraps: true, cell: (one) => one.reason ?? '–' },
    {
      title: t('review.column.did'),
      cell: (one) =>
        may('audit', 'a') ? (
          <a href={hrefOf(auditRoute({ who: one.account, patient: one.patient }))}>
            {t('review.audit')}
          </a>
        ) : (
          '–'
        ),
    },
    {
      title: t('review.column.finding'),
      wraps: true,
      cell: (one) => <Finding relation={one} onReview={() => onReview(one)} />,
    },
  ];
}

function ReviewDialog({
  relation,
  onReviewed,
  onClose,
}: {
  relation: Relation;
  onReviewed: () => void;
  onClose: () => void;
}) {
  const trouble = useSignal<string | null>(null);
  const write = async (form: FormData) => {
    const answer = await reviewEmergency(relation.id, textOf(form, 'finding'));
    trouble.value = answer.ok ? null : errorText(answer.error);
    if (answer.ok) onReviewed();
    return false;
  };
  return (
    <Dialog title={t('review.of', { name: nameOf(relation) })} onClose={onClose}>
      <form class="fields" onSubmit={onSubmit(write)}>
        <p>{t('relations.reason', { reason: relation.reason ?? '–' })}</p>
        <Field label={t('review.finding')} hint={t('review.finding_hint')}>
          <textarea name="finding" rows={4} required autoFocus maxLength={900} />
        </Field>
        <Outcome text={trouble.value} />
        <div class="actions">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary">{t('review.submit')}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function EmergenciesPage({ all }: { all: boolean }) {
  const emergencies = useSignal<Relation[] | null>(null);
  const failed = useSignal<ApiErrorBody | null>(null);
  const outcome = useSignal<string | null>(null);
  const reviewing = useSignal<Relation | null>(null);
  const patients = useSignal<Patient[]>([]);
  const load = async (everything: boolean) => {
    const answer = await readEmergencies(everything ? 'all' : 'open');
    failed.value = answer.ok ? null : answer.error;
    if (answer.ok) emergencies.value = answer.body.emergencies;
  };
  useEffect(() => {
    void load(all);
    const refreshing = setInterval(() => void load(all), refreshMs);
    return () => clearInterval(refreshing);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `load` only uses signals
  }, [all]);
  useEffect(() => {
    // An auditor knows patients by their number alone.
    if (!may('patients')) return;
    void readPatients().then((answer) => {
      if (answer.ok) patients.value = answer.body.patients;
    });
  }, [patients]);
  const reviewed = () => {
    reviewing.value = null;
    outcome.value = t('review.done');
    void loadMe();
    void load(all);
  };
  const names = new Map(patients.value.map((one) => [one.id, one.display_name]));
  const rows = inOrder(emergencies.value ?? []);
  return (
    <div class="page page--alone">
      <header class="page__head">
        <h1>{t('review.title')}</h1>
        <p class="quiet">{t('review.lead')}</p>
      </header>
      <Outcome text={outcome.value} />
      <div class="page__main">
        <div class="timeline__spans" role="group" aria-label={t('review.which')}>
          {[false, true].map((which) => (
            <button
              key={String(which)}
              aria-pressed={which === all}
              onClick={() => go({ page: 'emergencies', all: which }, 'replace')}
            >
              {t(which ? 'review.which.all' : 'review.which.open')}
            </button>
          ))}
        </div>
        {failed.value && <p class="notice">{errorText(failed.value)}</p>}
        {rows.length > 0 ? (
          <Table
            caption={t('review.count', { n: rows.length })}
            columns={columns(names, (relation) => (reviewing.value = relation))}
            rows={rows}
            keyOf={(one) => String(one.id)}
          />
        ) : (
          <p class="empty">
            {emergencies.value
              ? t(all ? 'review.empty.all' : 'review.empty.open')
              : t('app.loading', { what: t('review.title') })}
          </p>
        )}
      </div>
      {reviewing.value && (
        <ReviewDialog
          relation={reviewing.value}
          onReviewed={reviewed}
          onClose={() => (reviewing.value = null)}
        />
      )}
    </div>
  );
}
