// What is technically wrong at a bed: the one thing to mend first, in a person's order of asking. Is
// anything attached? Is it switched on? Does it send? Will it last?
import type { PatientLive } from '../state/patient_live';
import { clockIsWrong } from './device_clock';
import { age, freshness, type Age } from './freshness';
import { heartRate, saturation, breathing } from './slots';

export type BedNotice =
  | { what: 'no_device' }
  | { what: 'device_off'; device: string; age: Age }
  | { what: 'no_data'; metric: string; age: Age }
  | { what: 'no_signal'; metric: string; age: Age }
  | { what: 'battery'; device: string; percent: string }
  | { what: 'clock'; device: string };

const batteryLow = 15;
const watched = [...heartRate.from, ...saturation.from, ...breathing.from];

export function bedNotice(patient: PatientLive, nowMs: number): BedNotice | null {
  const devices = patient.devices.value;
  if (devices.length === 0) return { what: 'no_device' };
  const off = devices.find((device) => device.connection === 'disconnected');
  if (off)
    return { what: 'device_off', device: off.display, age: age(Date.parse(off.since), nowMs) };
  for (const signal of patient.allSeries()) {
    const series = signal.value;
    if (!watched.includes(series.metric)) continue;
    if (freshness(series.lastMs, series.expectedIntervalS, nowMs) === 'absent')
      return { what: 'no_data', metric: series.metric, age: age(series.lastMs, nowMs) };
  }
  for (const track of patient.tracks.value) {
    const last = track.lastMs;
    if (last > 0 && freshness(last, track.expectedIntervalS, nowMs) === 'absent')
      return { what: 'no_signal', metric: track.metric, age: age(last, nowMs) };
  }
  for (const device of devices) {
    if (device.battery && Number(device.battery.percent) < batteryLow)
      return { what: 'battery', device: device.display, percent: device.battery.percent };
    if (device.clock && clockIsWrong(device.clock.state))
      return { what: 'clock', device: device.display };
  }
  return null;
}
