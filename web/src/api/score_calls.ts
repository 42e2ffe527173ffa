// Early-warning scores and the heart's rhythm: the calls of docs/reference/alarms-api.md.
import { request } from './http';
import type { Rhythm, Scores, WardScores } from './score_shapes';

const of = (patient: string) => `/api/patients/${encodeURIComponent(patient)}`;

export const readScores = (patient: string, hours: number, signal?: AbortSignal) =>
  request<Scores>('GET', `${of(patient)}/scores?hours=${hours}`, undefined, signal);

/** What somebody decided of the patient's scores. */
export const setScoreSetting = (patient: string, setting: string, value: string, reason: string) =>
  request<unknown>('PUT', `${of(patient)}/score-settings/${encodeURIComponent(setting)}`, {
    value,
    reason,
  });

export const readRhythm = (patient: string, signal?: AbortSignal) =>
  request<Rhythm>('GET', `${of(patient)}/rhythm`, undefined, signal);

/** Of everybody in reach who is watched. */
export const readWardScores = (signal?: AbortSignal) =>
  request<WardScores>('GET', '/api/scores', undefined, signal);
