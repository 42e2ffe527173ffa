// What stands, of everybody, in the order in which it is to be seen, and what of it is to be heard.
import type { Alarm, AlarmBed, Priority } from '../api/alarm_shapes';

export const priorities: readonly Priority[] = ['high', 'medium', 'low'];

/** 0 is the most urgent. */
export const rank = (priority: Priority): number => priorities.indexOf(priority);

export type AlarmBeds = ReadonlyMap<string, AlarmBed>;

export const keyOfPatient = (id: string): string => `patient ${id}`;

/** A patient; or the place of a device that is on nobody, or of a screen. */
export function keyOf({ patient, device, screen }: AlarmBed): string {
  if (patient !== null) return keyOfPatient(patient);
  return screen === null ? `device ${device ?? ''}` : `screen ${screen}`;
}

/** A bed replaces what was known of it; one that nobody watches any more is gone. */
export function withBeds(known: AlarmBeds, beds: readonly AlarmBed[], all: boolean): AlarmBeds {
  const next = new Map(all ? [] : known);
  for (const bed of beds)
    if (bed.watched) next.set(keyOf(bed), bed);
    else next.delete(keyOf(bed));
  return next;
}

export interface Standing {
  bed: AlarmBed;
  alarm: Alarm;
}

/** Of one presentation of an alarm: what was seen of it before is another. */
export const presentation = ({ id, episode, priority }: Alarm): string =>
  `${id} ${episode} ${priority}`;

const isNew = ({ alarm }: Standing) => (alarm.state === 'acknowledged' ? 1 : 0);

/** What nobody has acknowledged first, then by priority; of the same, whoever waits longest. */
function compare(one: Standing, other: Standing): number {
  return (
    isNew(one) - isNew(other) ||
    rank(one.alarm.priority) - rank(other.alarm.priority) ||
    Date.parse(one.alarm.since) - Date.parse(other.alarm.since) ||
    one.alarm.id.localeCompare(other.alarm.id)
  );
}

/** Everything of some beds that is to be seen now. */
export const standingOf = (beds: readonly AlarmBed[]): Standing[] =>
  beds
    .flatMap((bed) => bed.alarms.map((alarm) => ({ bed, alarm })))
    .filter(({ alarm }) => alarm.visual)
    .sort(compare);

export const standing = (beds: AlarmBeds): Standing[] => standingOf([...beds.values()]);

export const ofPriority = (all: readonly Standing[], priority: Priority): number =>
  all.filter(({ alarm }) => alarm.priority === priority).length;

/** The most urgent of them; null: none. */
export function highest(alarms: readonly Alarm[]): Priority | null {
  const [first] = alarms.map(({ priority }) => priority).sort((a, b) => rank(a) - rank(b));
  return first ?? null;
}

export interface Audible {
  key: string;
  priority: Priority;
}

export const audible = (beds: AlarmBeds): Audible[] =>
  [...beds.values()]
    .flatMap(({ alarms }) => alarms)
    .filter((alarm) => alarm.audible)
    .map((alarm) => ({ key: presentation(alarm), priority: alarm.priority }));
