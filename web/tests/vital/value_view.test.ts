import { describe, expect, it } from 'vitest';
import type { Metric, Reading, StatusFlag } from '../../src/api/shapes';
import { sampleCatalogue, sampleReading } from '../../src/pages/component_samples';
import type { SeriesLive } from '../../src/state/patient_live';
import { defaultConvention, type UnitConvention } from '../../src/vital/units';
import { marksOf, pressureView, valueView } from '../../src/vital/value_view';

const nowMs = 1_000_000_000;

function series(metric: string, value: string, ageMs = 0, part: Partial<Reading> = {}): SeriesLive {
  return {
    key: metric,
    device: 'monitor-01',
    metric,
    channel: 0,
    expectedIntervalS: sampleCatalogue.get(metric)?.expected_interval_s ?? 0,
    lastMs: nowMs - ageMs,
    latest: { ...sampleReading(metric, value, nowMs - ageMs), ...part },
  };
}

const viewer = (convention: Partial<UnitConvention> = {}, locale = 'en') => ({
  locale,
  convention: { ...defaultConvention, ...convention },
  special: (name: string) => `<${name}>`,
});
const metricOf = (key: string): Metric | undefined => sampleCatalogue.get(key);

describe('valueView', () => {
  it('says that nobody measures it', () => {
    expect(valueView(null, undefined, nowMs, viewer())).toEqual({ look: 'none' });
  });

  it('shows the digits as sent, in the unit as people write it', () => {
    const view = valueView(series('temp_body', '36.80'), metricOf('temp_body'), nowMs, viewer());
    expect(view).toMatchObject({ look: 'fresh', text: '36.80', unit: '°C', age: { unit: 'now' } });
  });

  it('looks as old as it is', () => {
    const looks = [0, 4_000, 9_000].map(
      (ageMs) =>
        valueView(series('heart_rate', '72', ageMs), metricOf('heart_rate'), nowMs, viewer()).look,
    );
    expect(looks).toEqual(['fresh', 'stale', 'absent']);
  });

  it('converts for the reader, with the precision of the device', () => {
    const of = (key: string, value: string, convention: Partial<UnitConvention>) =>
      valueView(series(key, value), metricOf(key), nowMs, viewer(convention));
    expect(of('temp_body', '36.8', { temperature: '[degF]' })).toMatchObject({
      text: '98.2',
      unit: '°F',
    });
    expect(of('nibp_sys', '120', { pressure: 'kPa' })).toMatchObject({ text: '16.0', unit: 'kPa' });
  });

  it('shows a value as sent where the reader wants the very unit it was sent in', () => {
    const sent = series('temp_body', '98.24', 0, {
      unit: '[degF]',
      unit_shown: '°F',
      normal: '36.8',
    });
    const metric = metricOf('temp_body');
    expect(valueView(sent, metric, nowMs, viewer({ temperature: '[degF]' }))).toMatchObject({
      text: '98.24',
    });
    expect(valueView(sent, metric, nowMs, viewer())).toMatchObject({ text: '36.8', unit: '°C' });
  });

  it('tells a special value in words, never as a number', () => {
    const over = series('spo2', '', 0, { value: null, normal: null, special: 'over_range' });
    expect(valueView(over, metricOf('spo2'), nowMs, viewer())).toMatchObject({
      text: '<over_range>',
      unit: '',
      words: true,
    });
  });
});

describe('marksOf', () => {
  it.each([
    [['questionable', 'signal_poor'], ['questionable']],
    [
      ['manual', 'corrected'],
      ['manual', 'corrected'],
    ],
    [['not_stored'], ['not_stored']],
    [['stored_data', 'late', 'clock'], []],
  ] as [StatusFlag[], string[]][])('%s', (status, marks) => {
    expect(marksOf(status)).toEqual(marks);
  });
});

describe('pressureView', () => {
  const parts = (diastolicAge: number) => ({
    systolic: series('nibp_sys', '124', 60_000),
    diastolic: series('nibp_dia', '76', diastolicAge),
    mean: series('nibp_mean', '92', 60_000),
  });

  it('puts the parts of one measurement together', () => {
    const view = pressureView(parts(60_000), metricOf, nowMs, viewer());
    expect(view).toMatchObject({ look: 'episodic', text: '124/76', aside: '(92)', unit: 'mmHg' });
  });

  it('never puts parts of two measurements together', () => {
    expect(pressureView(parts(5_000), metricOf, nowMs, viewer())).toMatchObject({
      text: '124/–',
    });
  });
});
