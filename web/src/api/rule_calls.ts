// A patient's smart conditions: the calls of docs/reference/alarms-api.md.
import { request } from './http';
import type { DryRun, Rules, RuleWish } from './rule_shapes';

const part = encodeURIComponent;
const of = (patient: string) => `/api/patients/${part(patient)}/alarm-rules`;

export const readRules = (patient: string, signal?: AbortSignal) =>
  request<Rules>('GET', of(patient), undefined, signal);
export const addRule = (patient: string, wish: RuleWish) =>
  request<Rules>('POST', of(patient), wish);
export const changeRule = (patient: string, id: string, wish: RuleWish) =>
  request<Rules>('PUT', `${of(patient)}/${part(id)}`, wish);
export const removeRule = (patient: string, id: string, reason: string) =>
  request<Rules>('DELETE', `${of(patient)}/${part(id)}`, { reason });

/** Nothing is changed by it. */
export const tryRule = (
  patient: string,
  question: { text: string; from: string; to: string },
  signal?: AbortSignal,
) => request<DryRun>('POST', `${of(patient)}/dry-run`, question, signal);
