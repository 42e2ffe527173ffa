// Smart conditions, field for field as docs/reference/alarms-api.md names them.
import type { Priority } from './alarm_shapes';

export interface RuleWish {
  name: string;
  text: string;
  priority: Priority;
  latching: boolean;
  reason: string;
}

export interface Rule extends RuleWish {
  id: string;
  by: string;
  since: string;
}

export interface Rules {
  rules: Rule[];
}

/** When a rule would have held. */
export interface DryRun {
  spans: { from: string; to: string; open: boolean }[];
  cut: boolean;
  readings: number;
  held_s: number;
  looked_at_s: number;
}
