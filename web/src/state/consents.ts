// A patient's Consents with the names of those whom they are about.
import { sortRelations } from '../access/relations';
import { readRelations } from '../api/access_calls';
import { createResource, searchRecord, updateResource } from '../api/calls';
import type { Answer, FhirBody } from '../api/http';
import { readFound } from '../record/bundle';
import {
  actorKey,
  actorsOf,
  readConsent,
  tame,
  type Consent,
  type Names,
} from '../record/consents';
import { at, textAt, writeJson } from '../record/json';
import { nameText, readReference } from '../record/summary';

export interface PatientConsents {
  consents: Consent[];
  /** There are more than are read. */
  more: boolean;
  names: Names;
  /** The user names of the care team. */
  careTeam: string[];
}

const consentsMax = 100;
/** As many people as are asked for by name. */
const peopleMax = 40;

/** Only these have a name of their own that is a person's (R4 8.4, 8.3). */
const peopleTypes = ['Practitioner', 'RelatedPerson'] as const;

/** Who they are in the record; whom it cannot name keeps the name that the Consent gives. */
async function addPeople(names: Map<string, string>, consents: Consent[], signal: AbortSignal) {
  const wanted = consents
    .flatMap(actorsOf)
    .map(({ kind, value }) => (kind === 'reference' ? readReference(value, null) : null));
  const read = async (type: string) => {
    const ids = new Set(wanted.filter((one) => one?.type === type).map((one) => one?.id ?? ''));
    if (ids.size === 0) return;
    const _id = [...ids].slice(0, peopleMax).join();
    const search = new URLSearchParams({ _id, _count: String(peopleMax) });
    const answer = await searchRecord(type, search.toString(), signal);
    if (!answer.ok) return;
    for (const person of readFound(answer.body.json).resources) {
      const name = nameText(at(person, 'name'));
      const value = `${type}/${textAt(person, 'id') ?? ''}`;
      if (name !== null) names.set(actorKey({ kind: 'reference', value }), tame(name));
    }
  };
  await Promise.all(peopleTypes.map(read));
}

export async function readPatientConsents(
  patient: string,
  fhirId: string,
  signal: AbortSignal,
): Promise<Answer<PatientConsents>> {
  const search = new URLSearchParams({ patient: fhirId, _sort: '-_lastUpdated' });
  search.set('_count', String(consentsMax));
  const [answer, related] = await Promise.all([
    searchRecord('Consent', search.toString(), signal),
    readRelations(patient, signal),
  ]);
  if (!answer.ok) return answer;
  const found = readFound(answer.body.json);
  const consents = found.resources.map(readConsent);
  const names = new Map<string, string>();
  const relations = related.ok ? related.body.relations : [];
  for (const { account, display_name } of relations)
    if (display_name) names.set(actorKey({ kind: 'account', value: account }), display_name);
  await addPeople(names, consents, signal);
  const team = sortRelations(relations, Date.now()).held['care-team'];
  const careTeam = team.map(({ account }) => account);
  return { ok: true, body: { consents, more: found.next !== null, names, careTeam } };
}

export const addConsent = (consent: object): Promise<Answer<FhirBody>> =>
  createResource('Consent', consent);

/** As long as it is what was looked at. */
export const withdrawConsent = ({ id, version, resource }: Consent): Promise<Answer<FhirBody>> =>
  updateResource('Consent', id, writeJson(new Map(resource).set('status', 'inactive')), version);
