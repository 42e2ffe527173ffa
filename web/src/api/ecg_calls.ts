// Past samples of a patient: the calls of docs/reference/series-api.md that the ECG's views make.
import type { BeatsAnswer, RawAnswer } from './ecg_shapes';
import { request, type Answer } from './http';
import type { Reading } from './shapes';

/** So many metrics the server reads at once. */
export const metricsMax = 16;

export interface RawQuestion {
  patient: string;
  metrics: readonly string[];
  fromMs: number;
  toMs: number;
  limit: number;
  device?: string | undefined;
  channel?: number | undefined;
  cursor?: string | undefined;
}

function rawPath({ metrics, fromMs, toMs, ...rest }: RawQuestion): string {
  const search = new URLSearchParams();
  for (const metric of metrics) search.append('metric', metric);
  search.set('from', String(Math.floor(fromMs)));
  search.set('to', String(Math.ceil(toMs)));
  for (const [name, value] of Object.entries(rest))
    if (value !== undefined) search.set(name, String(value));
  return `/api/series/raw?${search.toString()}`;
}

/** All pages of it, at most so many: what is read is bounded whatever a device sends. */
const pagesMax = 8;

export async function readRaw(
  question: RawQuestion,
  signal?: AbortSignal,
): Promise<Answer<{ readings: Reading[]; isCut: boolean }>> {
  const readings: Reading[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const path = rawPath({ ...question, cursor });
    const answer = await request<RawAnswer>('GET', path, undefined, signal);
    if (!answer.ok) return answer;
    readings.push(...answer.body.readings);
    if (answer.body.next === null) return { ok: true, body: { readings, isCut: false } };
    cursor = answer.body.next;
  }
  return { ok: true, body: { readings, isCut: true } };
}

export interface BeatsQuestion {
  patient: string;
  device: string;
  fromMs: number;
  toMs: number;
}

/** Of at most 10 minutes. */
export const readBeats = ({ patient, device, fromMs, toMs }: BeatsQuestion, signal?: AbortSignal) =>
  request<BeatsAnswer>(
    'GET',
    `/api/patients/${encodeURIComponent(patient)}/beats?${new URLSearchParams({
      device,
      from: String(Math.floor(fromMs)),
      to: String(Math.ceil(toMs)),
    }).toString()}`,
    undefined,
    signal,
  );
