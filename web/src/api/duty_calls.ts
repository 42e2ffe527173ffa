// Duties and contacts: the calls of docs/reference/alarms-api.md.
import type { Contact, Contacts, ContactTest, ContactWish, Duty, DutyWish } from './duty_shapes';
import { request } from './http';

const part = encodeURIComponent;

export const readDuties = (signal?: AbortSignal) =>
  request<{ duties: Duty[] }>('GET', '/api/alarm-duties', undefined, signal);
export const takeDuty = (wish: DutyWish) => request<Duty>('POST', '/api/alarm-duties', wish);
export const endDuty = (id: string) => request('DELETE', `/api/alarm-duties/${part(id)}`, {});

export const readContacts = (signal?: AbortSignal) =>
  request<Contacts>('GET', '/api/alarm-contacts', undefined, signal);
/** Of a webhook with its `secret`, this once. */
export const addContact = (wish: ContactWish) =>
  request<Contact & { secret?: string }>('POST', '/api/alarm-contacts', wish);
export const removeContact = (id: string) =>
  request('DELETE', `/api/alarm-contacts/${part(id)}`, {});
export const testContact = (id: string) =>
  request<ContactTest>('POST', `/api/alarm-contacts/${part(id)}/test`, {});
