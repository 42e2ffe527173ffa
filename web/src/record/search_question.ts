// What the record can be asked, read from the server's CapabilityStatement, and the question as it
// stands in an address (R4 3.1.1).
import { itemsOf, objectOf, textAt, type Json } from './json';

export interface SearchParameter {
  name: string;
  type: string;
}

export interface Capability {
  /** Of each resource type what it can be searched by, both in alphabetical order. */
  types: Map<string, SearchParameter[]>;
  /** The server's own address, as references in full name it. */
  base: string | null;
}

export function readCapability(statement: Json): Capability {
  const types = new Map<string, SearchParameter[]>();
  const named = (items: Json[], member: string) =>
    items
      .map((item) => ({ name: textAt(item, member) ?? '', of: objectOf(item) }))
      .filter(({ name }) => name !== '')
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const rest = objectOf(itemsOf(objectOf(statement)?.get('rest'))[0]);
  for (const { name: type, of } of named(itemsOf(rest?.get('resource')), 'type'))
    types.set(
      type,
      named(itemsOf(of?.get('searchParam')), 'name').map(({ name, of: parameter }) => ({
        name,
        type: textAt(parameter ?? null, 'type') ?? 'string',
      })),
    );
  return { types, base: textAt(statement, 'implementation', 'url') };
}

export interface Criterion {
  name: string;
  value: string;
}

/** Says how the answer is to look, not what is looked for. */
const ofTheAnswer = new Set(['_cursor', '_count', '_sort', '_total', '_summary', '_elements']);

/** What is looked for, of the parameters in an address. */
export function criteriaOf(query: string): Criterion[] {
  const all = [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }));
  return all.filter(({ name }) => !ofTheAnswer.has(name));
}

/** The address' parameters; those without a value ask nothing. */
export function queryOf(criteria: readonly Criterion[]): string {
  const search = new URLSearchParams();
  for (const { name, value } of criteria)
    if (name !== '' && value.trim() !== '') search.append(name, value.trim());
  return search.toString();
}

export const pageSize = 25;

/** What the server is asked: newest change first, a page at a time, unless the address says else. */
export function askedOf(query: string): string {
  const search = new URLSearchParams(query);
  // A cursor belongs to the very question whose page ended there, which the server wrote beside it.
  if (search.has('_cursor')) return query;
  if (!search.has('_sort')) search.set('_sort', '-_lastUpdated');
  if (!search.has('_count')) search.set('_count', String(pageSize));
  return search.toString();
}

/** The name without its modifier or chain: "code:text" is a code, "subject.name" a subject. */
export const parameterOf = (name: string): string => name.split(/[:.]/)[0] ?? '';
