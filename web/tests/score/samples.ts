// Scores as a test needs them: what it does not say is of no matter to it.
import type { Score, ScoreInput, ScorePoint } from '../../src/api/score_shapes';

export const timeOf = (minute: number) =>
  new Date(1_800_000_000_000 + minute * 60_000).toISOString();
export const msOf = (minute: number) => Date.parse(timeOf(minute));

export const pointOf = (
  minute: number,
  total: number | null,
  more: Partial<ScorePoint> = {},
): ScorePoint => ({
  time: timeOf(minute),
  least: total,
  most: total,
  complete: total !== null,
  superseded: false,
  ...more,
});

export const inputOf = (key: string, more: Partial<ScoreInput> = {}): ScoreInput => ({
  key,
  parameter: key,
  state: 'used',
  optional: false,
  value: '18',
  unit_shown: '/min',
  points: 0,
  metric: null,
  device: null,
  time: timeOf(0),
  by_person: false,
  age_s: 10,
  age_max_s: 300,
  ...more,
});

export const scoreOf = (key: string, more: Partial<Score> = {}): Score => ({
  key,
  name: key,
  version: '1',
  time: timeOf(0),
  applicability: 'applies',
  complete: true,
  total: 3,
  least: 3,
  most: 3,
  band: null,
  last_known_band: null,
  single_parameter: false,
  inputs: [],
  settings: [],
  last_complete: null,
  observations_due: null,
  trend: null,
  would_change: [],
  points: [],
  citations: [],
  terms: '',
  ...more,
});
