// An alarm in words: whose, what, since when, and what has been done about it.
import type { Alarm, AlarmBed, Inactivation } from '../api/alarm_shapes';
import { named } from '../state/alarm_watch';
import { preferences } from '../state/preferences';
import { ward } from '../state/watch';
import { localDecimal, localTimeOfDay } from '../vital/format';
import { age } from '../vital/freshness';
import { wardUnit } from '../vital/units';
import { locale, t, tOr } from '../words';
import { conditionIn } from '../words/conditions';
import { ageText } from './speech';

/** As the ward writes it: "SpO₂", "EtCO₂". */
const subscript = (text: string) => text.replace(/\b(SpO|EtCO|FiCO|CO)2\b/g, '$1₂');

export const conditionWords = ({ words }: Pick<Alarm, 'words'>): string =>
  subscript(conditionIn(words));

const acronyms: Record<string, string> = {
  spo2: 'SpO₂',
  etco2: 'EtCO₂',
  fico2: 'FiCO₂',
  nibp: 'NIBP',
  art: 'ART',
  ecg: 'ECG',
};

/** Of a condition that is named by its key alone: "spo2_high" → "SpO₂ high". */
export const conditionName = (key: string): string =>
  key
    .split('_')
    .map((word) => acronyms[word] ?? word)
    .join(' ');

const amount = (value: string, unit: string | null) => {
  const text = localDecimal(value, locale.value);
  return unit ? t('alarm.amount', { value: text, unit: wardUnit(unit) }) : text;
};

/** What crossed, and what was crossed. */
export function crossedText({
  value,
  limit,
  unit_shown: unit,
}: Pick<Alarm, 'value' | 'limit' | 'unit_shown'>): string {
  if (value === null) return '';
  if (limit === null) return amount(value, unit);
  return t('alarm.crossed', { value: amount(value, unit), limit: amount(limit, unit) });
}

export const alarmText = (alarm: Alarm): string =>
  [conditionWords(alarm), crossedText(alarm)].filter(Boolean).join(' ');

export interface Place {
  bed: string;
  name: string;
}

/** Whose alarm it is; a name may still be asked for. */
export function placeOf(bed: AlarmBed, names = named.value): Place {
  const { patient, device, screen_name: screen } = bed;
  if (screen !== null) return { bed: '', name: t('alarm.screen', { name: screen }) };
  if (patient === null) return { bed: '', name: t('alarm.place', { device: device ?? '' }) };
  const known = names >= 0 ? ward.patient(patient)?.patient.value : undefined;
  if (!known) return { bed: '', name: t('alarm.patient', { id: patient }) };
  const name = preferences.value.initials ? known.initials : known.display_name;
  return { bed: known.bed ?? '', name };
}

export function placeText(bed: AlarmBed): string {
  const place = placeOf(bed);
  return place.bed ? `${t('alarm.bed', { bed: place.bed })}, ${place.name}` : place.name;
}

export function sinceText(time: string, nowMs: number): string {
  const since = age(Date.parse(time), nowMs);
  return since.unit === 'now' ? t('alarm.began') : t('alarm.for', { age: ageText(since) });
}

export const timeText = (time: string): string => localTimeOfDay(Date.parse(time), locale.value);

function acknowledgedText({ acknowledged }: Alarm): string {
  if (!acknowledged) return '';
  const { by: who, time, until } = acknowledged;
  if (until === null) return t('alarm.acknowledged', { who, time: timeText(time) });
  return t('alarm.acknowledged_until', { who, time: timeText(time), until: timeText(until) });
}

function ownerText({ owner }: Alarm): string {
  if (!owner) return '';
  if (owner.until === null) return t('alarm.owner', { who: owner.by });
  return t('alarm.owner_until', { who: owner.by, until: timeText(owner.until) });
}

function toldText({ told }: Alarm): string {
  const others = told.filter((who) => who !== 'bed' && who !== 'central');
  if (others.length === 0) return '';
  return t('alarm.told', { who: others.map((who) => tOr(`alarm.told.${who}`, who)).join(', ') });
}

/** How it stands with it; empty: it is there, and nobody has done anything yet. */
export function stateText(alarm: Alarm): string {
  const isQuiet = alarm.state === 'active' && !alarm.audible;
  const parts = [
    alarm.state === 'latched' ? t('alarm.latched') : '',
    alarm.stale ? t('alarm.stale') : '',
    acknowledgedText(alarm),
    ownerText(alarm),
    isQuiet ? t('alarm.audio_off') : '',
    alarm.state === 'active' ? toldText(alarm) : '',
  ];
  return parts.filter(Boolean).join(' ');
}

/** What of an inactivation: one alarm, one condition, or the whole patient; as far as it is known here. */
function scopeOf({ alarm, condition }: Inactivation, bed: AlarmBed): string {
  const found = bed.alarms.find((one) => one.id === alarm || one.condition === condition);
  if (found) return conditionWords(found);
  return condition ? conditionName(condition) : '';
}

/** "Alarm off: SpO₂ high": what is not signalled. */
export function inactiveText(one: Inactivation, bed: AlarmBed): string {
  const of = scopeOf(one, bed);
  const what = t(`inactive.${one.kind}`);
  return of ? t('inactive.of', { what, of }) : what;
}

/** By whom, since when, and until when. */
export const inactiveBy = ({ by: who, since, until }: Inactivation): string =>
  t('inactive.by', { who, since: timeText(since), until: timeText(until) });
