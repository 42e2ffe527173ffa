import type { WaveReading } from '../../src/api/ecg_shapes';
import type { Piece, Trace } from '../../src/ecg/trace';

export const piece = (startMs: number, samples: number[], periodMs = 4): Piece => ({
  startMs,
  periodMs,
  samples: Float32Array.from(samples),
});

export const trace = (pieces: Piece[], metric = 'ecg_ii'): Trace => ({
  key: `${metric} monitor-1 0`,
  metric,
  device: 'monitor-1',
  channel: 0,
  unit: 'mV',
  unitShown: 'mV',
  pieces,
});

export const waveReading = (startMs: number, more: Partial<WaveReading> = {}): WaveReading => ({
  patient: '1',
  device: 'monitor-1',
  metric: 'ecg_ii',
  channel: 0,
  type: 'waveform',
  value: null,
  display: null,
  unit: 'mV',
  unit_shown: 'mV',
  normal: null,
  special: null,
  status: [],
  filed_time: new Date(startMs).toISOString(),
  device_time: null,
  receive_time: new Date(startMs).toISOString(),
  sequence: 0,
  position: null,
  waveform: { period_ms: 4, scale: '0.005', offset: '0', samples: [0, 200, null, -20] },
  ...more,
});
