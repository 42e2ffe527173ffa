// What a what-if has told so far: saved and missed of all, of each alarm, of each patient, and of what happened.
import type { ComparedAll, ComparedEvent, ComparedPatient } from '../api/what_if_shapes';
import { conditionsOf, type SummedCondition } from '../alarm/what_if_sum';
import { hrefOfPatient } from '../state/route';
import { age } from '../vital/freshness';
import { localMinute, localNumber } from '../vital/format';
import { locale } from '../words';
import { whatIfWords as w } from '../words/what_if';
import { AlarmMark } from './alarm_mark';
import { conditionWords } from './alarm_words';
import { Figure } from './figure';
import { ageText } from './speech';
import { Table, type Column } from './table';

type Names = ReadonlyMap<string, string>;
const dayS = 86_400;

const whole = (value: number) => localNumber(value, locale.value);
const rate = (value: number) => localNumber(value, locale.value, value < 10 ? 1 : 0);
const span = (seconds: number) =>
  seconds < 1 ? '0 s' : seconds < 3 ? `${whole(seconds)} s` : ageText(age(0, seconds * 1000));

function laterText(seconds: number | null): string {
  if (seconds === null) return '–';
  return seconds < 0 ? w('sooner', { span: span(-seconds) }) : span(seconds);
}

function detectedText(seconds: number | null): string {
  if (seconds === null) return w('not_detected');
  return seconds <= 0 ? w('at_once') : w('after', { span: span(seconds) });
}

const conditionColumns = (): Column<SummedCondition>[] => [
  {
    title: w('column.alarm'),
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
    title: w('column.before'),
    cell: (one) => whole(one.alarms_before),
    sort: (one) => one.alarms_before,
  },
  {
    title: w('column.after'),
    cell: (one) => whole(one.alarms_after),
    sort: (one) => one.alarms_after,
  },
  { title: w('column.missed'), cell: (one) => whole(one.missed), sort: (one) => one.missed },
  {
    title: w('column.later'),
    cell: (one) => laterText(one.later_max_s),
    sort: (one) => one.later_max_s ?? 0,
  },
  {
    title: w('column.present'),
    cell: (one) =>
      w('before_after', { before: span(one.present_before_s), after: span(one.present_after_s) }),
    sort: (one) => one.present_before_s,
  },
];

const patientColumns = (names: Names): Column<ComparedPatient>[] => [
  {
    title: w('column.patient'),
    names: true,
    wraps: true,
    cell: ({ patient }) => <a href={hrefOfPatient(patient)}>{names.get(patient) ?? patient}</a>,
    sort: ({ patient }) => names.get(patient) ?? patient,
  },
  {
    title: w('column.before'),
    cell: (one) => whole(one.alarms_before),
    sort: (one) => one.alarms_before,
  },
  {
    title: w('column.after'),
    cell: (one) => whole(one.alarms_after),
    sort: (one) => one.alarms_after,
  },
  { title: w('column.missed'), cell: (one) => whole(one.missed), sort: (one) => one.missed },
  {
    title: w('looked_at'),
    cell: (one) => span(one.looked_at_s),
    sort: (one) => one.looked_at_s,
  },
];

type Happened = ComparedEvent & { patient: string };
const eventColumns = (names: Names): Column<Happened>[] => [
  { title: w('column.event'), names: true, wraps: true, cell: ({ kind }) => kind },
  {
    title: w('column.patient'),
    wraps: true,
    cell: ({ patient }) => names.get(patient) ?? patient,
  },
  {
    title: w('event.from'),
    cell: ({ from }) => localMinute(Date.parse(from), locale.value),
    sort: ({ from }) => from,
  },
  { title: w('column.before'), cell: (one) => detectedText(one.detected_before_s) },
  { title: w('column.after'), cell: (one) => detectedText(one.detected_after_s) },
];

function Figures({ total }: { total: ComparedAll }) {
  const saved = total.alarms_before - total.alarms_after;
  return (
    <dl class="figures">
      <Figure
        name={w('a_bed_a_day')}
        value={w('before_after', {
          before: rate(total.a_bed_a_day_before),
          after: rate(total.a_bed_a_day_after),
        })}
      />
      <Figure
        name={w(saved < 0 ? 'added' : 'saved')}
        value={whole(Math.abs(saved))}
        unit={w('before_after', {
          before: whole(total.alarms_before),
          after: whole(total.alarms_after),
        })}
      />
      <Figure name={w('missed')} value={whole(total.missed)} unit={w('missed_unit')} />
      <Figure name={w('looked_at')} value={w('bed_days', { n: rate(total.looked_at_s / dayS) })} />
    </dl>
  );
}

function Part<Row>({
  title,
  ...rows
}: {
  title: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
}) {
  return (
    <div class="what-if__table">
      <h3>{title}</h3>
      <Table caption={title} {...rows} />
    </div>
  );
}

export function WhatIfResult({
  total,
  patients,
  names,
}: {
  total: ComparedAll;
  patients: readonly ComparedPatient[];
  names: Names;
}) {
  const conditions = conditionsOf(patients);
  const events = patients.flatMap(({ patient, events: all }) =>
    all.map((event) => ({ ...event, patient })),
  );
  return (
    <>
      {patients.some(({ cut }) => cut) && <p class="notice">{w('cut')}</p>}
      <Figures total={total} />
      {events.length > 0 && (
        <Part
          title={w('happened')}
          columns={eventColumns(names)}
          rows={events}
          keyOf={(one) => `${one.patient} ${one.kind} ${one.from}`}
        />
      )}
      {conditions.length > 0 && (
        <Part
          title={w('conditions')}
          columns={conditionColumns()}
          rows={conditions}
          keyOf={({ condition }) => condition}
        />
      )}
      <Part
        title={w('patients')}
        columns={patientColumns(names)}
        rows={patients}
        keyOf={({ patient }) => patient}
      />
    </>
  );
}
