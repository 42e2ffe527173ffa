// The limits that a unit's patients start with, field for field as docs/reference/alarms-api.md names them.
import type { AgeClass, AlarmLimit, LimitSetting } from './alarm_shapes';

export interface UnitLimit extends LimitSetting, Omit<AlarmLimit, 'unit_default' | 'changed'> {
  source: string;
  /** What Vigil comes with. */
  shipped: LimitSetting;
}

/** A change that waits for a second person: only what is to be set. */
export interface Proposal extends Partial<LimitSetting> {
  id: string;
  unit: string;
  age_class: AgeClass;
  condition: string;
  words: string;
  by: string;
  reason: string;
  time: string;
}

export interface Profile {
  unit: string;
  age_class: AgeClass;
  limits: UnitLimit[];
  proposals: Proposal[];
}
