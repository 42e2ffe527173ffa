// Early-warning scores in each of their looks, for the page of components.
import type { Band, Score, ScorePoint } from '../api/score_shapes';

const hourMs = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

const bands: Record<string, Band> = {
  low: { key: 'low', risk: 'low', rank: 1 },
  low_medium: { key: 'low_medium', risk: 'low_medium', rank: 2 },
  medium: { key: 'medium', risk: 'medium', rank: 3 },
  high: { key: 'high', risk: 'high', rank: 4 },
};

function sample(nowMs: number, total: number, band: string, more: Partial<Score> = {}): Score {
  const point = (hoursAgo: number, value: number | null): ScorePoint => ({
    time: iso(nowMs - hoursAgo * hourMs),
    least: value,
    most: value,
    complete: value !== null,
    superseded: false,
  });
  return {
    key: 'news2',
    name: 'National Early Warning Score (NEWS) 2',
    version: '2017',
    time: iso(nowMs),
    applicability: 'applies',
    complete: true,
    total,
    least: total,
    most: total,
    band: bands[band] ?? null,
    last_known_band: bands[band] ?? null,
    single_parameter: band === 'low_medium',
    inputs: [],
    settings: [],
    last_complete: null,
    observations_due: iso(nowMs + hourMs),
    trend: null,
    would_change: [],
    points: [point(10, 2), point(6, 4), point(4, null), point(3, 3), point(1, total)],
    citations: [],
    terms: '',
    ...more,
  };
}

const missing = {
  key: 'consciousness',
  parameter: 'consciousness',
  state: 'missing',
  optional: false,
  value: null,
  unit_shown: '',
  points: null,
  metric: null,
  device: null,
  time: null,
  by_person: false,
  age_s: 0,
  age_max_s: 0,
} as const;

export const sampleScores = (nowMs: number): { name: string; score: Score }[] => [
  { name: 'low', score: sample(nowMs, 2, 'low') },
  { name: 'single parameter', score: sample(nowMs, 3, 'low_medium') },
  {
    name: 'rising',
    score: sample(nowMs, 6, 'medium', {
      trend: {
        direction: 'rising',
        since: iso(nowMs - 10 * hourMs),
        then: 2,
        lowest: 2,
        highest: 6,
      },
    }),
  },
  {
    name: 'overdue',
    score: sample(nowMs, 9, 'high', { observations_due: iso(nowMs - hourMs / 4) }),
  },
  {
    name: 'incomplete',
    score: sample(nowMs, 5, 'medium', {
      complete: false,
      total: null,
      most: 8,
      inputs: [missing],
      points: [],
    }),
  },
];
