// The limits of a unit: the calls of docs/reference/alarms-api.md.
import type { AgeClass, LimitSetting } from './alarm_shapes';
import { request } from './http';
import type { Profile } from './profile_shapes';

export const readProfile = (unit: string, age_class: AgeClass, signal?: AbortSignal) => {
  const search = new URLSearchParams({ unit, age_class });
  return request<Profile>('GET', `/api/alarm-profiles?${search}`, undefined, signal);
};

export const proposeLimit = (
  wish: Partial<LimitSetting> & {
    unit: string;
    age_class: AgeClass;
    condition: string;
    reason: string;
  },
) => request<Profile>('POST', '/api/alarm-profiles/proposals', wish);

const decide = (id: string, what: 'confirm' | 'reject', body: object) =>
  request<Profile>('POST', `/api/alarm-profiles/proposals/${encodeURIComponent(id)}/${what}`, body);

export const confirmProposal = (id: string) => decide(id, 'confirm', {});
export const rejectProposal = (id: string, reason: string) => decide(id, 'reject', { reason });
