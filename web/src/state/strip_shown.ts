// The strip that is open, of whatever page: it stays while the alarm that it is about ends.
import { signal } from '@preact/signals';
import type { Priority } from '../api/alarm_shapes';

/** What happened, as the alarm or its event says it. */
export interface StripEvent {
  words: string;
  priority: Priority | null;
  value: string | null;
  limit: string | null;
  unit_shown: string | null;
}

export interface StripOf {
  patient: string;
  atMs: number;
  /** Null: nothing happened, somebody looks. */
  event: StripEvent | null;
}

export const shownStrip = signal<StripOf | null>(null);
