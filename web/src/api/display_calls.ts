// Screens that have to confirm that they tell alarms (docs/reference/alarms-api.md, Displays).
import { request } from './http';

export interface Display {
  id: string;
  name: string;
  /** Whose alarms it tells; empty: everybody's. */
  unit: string;
  sounds: boolean;
  by: string;
  reason: string;
  since: string;
  lost_since: string | null;
}

export interface NewDisplay extends Display {
  key: string;
}

export const readDisplays = () => request<{ displays: Display[] }>('GET', '/api/alarm-displays');
export const addDisplay = (wish: { name: string; unit: string; sounds: boolean }) =>
  request<NewDisplay>('POST', '/api/alarm-displays', wish);
export const releaseDisplay = (id: string, reason: string) =>
  request<{ displays: Display[] }>('DELETE', `/api/alarm-displays/${encodeURIComponent(id)}`, {
    reason,
  });
