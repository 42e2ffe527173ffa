// The numbers that stood at an instant: of each series the newest before it, as long as it says something.
import type { Reading, Series } from '../api/shapes';
import type { SeriesLive } from '../state/patient_live';

/** A number of something that is sent all the time is looked for so far back. */
const continuousMs = 30_000;
/** A cuff pressure or a temperature says something for so long. */
const episodicMs = 3_600_000;

export const lookBackMs = (expectedIntervalS: number): number =>
  expectedIntervalS > 0 && expectedIntervalS <= 10 ? continuousMs : episodicMs;

export function latestAt(
  readings: readonly Reading[],
  series: readonly Series[],
  atMs: number,
): SeriesLive[] {
  const latest = new Map<string, SeriesLive>();
  for (const reading of readings) {
    const { metric, device, channel } = reading;
    const lastMs = Date.parse(reading.filed_time);
    if (reading.type !== 'numeric' || lastMs > atMs) continue;
    const key = `${metric} ${device} ${channel}`;
    if ((latest.get(key)?.lastMs ?? -Infinity) > lastMs) continue;
    const expectedIntervalS = series.find((one) => one.metric === metric)?.expected_interval_s ?? 0;
    latest.set(key, { key, device, metric, channel, expectedIntervalS, lastMs, latest: reading });
  }
  return [...latest.values()];
}
