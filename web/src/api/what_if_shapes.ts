// The past again with other limits, field for field as docs/reference/alarms-api.md names it.
import type { LimitSetting, Priority } from './alarm_shapes';

export type LimitChange = Partial<LimitSetting> & { condition: string };

/** What really happened, of one of the patients. */
export interface ReferenceEvent {
  patient: string;
  kind: string;
  from: string;
  to: string;
}

export interface WhatIfQuestion {
  patients?: string[];
  unit?: string;
  from: string;
  to: string;
  limits: LimitChange[];
  events?: ReferenceEvent[];
}

export interface ComparedCondition {
  condition: string;
  words: string;
  priority: Priority;
  alarms_before: number;
  alarms_after: number;
  /** Alarms of before that none of the same condition after overlaps. */
  missed: number;
  /** Of those that both have; negative: sooner. */
  later_median_s: number | null;
  later_max_s: number | null;
  present_before_s: number;
  present_after_s: number;
}

export interface ComparedEvent {
  kind: string;
  from: string;
  to: string;
  /** Null: it was not detected. */
  detected_before_s: number | null;
  detected_after_s: number | null;
}

export interface ComparedPatient {
  patient: string;
  readings: number;
  looked_at_s: number;
  alarms_before: number;
  alarms_after: number;
  missed: number;
  cut: boolean;
  conditions: ComparedCondition[];
  events: ComparedEvent[];
}

export interface ComparedAll {
  patients: number;
  looked_at_s: number;
  alarms_before: number;
  alarms_after: number;
  missed: number;
  a_bed_a_day_before: number;
  a_bed_a_day_after: number;
}

export type WhatIfLine = ComparedPatient | { total: ComparedAll };
