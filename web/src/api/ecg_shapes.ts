// Waveforms as they were stored, field for field as docs/reference/series-api.md names it.
import type { Reading } from './shapes';

export interface WaveReading extends Reading {
  type: 'waveform';
  /** value = offset + scale × sample; null: no sample. */
  waveform: {
    period_ms: number;
    scale: string;
    offset: string;
    samples: (number | null)[];
  };
}

export const isWave = (reading: Reading): reading is WaveReading =>
  reading.type === 'waveform' && 'waveform' in reading;

export interface RawAnswer {
  readings: (Reading | WaveReading)[];
  next: string | null;
}
