import { describe, expect, it } from 'vitest';
import { conditionsOf, totalOf } from '../../src/alarm/what_if_sum';
import type { ComparedCondition, ComparedPatient } from '../../src/api/what_if_shapes';

const conditionOf = (
  condition: string,
  more: Partial<ComparedCondition> = {},
): ComparedCondition => ({
  condition,
  words: condition,
  priority: 'medium',
  alarms_before: 10,
  alarms_after: 4,
  missed: 1,
  later_median_s: 3,
  later_max_s: 8,
  present_before_s: 100,
  present_after_s: 40,
  ...more,
});
const patientOf = (patient: string, more: Partial<ComparedPatient> = {}): ComparedPatient => ({
  patient,
  readings: 1000,
  looked_at_s: 43_200,
  alarms_before: 10,
  alarms_after: 4,
  missed: 1,
  cut: false,
  conditions: [],
  events: [],
  ...more,
});

describe('totalOf', () => {
  it('sums what has come, and tells it a bed a day', () => {
    const total = totalOf([patientOf('1'), patientOf('2', { alarms_before: 20 })]);
    expect(total).toMatchObject({
      patients: 2,
      alarms_before: 30,
      alarms_after: 8,
      missed: 2,
      a_bed_a_day_before: 30,
      a_bed_a_day_after: 8,
    });
  });
  it('has no rate where nothing was looked at', () => {
    expect(totalOf([]).a_bed_a_day_before).toBe(0);
  });
});

describe('conditionsOf', () => {
  it('has each over all patients, the most changed first, the latest of all as the latest', () => {
    const summed = conditionsOf([
      patientOf('1', { conditions: [conditionOf('a', { alarms_after: 9 }), conditionOf('b')] }),
      patientOf('2', { conditions: [conditionOf('b', { later_max_s: 12 })] }),
      patientOf('3', { conditions: [conditionOf('b', { later_max_s: null })] }),
    ]);
    expect(summed.map(({ condition }) => condition)).toEqual(['b', 'a']);
    expect(summed[0]).toMatchObject({
      alarms_before: 30,
      alarms_after: 12,
      missed: 3,
      later_max_s: 12,
    });
    expect(summed[0]).not.toHaveProperty('later_median_s');
  });
});
