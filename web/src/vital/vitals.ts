// All vital signs of a patient, in the order in which monitors list them; the parts of a pressure
// together.
import type { SeriesLive } from '../state/patient_live';

export type Vital =
  | { kind: 'single'; key: string; series: SeriesLive }
  | {
      kind: 'pressure';
      key: string;
      stem: string;
      systolic: SeriesLive;
      diastolic: SeriesLive | null;
      mean: SeriesLive | null;
    };

const order = [
  'heart_rate',
  'spo2',
  'pulse_rate_spo2',
  'pulse_rate',
  'resp_rate',
  'abp_sys',
  'art_sys',
  'nibp_sys',
  'temp_',
  'etco2',
  'cvp',
  'glucose',
];

/** What has not come for a day, from a device that sends all the time, belongs to the timeline. */
const forgottenMs = 86_400_000;

/** No sign of the patient: the list of devices shows it. */
const ofTheDevice = 'battery_level';

function rank(metric: string): number {
  const found = order.findIndex((start) => metric.startsWith(start));
  return found < 0 ? order.length : found;
}

const isPart = (metric: string) => /_(dia|mean)$/.test(metric);

export function vitalsOf(all: readonly SeriesLive[], nowMs: number): Vital[] {
  const kept = all.filter(
    (series) =>
      series.metric !== ofTheDevice &&
      (series.expectedIntervalS === 0 || nowMs - series.lastMs < forgottenMs),
  );
  const same = (series: SeriesLive, metric: string) =>
    kept.find(
      (other) =>
        other.metric === metric &&
        other.device === series.device &&
        other.channel === series.channel,
    ) ?? null;
  const vitals = kept.flatMap((series): Vital[] => {
    const stem = series.metric.replace(/_(sys|dia|mean)$/, '');
    if (series.metric.endsWith('_sys'))
      return [
        {
          kind: 'pressure',
          key: series.key,
          stem,
          systolic: series,
          diastolic: same(series, `${stem}_dia`),
          mean: same(series, `${stem}_mean`),
        },
      ];
    if (isPart(series.metric) && same(series, `${stem}_sys`)) return [];
    return [{ kind: 'single', key: series.key, series }];
  });
  const metricOf = (vital: Vital) =>
    vital.kind === 'single' ? vital.series.metric : vital.systolic.metric;
  return vitals.sort((a, b) => {
    const [first, second] = [metricOf(a), metricOf(b)];
    return rank(first) - rank(second) || (first + a.key < second + b.key ? -1 : 1);
  });
}
