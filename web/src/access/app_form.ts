// From what stands in the form of an app to what the server is sent.
import type { App, AppFields, AppKind } from '../api/app_shapes';
import { scopesIn } from './scopes';

export interface AppEntry {
  kind: AppKind;
  name: string;
  client_id: string;
  redirect_uris: string;
  launch_uri: string;
  jwks: string;
  jwks_uri: string;
  scopes: string;
  account: string;
}

export type WrongKeys = { what: 'no_json'; why: string } | { what: 'both' } | { what: 'none' };

export const hasRedirect = (kind: AppKind): boolean => kind !== 'service';
export const hasKeys = (kind: AppKind): boolean => kind !== 'public';

/** Pasted ones, not those that are read at an address. */
export const keepsKeys = (app: App | null): app is App =>
  app !== null && app.keys > 0 && app.jwks_uri === null;

export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The keys as pasted, `undefined` where none are; or what is wrong with them, of which field. */
function keysOf(
  entry: AppEntry,
  before: App | null,
): { jwks?: unknown } | { wrong: WrongKeys; field: 'jwks' | 'jwks_uri' } {
  const pasted = entry.jwks.trim();
  if (pasted !== '' && entry.jwks_uri !== '') return { wrong: { what: 'both' }, field: 'jwks_uri' };
  if (pasted === '') {
    const has = entry.jwks_uri !== '' || keepsKeys(before);
    return has ? {} : { wrong: { what: 'none' }, field: 'jwks' };
  }
  try {
    return { jwks: JSON.parse(pasted) as unknown };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { wrong: { what: 'no_json', why }, field: 'jwks' };
  }
}

/** Of an app that is there already: null where the field was emptied. */
const orNull = (text: string, before: App | null) =>
  text === '' ? (before === null ? undefined : null) : text;

/** One of the two is in force: what takes the place of the other says so. */
function keyFields(jwks: unknown, uri: string, before: App | null): AppFields {
  if (jwks !== undefined) return { jwks, ...(before?.jwks_uri ? { jwks_uri: null } : {}) };
  if (uri === '' || uri === before?.jwks_uri) return {};
  return { jwks_uri: uri, ...(keepsKeys(before) ? { jwks: null } : {}) };
}

/** What is absent is not sent: of a new app it is not said, of one that is changed it stays. */
export function fieldsOf(
  entry: AppEntry,
  before: App | null,
): { fields: AppFields } | { wrong: WrongKeys; field: 'jwks' | 'jwks_uri' } {
  const fields: AppFields = { name: entry.name, scopes: scopesIn(entry.scopes) };
  if (hasRedirect(entry.kind)) {
    fields.redirect_uris = linesOf(entry.redirect_uris);
    const launch = orNull(entry.launch_uri, before);
    if (launch !== undefined) fields.launch_uri = launch;
  }
  if (hasKeys(entry.kind)) {
    const keys = keysOf(entry, before);
    if ('wrong' in keys) return keys;
    Object.assign(fields, keyFields(keys.jwks, entry.jwks_uri, before));
  }
  if (entry.kind === 'service') fields.account = entry.account;
  return { fields };
}
