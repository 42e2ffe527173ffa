import { describe, expect, it } from 'vitest';
import type { Patient } from '../../src/api/shapes';
import type { ServerFrame } from '../../src/live/messages';
import { sampleCatalogue, sampleReading } from '../../src/pages/component_samples';
import { Ward } from '../../src/state/ward';

const patient = (id: string): Patient => ({
  id,
  display_name: id,
  initials: id,
  fhir_id: null,
  identifier: null,
  birth_date: null,
  sex: null,
  unit: 'ICU 1',
  bed: id,
  registered: '2026-01-01T00:00:00Z',
});

function wardOf(...ids: string[]) {
  const ward = new Ward(sampleCatalogue);
  ward.load({
    server_time: '2026-01-01T00:00:00Z',
    cursor: '0:1',
    beds: ids.map((id) => ({
      unit: 'ICU 1',
      bed: id,
      patient: patient(id),
      devices: [],
      series: [],
    })),
  });
  return ward;
}

const readings = (...all: ReturnType<typeof sampleReading>[]): ServerFrame => ({
  type: 'readings',
  cursor: '0:2',
  replay: false,
  readings: all,
});

const heartRateOf = (ward: Ward, id = '1') => ward.patient(id)?.allSeries()[0]?.value.latest.value;

describe('Ward', () => {
  it('shows the newest reading, also when an older one comes later', () => {
    const ward = wardOf('1');
    ward.frame(readings(sampleReading('heart_rate', '80', 5000)));
    ward.frame(readings(sampleReading('heart_rate', '70', 4000)));
    expect(heartRateOf(ward)).toBe('80');
    ward.frame(readings(sampleReading('heart_rate', '81', 5000)));
    expect(heartRateOf(ward)).toBe('81');
  });

  it('asks to be loaded again when it hears of someone unknown, once for each', () => {
    const ward = wardOf('1');
    const stranger = { ...sampleReading('heart_rate', '80', 5000), patient: '9' };
    ward.frame(readings(stranger, stranger));
    expect(ward.strangers.value).toBe(1);
  });

  it('never moves a bed', () => {
    const ward = wardOf('1', '2', '3');
    ward.frame(readings(sampleReading('heart_rate', '200', 5000)));
    expect(ward.beds.value?.map((bed) => bed.bed)).toEqual(['1', '2', '3']);
  });

  it('follows a waveform over a new connection that counts anew', () => {
    const ward = wardOf('1');
    const named = { patient: '1', device: 'm', metric: 'ecg_ii', channel: 0, unit: 'mV' };
    const series = (index: number): ServerFrame => ({
      type: 'series',
      series: [{ ...named, index, unit_shown: 'mV' }],
    });
    const block = (index: number, startMs: number) => ({
      index,
      startMs,
      periodMs: 4,
      discontinuity: false,
      replayed: false,
      samples: Float32Array.of(1, 2),
    });
    ward.frame(series(7));
    ward.waveforms([block(7, 0)], 100);
    ward.reconnected();
    ward.waveforms([block(7, 8)], 110);
    ward.frame(series(1));
    ward.waveforms([block(1, 8)], 120);
    const tracks = ward.patient('1')?.tracks.value ?? [];
    expect(tracks).toHaveLength(1);
    expect(tracks[0]?.ring.total).toBe(4);
    expect(tracks[0]?.lastMs).toBe(16);
  });

  it('takes a device from the patient it left', () => {
    const ward = wardOf('1', '2');
    const device = {
      id: 'm',
      display: 'm',
      model: '',
      credential: 'token',
      registered: '2026-01-01T00:00:00Z',
      connection: 'connected',
      since: '2026-01-01T00:00:00Z',
      last_seen: null,
      battery: null,
      clock: null,
      gateway: null,
      patient: '1',
      attached_from: null,
      certificate: null,
      enrolment: null,
    } as const;
    const heard = (of: string | null): ServerFrame => ({
      type: 'devices',
      cursor: '0:3',
      devices: [{ ...device, patient: of }],
    });
    const devicesOf = (id: string) => ward.patient(id)?.devices.value.length;
    ward.frame(heard('1'));
    ward.frame(heard('2'));
    expect([devicesOf('1'), devicesOf('2')]).toEqual([0, 1]);
    ward.frame(heard(null));
    expect(devicesOf('2')).toBe(0);
  });
});
