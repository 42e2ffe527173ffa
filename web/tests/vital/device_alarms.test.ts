import { describe, expect, it } from 'vitest';
import type { Patient, Reading, StatusFlag } from '../../src/api/shapes';
import { PatientLive } from '../../src/state/patient_live';
import { bedsInAlarm } from '../../src/vital/device_alarms';

const at = Date.parse('2026-11-26T12:00:00Z');

const patient = (id: string): Patient => ({
  id,
  display_name: 'Ada Almeida',
  initials: 'AA',
  fhir_id: null,
  identifier: null,
  birth_date: null,
  sex: null,
  unit: 'ICU 1',
  bed: id,
  registered: '2026-11-26T00:00:00Z',
});

function bed(id: string, status: StatusFlag[]): PatientLive {
  const live = new PatientLive(patient(id), new Map());
  const time = new Date(at).toISOString();
  const reading: Reading = {
    patient: id,
    device: `monitor-${id}`,
    metric: 'heart_rate',
    channel: 0,
    type: 'numeric',
    value: '180',
    display: null,
    unit: '/min',
    unit_shown: '/min',
    normal: null,
    special: null,
    status,
    filed_time: time,
    device_time: time,
    receive_time: time,
    sequence: 0,
    position: null,
  };
  live.put(reading, 1);
  return live;
}

describe('the beds in alarm', () => {
  it('are those where a device says so, with values that still come', () => {
    const beds = [bed('1', []), bed('2', ['alarm_at_source']), bed('3', ['questionable'])];
    expect(bedsInAlarm(beds, at + 1000)).toBe(1);
    expect(bedsInAlarm(beds, at + 60_000)).toBe(0);
  });
});
