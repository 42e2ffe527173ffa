// What people do about alarms: the calls of docs/reference/alarms-api.md.
import type {
  AgeClass,
  Alarm,
  AlarmBed,
  AlarmEvents,
  AlarmLimits,
  AlarmLoad,
  InactivationKind,
  LimitSetting,
} from './alarm_shapes';
import { request } from './http';

const part = encodeURIComponent;

/** As the screen showed it: the server refuses what was meant for something that has changed since. */
export const acknowledgeAlarm = ({ id, episode, priority }: Alarm) =>
  request<AlarmBed>('POST', `/api/alarms/${part(id)}/acknowledge`, { episode, seen: priority });

export type Response = 'accepted' | 'rejected' | 'released';
export const answerAlarm = (id: string, response: Response) =>
  request<AlarmBed>('POST', `/api/alarms/${part(id)}/answer`, { response });

export interface InactivationWish {
  kind: InactivationKind;
  alarm?: string;
  condition?: string;
  duration_s: number;
  reason: string;
}
export const inactivate = (patient: string, wish: InactivationWish) =>
  request<AlarmBed>('POST', `/api/patients/${part(patient)}/alarm-inactivations`, wish);
export const endInactivation = (id: string) =>
  request<AlarmBed>('DELETE', `/api/alarm-inactivations/${part(id)}`, {});

export const setAgeClass = (patient: string, age_class: AgeClass) =>
  request<AlarmBed>('PUT', `/api/patients/${part(patient)}/age-class`, { age_class });

const limitsPath = (patient: string, condition: string) =>
  `/api/patients/${part(patient)}/alarm-limits/${part(condition)}`;
export const readLimits = (patient: string, signal?: AbortSignal) =>
  request<AlarmLimits>('GET', `/api/patients/${part(patient)}/alarm-limits`, undefined, signal);
export const setLimit = (
  patient: string,
  condition: string,
  wish: Partial<LimitSetting> & { reason: string },
) => request<AlarmLimits>('PUT', limitsPath(patient, condition), wish);
/** Back to what the unit has. */
export const unsetLimit = (patient: string, condition: string, reason: string) =>
  request<AlarmLimits>('DELETE', limitsPath(patient, condition), { reason });

export interface EventsQuestion {
  patient?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
  limit: number;
  cursor?: string | undefined;
}
const searchOf = (question: Record<string, string | number | undefined>): string => {
  const asked = Object.entries(question).filter((pair) => pair[1] !== undefined);
  return new URLSearchParams(asked.map(([name, value]) => [name, String(value)])).toString();
};
export const readAlarmEvents = (question: EventsQuestion, signal?: AbortSignal) =>
  request<AlarmEvents>('GET', `/api/alarms/events?${searchOf({ ...question })}`, undefined, signal);
export const readAlarmLoad = (question: { unit?: string | undefined; from: number }) =>
  request<AlarmLoad>('GET', `/api/alarms/load?${searchOf({ ...question })}`);
