// What the record answers a search or a history with (R4 2.36, Bundle).
import { itemsOf, objectOf, textAt, type Json, type JsonObject } from './json';

export interface Found {
  resources: JsonObject[];
  /** The question whose answer is the next page: the parameters of its address. */
  next: string | null;
  /** What the server has to say about the question. */
  remarks: string[];
}

/** The texts of an OperationOutcome's issues. */
export function issueTexts(outcome: Json | undefined): string[] {
  return itemsOf(objectOf(outcome)?.get('issue'))
    .map((issue) => textAt(issue, 'diagnostics') ?? textAt(issue, 'details', 'text'))
    .filter((text) => text !== null);
}

function nextOf(bundle: Json): string | null {
  const links = itemsOf(objectOf(bundle)?.get('link'));
  const next = links.find((link) => textAt(link, 'relation') === 'next');
  const address = textAt(next, 'url');
  // Only its parameters: the server may know itself by another name than the browser does.
  return address?.includes('?') ? address.slice(address.indexOf('?') + 1) : null;
}

export function readFound(bundle: Json): Found {
  const entries = itemsOf(objectOf(bundle)?.get('entry'));
  const resources: JsonObject[] = [];
  const remarks: string[] = [];
  for (const entry of entries) {
    const resource = objectOf(objectOf(entry)?.get('resource'));
    if (!resource) continue;
    if (resource.get('resourceType') === 'OperationOutcome') remarks.push(...issueTexts(resource));
    else resources.push(resource);
  }
  return { resources, next: nextOf(bundle), remarks };
}

export interface Version {
  version: string;
  time: string | null;
  act: 'created' | 'changed' | 'deleted';
}

/** Newest first, as the server sends them. */
export function readHistory(bundle: Json): { versions: Version[]; more: boolean } {
  const versions: Version[] = [];
  for (const entry of itemsOf(objectOf(bundle)?.get('entry'))) {
    const version = /"(.+)"/.exec(textAt(entry, 'response', 'etag') ?? '')?.[1];
    if (version === undefined) continue;
    const status = textAt(entry, 'response', 'status') ?? '';
    const deleted = textAt(entry, 'request', 'method') === 'DELETE';
    versions.push({
      version,
      time: textAt(entry, 'response', 'lastModified'),
      act: deleted ? 'deleted' : status.startsWith('201') ? 'created' : 'changed',
    });
  }
  return { versions, more: nextOf(bundle) !== null };
}
