// One request to the server, and what it answered. Nothing else in the app calls fetch.
import type { ApiErrorBody } from './shapes';

export type Answer<T> = { ok: true; body: T } | { ok: false; status: number; error: ApiErrorBody };

/** The session's anti-forgery token: sent with every method that changes something. */
let csrf = '';
let onSignedOut: () => void = () => undefined;

export function rememberCsrf(token: string): void {
  csrf = token;
}

/** Called when the server says that the session has ended. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

async function errorOf(response: Response): Promise<ApiErrorBody> {
  try {
    const body = (await response.json()) as { error?: ApiErrorBody };
    if (body.error) return body.error;
  } catch {
    // Not ours: a proxy's page. The status is all there is to say.
  }
  return { kind: 'internal', message: `HTTP ${response.status}`, place: '' };
}

export async function request<T>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-Vigil-CSRF'] = csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    return { ok: false, status: 0, error: { kind: 'unreachable', message: '', place: '' } };
  }
  if (!response.ok) {
    const error = await errorOf(response);
    if (response.status === 401 && path !== '/api/session') onSignedOut();
    return { ok: false, status: response.status, error };
  }
  if (response.status === 204) return { ok: true, body: undefined as T };
  try {
    return { ok: true, body: (await response.json()) as T };
  } catch {
    return { ok: false, status: 0, error: { kind: 'unreachable', message: '', place: '' } };
  }
}
