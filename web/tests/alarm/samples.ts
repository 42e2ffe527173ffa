// Alarms and beds as a test needs them: what it does not say is of no matter to it.
import type { Alarm, AlarmBed } from '../../src/api/alarm_shapes';

export const timeOf = (second: number) => new Date(1_800_000_000_000 + second * 1000).toISOString();

export const alarmOf = (id: string, more: Partial<Alarm> = {}): Alarm => ({
  id,
  condition: 'spo2_low',
  words: 'SpO2 low',
  class: 'physiological',
  priority: 'medium',
  state: 'active',
  visual: true,
  audible: true,
  present: true,
  stale: false,
  metric: 'spo2',
  device: null,
  display: null,
  episode: 1,
  since: timeOf(0),
  violated_since: timeOf(0),
  value: null,
  limit: null,
  unit_shown: '',
  detail: '',
  acknowledged: null,
  owner: null,
  level: 1,
  told: ['bed', 'central'],
  suppressed: null,
  ...more,
});

export const bedOf = (
  patient: string | null,
  alarms: Alarm[],
  more: Partial<AlarmBed> = {},
): AlarmBed => ({
  patient,
  device: patient === null ? 'stray' : null,
  screen: null,
  screen_name: null,
  screen_unit: null,
  as_of: timeOf(0),
  watched: true,
  alarms,
  inactivations: [],
  unmonitored_since: null,
  age_class: 'adult',
  age_confirmed: true,
  ...more,
});
