// Who did what, to whose data, and why: the lines of the audit, newest first, and whether they are
// what was written.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { readAudit, readPatients, verifyAudit } from '../api/calls';
import type { ApiErrorBody, AuditLine, AuditReport, Patient } from '../api/shapes';
import { go, hrefOfPatient, type AuditView } from '../state/route';
import { errorText, sentence } from '../ui/error_text';
import { Field, Outcome, textOf } from '../ui/form';
import { PatientChoice } from '../ui/patient_choice';
import { Table, type Column } from '../ui/table';
import { localDateTime } from '../vital/format';
import { locale, t } from '../words';
import './audit_page.css';

/** A page of lines is looked for over this many answers: each looks at a bounded part of the audit. */
const answersMax = 50;
const linesWanted = 100;
const dayMs = 86_400_000;
/** What is filed under nobody. */
const nobody = '0';

const outcomes = ['permitted', 'denied'] as const;
const spans = [1, 7, 30] as const;

const time = (text: string) => localDateTime(Date.parse(text), locale.value);

function Whose({ line, names }: { line: AuditLine; names: ReadonlyMap<string, string> }) {
  if (line.patients.length === 0)
    return <>{t(line.everyone ? 'audit.everyone' : 'audit.nobody')}</>;
  return (
    <>
      {line.patients.map((id, n) => (
        <span key={id}>
          {n > 0 && ', '}
          {id === nobody ? (
            t('audit.nobody')
          ) : (
            <a href={hrefOfPatient(id)}>{names.get(id) ?? id}</a>
          )}
        </span>
      ))}
    </>
  );
}

const columns = (names: ReadonlyMap<string, string>): Column<AuditLine>[] => [
  { title: t('audit.column.time'), names: true, cell: (line) => time(line.time) },
  {
    title: t('audit.column.who'),
    cell: (line) => (
      <>
        {line.who || t('audit.unknown')} <span class="quiet">{line.role}</span>
        {line.token !== null && <span class="quiet"> · {line.token}</span>}
      </>
    ),
  },
  {
    title: t('audit.column.what'),
    wraps: true,
    cell: (line) => (
      <>
        {t(`audit.act.${line.act}`)}: <span lang="en">{line.what}</span>
      </>
    ),
  },
  {
    title: t('audit.column.whose'),
    wraps: true,
    cell: (line) => <Whose line={line} names={names} />,
  },
  { title: t('audit.column.from'), cell: (line) => line.from || '–' },
  {
    title: t('audit.column.outcome'),
    wraps: true,
    cell: (line) =>
      line.permitted ? (
        t('audit.outcome.permitted')
      ) : (
        <strong>
          {t('audit.outcome.denied')}: <span lang="en">{line.reason}</span>
        </strong>
      ),
  },
];

