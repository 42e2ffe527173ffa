// The frames of docs/reference/live-stream.md.
import type { ApiErrorBody, Device, Reading } from '../api/shapes';

export type Choice = 'all' | string[];

export interface Subscription {
  patients: Choice;
  metrics: Choice;
  waveforms: boolean;
  /** How much of each waveform comes with a snapshot: as much as a strip shows. */
  waveform_history_s?: number;
}

export interface WaveformSeries {
  index: number;
  patient: string;
  device: string;
  metric: string;
  channel: number;
  unit: string;
  unit_shown: string;
}

export interface SnapshotPatient {
  patient: string;
  readings: Reading[];
  devices: Device[];
}

export interface GapFrame {
  type: 'gap';
  what: 'readings' | 'waveforms';
  patient: string | null;
  index: number | null;
  from: string | null;
  to: string;
  reason: 'resume' | 'slow';
}

export type ServerFrame =
  | { type: 'hello'; server_time: string; heartbeat_s: number; version: string }
  | {
      type: 'snapshot';
      cursor: string | null;
      server_time: string;
      patients: SnapshotPatient[];
      refused: string[];
      last: boolean;
    }
  | { type: 'readings'; cursor: string; replay: boolean; readings: Reading[] }
  | { type: 'devices'; cursor: string; devices: Device[] }
  | { type: 'series'; series: WaveformSeries[] }
  | GapFrame
  | { type: 'heartbeat'; server_time: string; cursor: string | null; refused: string[] }
  | { type: 'error'; error: ApiErrorBody };

export interface WaveformBlock {
  index: number;
  startMs: number;
  periodMs: number;
  /** Samples between the last block and this one were never sent to this viewer. */
  discontinuity: boolean;
  /** From the past (history after a snapshot, a resume): says nothing of how late live ones come. */
  replayed: boolean;
  /** In the series' unit; NaN where there is no sample. */
  samples: Float32Array;
}
