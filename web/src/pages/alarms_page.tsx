// All alarms: what stands at every bed and place, how much there was to bear, and what has been.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { presentation } from '../alarm/standing';
import { readAlarmEvents, readAlarmLoad } from '../api/alarm_calls';
import type { AlarmEvent, AlarmLoad, AlarmSum } from '../api/alarm_shapes';
import { readPatients } from '../api/calls';
import type { ApiErrorBody, Patient } from '../api/shapes';
import { standingAlarms } from '../state/alarm_watch';
import { go, hrefOfPatient, type AlarmsView } from '../state/route';
import { now } from '../state/watch';
import { AlarmMark } from '../ui/alarm_mark';
import { AlarmRow } from '../ui/alarm_row';
import { AlarmTabs } from '../ui/alarm_tabs';
import { conditionName, conditionWords, crossedText } from '../ui/alarm_words';
import { errorText } from '../ui/error_text';
import { Figure } from '../ui/figure';
import { Field, Outcome, textOf } from '../ui/form';
import { PatientChoice } from '../ui/patient_choice';
import { ageText } from '../ui/speech';
import { StripButton } from '../ui/strip_button';
import { Table, type Column } from '../ui/table';
import { age } from '../vital/freshness';
import { localDateTime, localNumber } from '../vital/format';
import { locale, t, tOr } from '../words';
import { te } from '../words/ecg';
import './alarms_page.css';
import './audit_page.css';

const dayMs = 86_400_000;
const eventsWanted = 200;
const spans = [1, 7, 30] as const;

type Names = ReadonlyMap<string, string>;

const rounded = (value: number) => localNumber(value, locale.value, value < 10 ? 1 : 0);
const span = (seconds: number | null) => (seconds === null ? '–' : ageText(age(0, seconds * 1000)));

interface Whose {
  patient: string | null;
  device: string | null;
  screen: string | null;
}

function whose({ patient, device, screen }: Whose, of: Names) {
  if (screen !== null) return t('alarms.a_screen');
  if (patient === null) return device === null ? '–' : t('alarm.place', { device });
  return (
    <a href={hrefOfPatient(patient)}>{of.get(patient) ?? t('alarm.patient', { id: patient })}</a>
  );
}

