import { describe, expect, it } from 'vitest';
import { sampleReading } from '../../src/pages/component_samples';
import type { SeriesLive } from '../../src/state/patient_live';
import {
  breathing,
  choose,
  compareWaves,
  heartRate,
  partsOf,
  pressure,
} from '../../src/vital/slots';

const nowMs = 1_000_000_000;
const series = (metric: string, ageMs = 0, expectedIntervalS = 1, device = 'a'): SeriesLive => ({
  key: device + metric,
  device,
  metric,
  channel: 0,
  expectedIntervalS,
  lastMs: nowMs - ageMs,
  latest: sampleReading(metric, '1', nowMs - ageMs),
});

describe('choose', () => {
  it('prefers the ECG for the heart rate', () => {
    const all = [series('pulse_rate_spo2'), series('heart_rate')];
    expect(choose(heartRate, all, nowMs)?.metric).toBe('heart_rate');
  });

  it('takes the pulse when the ECG is silent', () => {
    const all = [series('pulse_rate_spo2'), series('heart_rate', 60_000)];
    expect(choose(heartRate, all, nowMs)?.metric).toBe('pulse_rate_spo2');
  });

  it('shows what was heard of last when all are silent', () => {
    const all = [series('heart_rate', 90_000), series('pulse_rate_spo2', 60_000)];
    expect(choose(heartRate, all, nowMs)?.metric).toBe('pulse_rate_spo2');
  });

  it('prefers the arterial line to the cuff, and the cuff to a silent line', () => {
    const cuff = series('nibp_sys', 600_000, 0);
    expect(choose(pressure, [cuff, series('abp_sys')], nowMs)?.metric).toBe('abp_sys');
    expect(choose(pressure, [cuff, series('abp_sys', 60_000)], nowMs)?.metric).toBe('nibp_sys');
  });

  it('says so when nobody measures it', () => {
    expect(choose(breathing, [series('heart_rate')], nowMs)).toBeNull();
  });
});

describe('partsOf', () => {
  it('takes the parts from the same device', () => {
    const systolic = series('nibp_sys');
    const all = [systolic, series('nibp_dia', 0, 0, 'b'), series('nibp_dia'), series('nibp_mean')];
    const parts = partsOf(systolic, all);
    expect([parts.diastolic?.device, parts.mean?.device]).toEqual(['a', 'a']);
  });
});

describe('compareWaves', () => {
  it('orders as monitors do', () => {
    const waves = ['resp_wave', 'pleth', 'co2_wave', 'ecg_v1', 'ecg_ii', 'eeg_wave', 'abp_wave'];
    const order = waves.map((metric) => ({ metric })).sort(compareWaves);
    expect(order.map(({ metric }) => metric)).toEqual([
      'ecg_ii',
      'ecg_v1',
      'abp_wave',
      'pleth',
      'resp_wave',
      'co2_wave',
      'eeg_wave',
    ]);
  });
});
