// A unit's limits: what differs from what Vigil comes with, and what a proposal would change.
import type { LimitSetting } from '../api/alarm_shapes';
import type { Proposal, UnitLimit } from '../api/profile_shapes';

type Name = keyof LimitSetting;
export const settingNames: readonly Name[] = [
  'limit',
  'hysteresis',
  'on_delay_s',
  'off_delay_s',
  'priority',
  'enabled',
];

/** A limit as text: "90" and "90.0" are the same. */
const same = (a: LimitSetting[Name] | undefined, b: LimitSetting[Name] | undefined): boolean =>
  a === b ||
  (typeof a === 'string' && typeof b === 'string' && a !== '' && Number(a) === Number(b));

/** What the unit has set otherwise than it comes. */
export const changedNames = (limit: UnitLimit): Name[] =>
  settingNames.filter((name) => !same(limit[name], limit.shipped[name]));

export interface Change {
  name: Name;
  from: LimitSetting[Name] | undefined;
  to: LimitSetting[Name];
}

/** What a proposal would set, beside what holds now. */
export function changesOf(proposal: Proposal, limits: readonly UnitLimit[]): Change[] {
  const held = limits.find(({ condition }) => condition === proposal.condition);
  return settingNames.flatMap((name) => {
    const to = proposal[name];
    return to === undefined ? [] : [{ name, from: held?.[name], to }];
  });
}
