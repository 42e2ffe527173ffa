// One request to the server, and what it answered. Nothing else in the app calls fetch.
import { issueTexts } from '../record/bundle';
import { readJson, textAt, type Json } from '../record/json';
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

/** An answer in any form: its own error, or the status where it says nothing. */
async function errorOf(response: Response): Promise<ApiErrorBody> {
  const unsaid = { kind: 'internal', message: `HTTP ${response.status}`, place: '' };
  try {
    const text = await response.text();
    const type = response.headers.get('Content-Type') ?? '';
    if (type.startsWith(fhirJson)) return outcomeError(readJson(text), response.status) ?? unsaid;
    return (JSON.parse(text) as { error?: ApiErrorBody }).error ?? unsaid;
  } catch {
    // Not ours: a proxy's page.
    return unsaid;
  }
}

/** What stands in the way, of an OperationOutcome: where in the resource, where it is told. */
function outcomeError(outcome: Json, status: number): ApiErrorBody | null {
  const message = issueTexts(outcome).join(' ');
  if (message === '') return null;
  return {
    kind: status === 410 ? 'deleted' : 'refused',
    message,
    place: textAt(outcome, 'issue', 'expression') ?? '',
  };
}

const unreachable = {
  ok: false,
  status: 0,
  error: { kind: 'unreachable', message: '', place: '' },
} as const;

/** Asks, and has `read` make the answer of it. */
async function ask<T>(
  path: string,
  init: RequestInit,
  signal: AbortSignal | undefined,
  read: (response: Response) => Promise<T>,
): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      credentials: 'same-origin',
      ...init,
      ...(signal ? { signal } : {}),
    });
    if (!response.ok) {
      const error = await errorOf(response);
      if (response.status === 401 && !path.startsWith('/api/session')) onSignedOut();
      return { ok: false, status: response.status, error };
    }
    return { ok: true, body: await read(response) };
  } catch {
    return unreachable;
  }
}

export async function request<T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-Vigil-CSRF'] = csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const init: RequestInit = { method, headers };
  if (body !== undefined) init.body = JSON.stringify(body);
  return ask(path, init, signal, async (response) =>
    response.status === 204 ? (undefined as T) : ((await response.json()) as T),
  );
}

/**
 * Asks for an answer that is told line by line, each a JSON value (NDJSON), as it is worked out. Ended early by
 * `signal`, or by the server, what has been told was told.
 */
export async function requestLines(
  path: string,
  body: unknown,
  onLine: (value: unknown) => void,
  signal: AbortSignal,
): Promise<Answer<void>> {
  const headers = { 'X-Vigil-CSRF': csrf, 'Content-Type': 'application/json' };
  const init: RequestInit = { method: 'POST', headers, body: JSON.stringify(body) };
  return ask(path, init, signal, async (response) => {
    const parts = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let part = await parts?.read(); part && !part.done; part = await parts?.read()) {
      const lines = (rest + part.value).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') onLine(JSON.parse(line));
    }
  });
}

/** What the FHIR server sent: as it wrote it, and read with every digit. */
export interface FhirBody {
  text: string;
  json: Json;
}

const fhirJson = 'application/fhir+json';

async function fhirBody(response: Response): Promise<FhirBody> {
  const text = await response.text();
  return { text, json: text === '' ? null : readJson(text) };
}

/**
 * `path` is what follows the server's /fhir/. Strict: a parameter that the server does not know is an
 * error to show, not one to pass over.
 */
export const readFhir = (path: string, signal?: AbortSignal): Promise<Answer<FhirBody>> =>
  ask(
    `/fhir/${path}`,
    { headers: { Accept: fhirJson, Prefer: 'handling=strict' } },
    signal,
    fhirBody,
  );

/**
 * Creates at "Type", updates at "Type/id": that, as long as `version` is the newest (R4 3.1.0.5.2); 412 says
 * that it is not.
 */
export function writeFhir(
  method: 'POST' | 'PUT',
  path: string,
  body: string,
  version: string | null = null,
): Promise<Answer<FhirBody>> {
  const headers: Record<string, string> = {
    Accept: fhirJson,
    'Content-Type': fhirJson,
    'X-Vigil-CSRF': csrf,
  };
  if (version !== null) headers['If-Match'] = `W/"${version}"`;
  return ask(`/fhir/${path}`, { method, headers, body }, undefined, fhirBody);
}
