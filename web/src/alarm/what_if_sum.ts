// What has come of a what-if so far: all patients together, and each condition over all of them.
import type { ComparedAll, ComparedCondition, ComparedPatient } from '../api/what_if_shapes';

const dayS = 86_400;

/** As the server sums them at the end; it may be stopped before. */
export function totalOf(patients: readonly ComparedPatient[]): ComparedAll {
  const sum = (of: (one: ComparedPatient) => number) =>
    patients.reduce((all, one) => all + of(one), 0);
  const looked_at_s = sum((one) => one.looked_at_s);
  const alarms_before = sum((one) => one.alarms_before);
  const alarms_after = sum((one) => one.alarms_after);
  const aDay = (alarms: number) => (looked_at_s > 0 ? (alarms * dayS) / looked_at_s : 0);
  return {
    patients: patients.length,
    looked_at_s,
    alarms_before,
    alarms_after,
    missed: sum((one) => one.missed),
    a_bed_a_day_before: aDay(alarms_before),
    a_bed_a_day_after: aDay(alarms_after),
  };
}

/** A median of medians would be no median: there is none. */
export type SummedCondition = Omit<ComparedCondition, 'later_median_s'>;

const later = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

const together = (a: SummedCondition, b: ComparedCondition): SummedCondition => ({
  condition: b.condition,
  words: b.words,
  priority: b.priority,
  alarms_before: a.alarms_before + b.alarms_before,
  alarms_after: a.alarms_after + b.alarms_after,
  missed: a.missed + b.missed,
  later_max_s: later(a.later_max_s, b.later_max_s),
  present_before_s: a.present_before_s + b.present_before_s,
  present_after_s: a.present_after_s + b.present_after_s,
});

const nothing = {
  alarms_before: 0,
  alarms_after: 0,
  missed: 0,
  later_max_s: null,
  present_before_s: 0,
  present_after_s: 0,
};

/** Those that have changed most come first. */
export function conditionsOf(patients: readonly ComparedPatient[]): SummedCondition[] {
  const all = new Map<string, SummedCondition>();
  for (const one of patients.flatMap(({ conditions }) => conditions))
    all.set(one.condition, together(all.get(one.condition) ?? { ...one, ...nothing }, one));
  const change = (one: SummedCondition) => Math.abs(one.alarms_before - one.alarms_after);
  return [...all.values()].sort((a, b) => change(b) - change(a));
}

/** Of what the API allows at once (docs/reference/alarms-api.md). */
export const bedDaysMax = 700;
