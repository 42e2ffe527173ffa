// How old a value looks. The rule is the server's (docs/reference/series-api.md, Series): both
// sides must call the same value old at the same moment.
import type { FreshnessName } from '../api/shapes';

/** Granted to a reading for its way from the device to the screen. */
const wayMs = 2000;

export function freshness(lastMs: number, expectedIntervalS: number, nowMs: number): FreshnessName {
  if (expectedIntervalS === 0) return 'episodic';
  const ageMs = nowMs - lastMs;
  const expectedMs = expectedIntervalS * 1000;
  if (ageMs <= expectedMs + wayMs) return 'fresh';
  return ageMs <= 3 * expectedMs + wayMs ? 'stale' : 'absent';
}

export type Age = { unit: 'now' } | { unit: 'second' | 'minute' | 'hour' | 'day'; count: number };

/** An age as people say it: one unit, rounded down, never "-3 s" where two clocks differ a little. */
export function age(lastMs: number, nowMs: number): Age {
  const seconds = Math.floor((nowMs - lastMs) / 1000);
  if (seconds < 3) return { unit: 'now' };
  if (seconds < 60) return { unit: 'second', count: seconds };
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return { unit: 'minute', count: minutes };
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return { unit: 'hour', count: hours };
  return { unit: 'day', count: Math.floor(hours / 24) };
}
