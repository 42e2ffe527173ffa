// What the audit tells a patient, put together: one entry for what somebody did in a row, in a day.
import type { PatientAccess } from '../api/access_shapes';

export interface AccessGroup {
  who: string;
  name: string;
  role: string;
  act: PatientAccess['act'];
  emergency: boolean;
  permitted: boolean;
  /** Of the first and the last of them, milliseconds since 1970. */
  from: number;
  to: number;
  n: number;
}

const day = (time: number) => new Date(time).toDateString();

/** Lines as the server gives them: newest first. */
export function groupAccesses(lines: readonly PatientAccess[]): AccessGroup[] {
  const groups: AccessGroup[] = [];
  for (const line of lines) {
    const time = Date.parse(line.time);
    const emergency = line.purpose === 'emergency';
    const same = groups.findLast(
      (group) =>
        group.who === line.who &&
        group.role === line.role &&
        group.act === line.act &&
        group.emergency === emergency &&
        group.permitted === line.permitted &&
        day(group.from) === day(time),
    );
    if (same) {
      same.from = Math.min(same.from, time);
      same.n += 1;
      continue;
    }
    groups.push({
      who: line.who,
      name: line.display_name ?? line.who,
      role: line.role,
      act: line.act,
      emergency,
      permitted: line.permitted,
      from: time,
      to: time,
      n: 1,
    });
  }
  return groups;
}