function Standing() {
  const all = standingAlarms.value;
  return (
    <section class="card" aria-labelledby="standing">
      <h2 id="standing">{t('alarms.standing')}</h2>
      {all.length === 0 ? (
        <p class="quiet">{t('alarms.none')}</p>
      ) : (
        <ol class="alarms-standing">
          {all.map((standing) => (
            <li key={presentation(standing.alarm)}>
              <AlarmRow standing={standing} nowMs={now.value} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

// --- The load

type Offender = AlarmLoad['conditions'][number];
const offenderColumns = (): Column<Offender>[] => [
  {
    title: t('alarms.condition'),
    names: true,
    wraps: true,
    cell: (one) => (
      <>
        <AlarmMark priority={one.priority} /> {conditionWords(one)}
      </>
    ),
    sort: (one) => one.words,
  },
  {
    title: t('alarms.count'),
    cell: (one) => localNumber(one.alarms, locale.value),
    sort: (one) => one.alarms,
  },
  {
    title: t('alarms.lasted'),
    cell: (one) => span(one.lasted.median_s),
    sort: (one) => one.lasted.median_s ?? -1,
  },
  {
    title: t('alarms.response'),
    cell: (one) => span(one.response.median_s),
    sort: (one) => one.response.median_s ?? -1,
  },
];

type Bed = AlarmLoad['worst_beds'][number];
const bedColumns = (names: Names): Column<Bed>[] => [
  { title: t('alarms.bed'), names: true, wraps: true, cell: (bed) => whose(bed, names) },
  {
    title: t('alarms.count'),
    cell: (bed) => localNumber(bed.alarms, locale.value),
    sort: (bed) => bed.alarms,
  },
];

function Answered({ sum }: { sum: AlarmSum }) {
  const { median_s: median, p90_s: p90 } = sum.response;
  return (
    <>
      {median !== null && t('alarms.answered_value', { median: span(median), p90: span(p90) })}{' '}
      {sum.unanswered > 0 && (
        <span class="quiet">{t('alarms.unanswered', { n: sum.unanswered })}</span>
      )}
    </>
  );
}

function Load({ load, names, days }: { load: AlarmLoad; names: Names; days: number }) {
  return (
    <section class="card" aria-labelledby="load">
      <h2 id="load">{t('alarms.load', { n: days })}</h2>
      {load.cut && <p class="quiet">{t('alarms.cut')}</p>}
      <dl class="figures">
        <Figure
          name={t('alarms.a_bed_a_day')}
          value={rounded(load.a_bed_a_day)}
          unit={t('alarms.of_beds', { n: load.beds, alarms: load.alarms })}
        />
        {load.priorities.map((one) => (
          <Figure
            key={one.priority}
            name={
              <>
                <AlarmMark priority={one.priority} /> {t(`alarm.${one.priority}`)}
              </>
            }
            value={rounded(one.a_bed_a_day)}
            unit={<Answered sum={one} />}
          />
        ))}
      </dl>
      {load.alarms > 0 && (
        <div class="alarms-load">
          <Table
            caption={t('alarms.offenders')}
            columns={offenderColumns()}
            rows={load.conditions}
            keyOf={(one) => one.condition}
          />
          <Table
            caption={t('alarms.beds')}
            columns={bedColumns(names)}
            rows={load.worst_beds}
            keyOf={(bed) => bed.patient ?? bed.device ?? ''}
          />
        </div>
      )}
    </section>
  );
}

// --- The history

function happened(event: AlarmEvent) {
  const who = event.told.map((one) => tOr(`alarm.told.${one}`, one)).join(', ');
  const type =
    event.type === 'told'
      ? t('alarms.type.told', { who })
      : tOr(`alarms.type.${event.type}`, event.type);
  const name = event.words ?? (event.condition === null ? '' : conditionName(event.condition));
  const crossed = crossedText(event);
  return (
    <>
      {event.priority !== null && <AlarmMark priority={event.priority} />}{' '}
      {name && <strong>{conditionWords({ words: name })}</strong>} {crossed} {type}
      {event.detail && !crossed && (
        <>
          {' '}
          <span class="quiet" lang="en">
            {event.detail}
          </span>
        </>
      )}
    </>
  );
}

const eventColumns = (names: Names): Column<AlarmEvent>[] => [
  {
    title: t('alarms.column.time'),
    names: true,
    cell: ({ time }) => (
      <time dateTime={time}>{localDateTime(Date.parse(time), locale.value)}</time>
    ),
  },
  { title: t('alarms.column.whose'), wraps: true, cell: (event) => whose(event, names) },
  { title: t('alarms.column.what'), wraps: true, cell: happened },
  {
    title: te('strip.open'),
    cell: ({ patient, time, words, ...event }) =>
      patient !== null &&
      words !== null && (
        <StripButton
          of={{ patient, atMs: Date.parse(time), event: { ...event, words } }}
          what={[conditionWords({ words }), localDateTime(Date.parse(time), locale.value)].join(
            ', ',
          )}
        />
      ),
  },
  {
    title: t('alarms.column.who'),
    wraps: true,
    cell: ({ actor, reason }) => (
      <>
        {actor === 'system' ? t('alarms.system') : actor}{' '}
        {reason && (
          <span class="quiet" lang={actor === 'system' ? 'en' : undefined}>
            {reason}
          </span>
        )}
      </>
    ),
  },
];

function Filters({ view, patients }: { view: AlarmsView; patients: readonly Patient[] }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    go({
      page: 'alarms',
      patient: textOf(form, 'patient'),
      days: Number(textOf(form, 'days')) || 1,
    });
  };
  return (
    <form key={JSON.stringify(view)} class="audit-search" role="search" onSubmit={submit}>
      <Field label={t('alarms.of')}>
        <PatientChoice patients={patients} none={t('alarms.everybody')} chosen={view.patient} />
      </Field>
      <Field label={t('alarms.days')}>
        <select name="days">
          {spans.map((days) => (
            <option key={days} value={days} selected={days === view.days}>
              {t('alarms.day', { n: days })}
            </option>
          ))}
        </select>
      </Field>
      <button class="primary">{t('alarms.show')}</button>
    </form>
  );
}

export function AlarmsPage({ view }: { view: AlarmsView }) {
  const events = useSignal<AlarmEvent[]>([]);
  const next = useSignal<string | null>(null);
  const load = useSignal<AlarmLoad | null>(null);
  const isSearching = useSignal(false);
  const failed = useSignal<ApiErrorBody | null>(null);
  const patients = useSignal<Patient[]>([]);
  const asked = useRef(0);
  useEffect(() => {
    void readPatients().then((people) => {
      if (people.ok) patients.value = people.body.patients;
    });
  }, [patients]);
  const search = async (cursor: string | null) => {
    const turn = ++asked.current;
    isSearching.value = true;
    const answer = await readAlarmEvents({
      patient: view.patient || undefined,
      from: Date.now() - view.days * dayMs,
      limit: eventsWanted,
      cursor: cursor ?? undefined,
    });
    if (turn !== asked.current) return;
    isSearching.value = false;
    failed.value = answer.ok ? null : answer.error;
    if (!answer.ok) return;
    events.value = [...events.value, ...answer.body.events];
    next.value = answer.body.next;
  };
  useEffect(() => {
    events.value = [];
    next.value = null;
    void search(null);
    void readAlarmLoad({ from: Date.now() - view.days * dayMs }).then((answer) => {
      if (answer.ok) load.value = answer.body;
      else failed.value = answer.error;
    });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `search` only uses signals and the view
  }, [view.patient, view.days]);
  const names = new Map(
    patients.value.map((one) => [one.id, [one.bed, one.display_name].filter(Boolean).join(' · ')]),
  );
  return (
    <div class="page page--alone">
      <header class="page__head">
        <h1>{t('alarms.title')}</h1>
        <p class="quiet">{t('alarms.lead')}</p>
        <AlarmTabs at="alarms" />
      </header>
      <Outcome text={failed.value ? errorText(failed.value) : null} />
      <Standing />
      {load.value && <Load load={load.value} names={names} days={view.days} />}
      <section class="card" aria-labelledby="history">
        <h2 id="history">{t('alarms.history')}</h2>
        <Filters view={view} patients={patients.value} />
        {events.value.length > 0 && (
          <Table
            caption={t('alarms.events', { n: events.value.length })}
            columns={eventColumns(names)}
            rows={events.value}
            keyOf={(event) => event.id}
          />
        )}
        <p class="quiet" role="status">
          {isSearching.value
            ? t('alarms.searching')
            : events.value.length === 0
              ? t('alarms.nothing')
              : next.value === null && t('alarms.all_shown')}
        </p>
        {!isSearching.value && next.value !== null && (
          <button onClick={() => void search(next.peek())}>{t('alarms.older')}</button>
        )}
      </section>
    </div>
  );
}
