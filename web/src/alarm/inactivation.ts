// What may be paused or switched off, of what, and for how long: as the server allows it (docs/reference/
// alarms-api.md). There is no silence of more than one patient.
import type { InactivationKind } from '../api/alarm_shapes';

export type Scope = 'alarm' | 'condition' | 'patient';

export const kinds: readonly InactivationKind[] = [
  'audio-paused',
  'alarm-paused',
  'audio-off',
  'alarm-off',
];

/** One alarm alone is only silenced; what is switched off is one condition. */
export const scopesOf: Record<InactivationKind, readonly Scope[]> = {
  'audio-paused': ['alarm', 'condition', 'patient'],
  'alarm-paused': ['condition', 'patient'],
  'audio-off': ['condition'],
  'alarm-off': ['condition'],
};

const offS = [900, 3600, 4 * 3600, 12 * 3600, 24 * 3600];

/** The longest last. */
export const durationsOf: Record<InactivationKind, readonly number[]> = {
  'audio-paused': [30, 60, 120],
  'alarm-paused': [60, 180, 300],
  'audio-off': offS,
  'alarm-off': offS,
};

export const isOff = (kind: InactivationKind): boolean =>
  kind === 'audio-off' || kind === 'alarm-off';
