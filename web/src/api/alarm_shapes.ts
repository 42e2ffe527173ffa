// What stands of alarms, field for field as docs/reference/alarms-api.md names it.

export type Priority = 'high' | 'medium' | 'low';
export type AlarmState = 'active' | 'acknowledged' | 'latched';
export type AgeClass = 'adult' | 'paediatric' | 'neonate';
export type InactivationKind = 'audio-paused' | 'audio-off' | 'alarm-paused' | 'alarm-off';

export interface Alarm {
  id: string;
  condition: string;
  words: string;
  class: 'physiological' | 'technical';
  priority: Priority;
  state: AlarmState;
  visual: boolean;
  audible: boolean;
  present: boolean;
  stale: boolean;
  metric: string | null;
  device: string | null;
  display: string | null;
  episode: number;
  since: string;
  violated_since: string | null;
  value: string | null;
  limit: string | null;
  unit_shown: string | null;
  detail: string | null;
  acknowledged: { by: string; time: string; until: string | null } | null;
  owner: { by: string; until: string | null } | null;
  level: number;
  told: string[];
  suppressed: 'chain' | 'paused' | 'off' | null;
}

export interface Inactivation {
  id: string;
  kind: InactivationKind;
  alarm: string | null;
  condition: string | null;
  by: string;
  reason: string;
  since: string;
  until: string;
}

export interface AlarmBed {
  patient: string | null;
  /** Of a place, where the patient is null: the device that is on nobody. */
  device: string | null;
  /** Of a screen that has to confirm what it shows: which, and what people call it. */
  screen: string | null;
  screen_name: string | null;
  screen_unit: string | null;
  as_of: string;
  watched: boolean;
  alarms: Alarm[];
  inactivations: Inactivation[];
  unmonitored_since: string | null;
  age_class: AgeClass;
  age_confirmed: boolean;
}

/** What can be set of a limit. */
export interface LimitSetting {
  limit: string | null;
  hysteresis: string | null;
  on_delay_s: number;
  off_delay_s: number;
  priority: Priority;
  enabled: boolean;
}

export interface AlarmLimit extends LimitSetting {
  condition: string;
  words: string;
  metric: string | null;
  unit_shown: string;
  can_switch_off: boolean;
  unit_default: LimitSetting;
  changed: { by: string; reason: string; since: string } | null;
}

export interface AlarmLimits {
  age_class: AgeClass;
  age_confirmed: boolean;
  unit: string | null;
  limits: AlarmLimit[];
}

/** One transition of an alarm, or of what people set about alarms; what does not apply is null. */
export interface AlarmEvent {
  id: string;
  patient: string | null;
  device: string | null;
  screen: string | null;
  time: string;
  type: string;
  actor: string;
  reason: string;
  detail: string;
  alarm: string | null;
  condition: string | null;
  words: string | null;
  priority: Priority | null;
  episode: number;
  told: string[];
  value: string | null;
  limit: string | null;
  unit_shown: string;
}

export interface AlarmEvents {
  events: AlarmEvent[];
  next: string | null;
}

interface Spread {
  median_s: number | null;
  p90_s: number | null;
  max_s: number | null;
}

export interface AlarmSum {
  alarms: number;
  a_bed_a_day: number;
  unanswered: number;
  response: Spread;
  lasted: Spread;
}

/** How many alarms there were to bear, of what, and how soon a person answered. */
export interface AlarmLoad {
  cut: boolean;
  from: string;
  to: string;
  beds: number;
  alarms: number;
  a_bed_a_day: number;
  priorities: (AlarmSum & { priority: Priority })[];
  conditions: (AlarmSum & { condition: string; words: string; priority: Priority })[];
  worst_beds: {
    patient: string | null;
    device: string | null;
    screen: string | null;
    alarms: number;
  }[];
}

export interface AlarmsAnswer {
  as_of: string;
  lag_s: number;
  beds: AlarmBed[];
}

export type AlarmFrame =
  | { type: 'hello'; server_time: string; heartbeat_s: number; version: string }
  | { type: 'beds'; number: number; all: boolean; beds: AlarmBed[] }
  | { type: 'heartbeat'; server_time: string; as_of: string; watching: boolean }
  | {
      type: 'display';
      id: string;
      expected: boolean;
      name?: string;
      unit?: string;
      sounds?: boolean;
    };
