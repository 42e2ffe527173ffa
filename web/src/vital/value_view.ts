// From a series to what a person sees of it: pure functions, one union of looks.
import type { Metric, Reading, StatusFlag } from '../api/shapes';
import type { SeriesLive } from '../state/patient_live';
import { age, freshness, type Age } from './freshness';
import { localDecimal } from './format';
import { inConvention, type UnitConvention } from './units';

export type Mark =
  | 'invalid'
  | 'questionable'
  | 'manual'
  | 'estimated'
  | 'corrected'
  | 'not_stored'
  | 'device_alarm'
  | 'test';

export type ValueView =
  | { look: 'none' }
  | {
      look: 'fresh' | 'stale' | 'absent' | 'episodic';
      text: string;
      /** Beside it, smaller: a mean pressure. */
      aside: string;
      unit: string;
      age: Age;
      marks: Mark[];
      /** A special value is told in words, not digits. */
      words: boolean;
      origin: Reading;
    };

export interface Viewer {
  locale: string;
  convention: UnitConvention;
  /** The words for a special value. */
  special: (name: string) => string;
}

const markOf: Partial<Record<StatusFlag, Mark>> = {
  invalid: 'invalid',
  questionable: 'questionable',
  signal_poor: 'questionable',
  implausible: 'questionable',
  calibration_ongoing: 'questionable',
  measurement_ongoing: 'questionable',
  early_indication: 'questionable',
  manual: 'manual',
  estimated: 'estimated',
  corrected: 'corrected',
  not_stored: 'not_stored',
  alarm_at_source: 'device_alarm',
  test_data: 'test',
  demo_data: 'test',
};

export function marksOf(status: readonly StatusFlag[]): Mark[] {
  return [...new Set(status.flatMap((flag) => markOf[flag] ?? []))];
}

function numberText(
  reading: Reading,
  metric: Metric | undefined,
  viewer: Viewer,
): { text: string; unit: string } {
  const shown = inConvention(reading, metric, viewer.convention);
  return { text: localDecimal(shown.text, viewer.locale), unit: shown.unit };
}

export function valueView(
  series: SeriesLive | null,
  metric: Metric | undefined,
  nowMs: number,
  viewer: Viewer,
): ValueView {
  if (!series) return { look: 'none' };
  const { latest } = series;
  const common = {
    look: freshness(series.lastMs, series.expectedIntervalS, nowMs),
    aside: '',
    age: age(series.lastMs, nowMs),
    marks: marksOf(latest.status),
    origin: latest,
  };
  if (latest.special !== null)
    return { ...common, text: viewer.special(latest.special), unit: '', words: true };
  if (latest.type !== 'numeric')
    return { ...common, text: latest.display ?? latest.value ?? '', unit: '', words: true };
  return { ...common, ...numberText(latest, metric, viewer), words: false };
}

/** Systolic over diastolic, and the mean beside them: of one measurement, or not together at all. */
export function pressureView(
  parts: { systolic: SeriesLive | null; diastolic: SeriesLive | null; mean: SeriesLive | null },
  metricOf: (key: string) => Metric | undefined,
  nowMs: number,
  viewer: Viewer,
): ValueView {
  const { systolic, diastolic, mean } = parts;
  if (!systolic) return { look: 'none' };
  const view = valueView(systolic, metricOf(systolic.metric), nowMs, viewer);
  if (view.look === 'none' || view.words) return view;
  const together = (other: SeriesLive | null) =>
    other?.lastMs === systolic.lastMs && other.latest.special === null
      ? numberText(other.latest, metricOf(other.metric), viewer).text
      : null;
  const meanText = together(mean);
  return {
    ...view,
    text: `${view.text}/${together(diastolic) ?? '–'}`,
    aside: meanText === null ? '' : `(${meanText})`,
  };
}
