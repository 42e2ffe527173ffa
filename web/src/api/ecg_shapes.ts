// Waveforms as they were stored, field for field as docs/reference/series-api.md names it.
import type { BeatClass } from './score_shapes';
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

export interface Beat {
  time: string;
  class: BeatClass;
}

export interface Rhythm {
  rhythm: string;
  from: string;
  /** Null: it was there when the reading ended. */
  to: string | null;
}

/** What is read of a device's ECG in a span. */
export interface BeatsAnswer {
  /** Null: there is no ECG. */
  device: string | null;
  from: string;
  to: string;
  leads: { metric: string; channel: number }[];
  beats: Beat[];
  rhythms: Rhythm[];
  heart_rate: { time: string; value: number }[];
  /** There was more than is read at once. */
  cut: boolean;
}
