// At how many beds a device signals an alarm of its own: all that is told of a ward whose screen is locked.
import type { PatientLive } from '../state/patient_live';
import { freshness } from './freshness';

/** As the tile of the bed marks it: by the newest value of a series, as long as there are values. */
export function signalsAlarm(patient: PatientLive, nowMs: number): boolean {
  return patient
    .allSeries()
    .map((series) => series.value)
    .some(
      ({ latest, lastMs, expectedIntervalS }) =>
        latest.status.includes('alarm_at_source') &&
        freshness(lastMs, expectedIntervalS, nowMs) !== 'absent',
    );
}

export const bedsInAlarm = (patients: readonly PatientLive[], nowMs: number): number =>
  patients.filter((patient) => signalsAlarm(patient, nowMs)).length;
