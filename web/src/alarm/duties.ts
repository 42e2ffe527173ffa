// Who has the duty of what, and whether whoever has it can be reached.
import type { Contact, Duty } from '../api/duty_shapes';

/** Whom an escalation names and a person can be (monitor's recipients, less the screens and lists). */
export const recipients = [
  'assigned-nurse',
  'buddy',
  'charge-nurse',
  'unit-team',
  'physician',
  'device-team',
] as const;
export type Recipient = (typeof recipients)[number];

/** A duty that was just taken has begun, though this screen's clock ticks by the second. */
const clockMs = 5000;

export const isNow = ({ from, until }: Duty, nowMs: number): boolean =>
  Date.parse(from) <= nowMs + clockMs && nowMs < Date.parse(until);

export interface UnitDuties {
  unit: string;
  now: Duty[];
  /** As what nobody has the duty of the whole unit now. */
  open: Recipient[];
}

/** A unit's duties of now: its own and those of every unit. */
export function dutiesOfUnit(duties: readonly Duty[], unit: string, nowMs: number): UnitDuties {
  const now = duties.filter(
    (duty) => isNow(duty, nowMs) && (duty.unit === unit || duty.unit === ''),
  );
  const whole = new Set(
    now.filter(({ patients }) => patients.length === 0).flatMap(({ as }) => as),
  );
  return { unit, now, open: recipients.filter((one) => !whole.has(one)) };
}

/** Told are people who have both: a duty now, and a contact. */
export type Reach = 'told' | 'no-contact' | 'no-duty' | 'neither';

export function reachOf(
  account: string,
  duties: readonly Duty[],
  contacts: readonly Contact[],
  nowMs: number,
): Reach {
  const hasDuty = duties.some((duty) => duty.account === account && isNow(duty, nowMs));
  const hasContact = contacts.some((contact) => contact.account === account);
  if (hasDuty) return hasContact ? 'told' : 'no-contact';
  return hasContact ? 'no-duty' : 'neither';
}

const two = (value: number) => String(value).padStart(2, '0');

/** As a field of date and time has it, in the viewer's zone. */
export function fieldTime(ms: number): string {
  const at = new Date(ms);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Null: the field holds no time. */
export function timeOfField(text: string): string | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

const halfHourMs = 1_800_000;
const shiftMs = 8 * 3_600_000;

/** Offered as the end of a duty: a shift from now, at the next half hour. */
export const shiftEnd = (nowMs: number): number =>
  Math.ceil((nowMs + shiftMs) / halfHourMs) * halfHourMs;
