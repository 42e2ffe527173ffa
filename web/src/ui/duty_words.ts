// A duty in words: as what, of whom, and until when.
import type { Contact, Duty } from '../api/duty_shapes';
import { isNow } from '../alarm/duties';
import { localMinute, localTimeOfDay } from '../vital/format';
import { locale } from '../words';
import { dutyWords as d } from '../words/duties';

/** What a patient is called, by id: their bed and name. */
export type Names = ReadonlyMap<string, string>;

export const asText = (as: readonly string[]): string =>
  as.map((one) => d.or(`as.${one}`, one)).join(', ');

export function whomText({ unit, patients }: Duty, names: Names): string {
  if (patients.length === 0) return unit === '' ? d('of_all') : d('of_unit', { unit });
  const list = patients.map((id) => names.get(id) ?? id).join(', ');
  return unit === '' ? list : d('of_patients', { unit, list });
}

const dayMs = 86_400_000;

/** The time alone, where it is within a day. */
function timeText(time: string, nowMs: number): string {
  const ms = Date.parse(time);
  const isNear = Math.abs(ms - nowMs) < dayMs;
  return isNear ? localTimeOfDay(ms, locale.value) : localMinute(ms, locale.value);
}

export function untilText(duty: Duty, nowMs: number): string {
  const until = timeText(duty.until, nowMs);
  if (isNow(duty, nowMs)) return d('until', { until });
  return d('begins', { from: timeText(duty.from, nowMs), until });
}

export const dutyText = (duty: Duty, names: Names): string =>
  `${asText(duty.as)}: ${whomText(duty, names)}`;

/** What a contact is of: a person is told by their duties, a system by what it stands for. */
export function toldText({ account, as, unit, emergencies }: Contact): string {
  const parts: string[] = [];
  if (account !== null) parts.push(d('by_duty'));
  else if (as.length > 0)
    parts.push(d('in_unit', { as: asText(as), unit: unit || d('system.every_unit') }));
  if (emergencies) parts.push(d('emergencies'));
  return parts.join('; ');
}
