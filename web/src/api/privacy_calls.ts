// The calls of the privacy desk: docs/reference/series-api.md, Privacy.
import { request } from './http';

/** A hold or a restriction that stands. */
export interface Standing {
  since: string;
  by: string;
  reason: string;
}
export interface Privacy {
  patient: string;
  hold: Standing | null;
  restriction: Standing | null;
}
export interface Certificate {
  patient: string;
  last_key_copy_expires: string;
}

const path = (patient: string, what: string) =>
  `/api/patients/${encodeURIComponent(patient)}/${what}`;

export const everythingHref = (patient: string) => path(patient, 'everything');
export const certificateHref = (patient: string) => `${path(patient, 'erasure')}?format=text`;

export const readPrivacy = (patient: string, signal?: AbortSignal) =>
  request<Privacy>('GET', path(patient, 'privacy'), undefined, signal);
export const setStanding = (patient: string, what: 'hold' | 'restriction', reason: string) =>
  request<Privacy>('POST', path(patient, what), { reason });
export const endStanding = (patient: string, what: 'hold' | 'restriction') =>
  request<Privacy>('DELETE', path(patient, what));
export const erasePatient = (patient: string, asked: { reason: string; identifier: string }) =>
  request<Certificate>('POST', path(patient, 'erasure'), asked);