function Filters({ view, patients }: { view: AuditView; patients: readonly Patient[] }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    go({
      page: 'audit',
      who: textOf(form, 'who'),
      patient: textOf(form, 'patient'),
      outcome: textOf(form, 'outcome'),
      days: Number(textOf(form, 'days')) || 0,
    });
  };
  return (
    <form key={JSON.stringify(view)} class="card audit-search" role="search" onSubmit={submit}>
      <Field label={t('audit.who')}>
        <input name="who" defaultValue={view.who} autoComplete="off" spellcheck={false} />
      </Field>
      <Field label={t('audit.patient')}>
        <PatientChoice patients={patients} none={t('audit.any')} chosen={view.patient} />
      </Field>
      <Field label={t('audit.outcome')}>
        <select name="outcome">
          <option value="">{t('audit.any')}</option>
          {outcomes.map((outcome) => (
            <option key={outcome} value={outcome} selected={outcome === view.outcome}>
              {t(`audit.outcome.${outcome}`)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t('audit.since')}>
        <select name="days">
          <option value="0">{t('audit.always')}</option>
          {spans.map((days) => (
            <option key={days} value={days} selected={days === view.days}>
              {t('audit.days', { n: days })}
            </option>
          ))}
        </select>
      </Field>
      <button class="primary">{t('audit.search')}</button>
    </form>
  );
}

/** What a check of the chain found, in one sentence or a list. */
function Report({ report }: { report: AuditReport }) {
  const { lines, newest } = report;
  if (report.sound)
    return (
      <p class="notice">
        {newest
          ? t('audit.sound', { n: lines, time: time(newest.time), line: newest.line })
          : t('audit.sound_unsigned', { n: lines })}
      </p>
    );
  return (
    <div class="notice" role="alert">
      <p>{t('audit.tampered')}</p>
      <ul lang="en">
        {report.findings.map((finding) => (
          <li key={`${finding.kind} ${finding.line}`}>{sentence(finding.message)}</li>
        ))}
      </ul>
    </div>
  );
}

function question(view: AuditView) {
  return {
    who: view.who || undefined,
    patient: view.patient || undefined,
    outcome: view.outcome || undefined,
    from: view.days > 0 ? Date.now() - view.days * dayMs : undefined,
    limit: linesWanted,
  };
}

export function AuditPage({ view }: { view: AuditView }) {
  const lines = useSignal<AuditLine[]>([]);
  /** Lines before this one were not looked at yet; null: all were. */
  const next = useSignal<number | null>(null);
  const searching = useSignal(false);
  const failed = useSignal<ApiErrorBody | null>(null);
  const patients = useSignal<Patient[]>([]);
  const report = useSignal<AuditReport | null>(null);
  const checking = useSignal(false);
  const asked = useRef(0);
  useEffect(() => {
    void readPatients().then((people) => {
      if (people.ok) patients.value = people.body.patients;
    });
  }, [patients]);
  /** Goes on from `cursor` until a page of lines is found or there are no more. */
  const search = async (before: number | null) => {
    const turn = ++asked.current;
    searching.value = true;
    let at = before;
    let found = 0;
    for (let n = 0; n < answersMax && found < linesWanted; ++n) {
      const answer = await readAudit({ ...question(view), before: at ?? undefined });
      if (turn !== asked.current) return;
      failed.value = answer.ok ? null : answer.error;
      if (!answer.ok) break;
      lines.value = [...lines.value, ...answer.body.lines];
      found += answer.body.lines.length;
      at = answer.body.next;
      next.value = at;
      if (at === null) break;
    }
    searching.value = false;
  };
  useEffect(() => {
    lines.value = [];
    next.value = null;
    void search(null);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `search` only uses signals and the view
  }, [JSON.stringify(view)]);
  const check = async () => {
    checking.value = true;
    const answer = await verifyAudit();
    checking.value = false;
    if (answer.ok) report.value = answer.body;
    else failed.value = answer.error;
  };
  const names = new Map(patients.value.map((one) => [one.id, one.display_name]));
  return (
    <div class="page page--alone">
      <header class="page__head">
        <h1>{t('audit.title')}</h1>
        <p class="quiet">{t('audit.lead')}</p>
        <button disabled={checking.value} onClick={() => void check()}>
          {t(checking.value ? 'audit.checking' : 'audit.check')}
        </button>
      </header>
      <Outcome text={failed.value ? errorText(failed.value) : null} />
      {report.value && <Report report={report.value} />}
      <Filters view={view} patients={patients.value} />
      {lines.value.length > 0 && (
        <Table
          caption={t('audit.count', { n: lines.value.length })}
          columns={columns(names)}
          rows={lines.value}
          keyOf={(line) => String(line.number)}
        />
      )}
      <p class="quiet" role="status">
        {searching.value
          ? t('audit.searching')
          : next.value !== null
            ? t('audit.more')
            : lines.value.length > 0
              ? t('audit.all')
              : t('audit.empty')}
      </p>
      {!searching.value && next.value !== null && (
        <button onClick={() => void search(next.peek())}>{t('audit.older')}</button>
      )}
    </div>
  );
}
