// The calls about apps: what one asks, which there are, which see data in one's name, which can be opened.
import type { App, AppFields, Asking, Decision, Grant, Launchable, NewApp } from './app_shapes';
import { request } from './http';

const part = encodeURIComponent;

const askingPath = (id: string) => `/api/authorizations/${part(id)}`;

export const readAsking = (id: string, signal?: AbortSignal) =>
  request<Asking>('GET', askingPath(id), undefined, signal);
/** Where to go with the answer. */
export const decide = (id: string, decision: Decision) =>
  request<{ redirect: string }>('POST', askingPath(id), decision);

export const readApps = () => request<{ apps: App[] }>('GET', '/api/apps');
export const registerApp = (app: NewApp) => request<App>('POST', '/api/apps', app);
export const changeApp = (id: string, change: AppFields) =>
  request<App>('PATCH', `/api/apps/${part(id)}`, change);

export const readLaunchable = (signal?: AbortSignal) =>
  request<{ apps: Launchable[] }>('GET', '/api/launches', undefined, signal);
export const launchApp = (id: string, patient: string) =>
  request<{ url: string }>('POST', '/api/launches', { client_id: id, patient });

export const readGrants = (signal?: AbortSignal) =>
  request<{ apps: Grant[] }>('GET', '/api/me/apps', undefined, signal);
export const endGrant = (grant: number) => request<undefined>('DELETE', `/api/me/apps/${grant}`);
