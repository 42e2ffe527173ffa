// Care relations, sorted for whoever asks who may see a patient.
import type { Act, Area, Me, Relation, RelationKind } from '../api/access_shapes';

export const kinds: readonly RelationKind[] = ['care-team', 'caregiver', 'self', 'emergency'];

export type Standing = 'now' | 'later' | 'ended';

export function standing({ from, to }: Relation, nowMs: number): Standing {
  if (to !== null && Date.parse(to) <= nowMs) return 'ended';
  return Date.parse(from) > nowMs ? 'later' : 'now';
}

/** Those of now and of later, by kind; and the ended ones, the last first. */
export function sortRelations(
  relations: readonly Relation[],
  nowMs: number,
): { held: Record<RelationKind, Relation[]>; ended: Relation[] } {
  const stands = (relation: Relation) => standing(relation, nowMs);
  const held = (kind: RelationKind) =>
    relations.filter((relation) => relation.kind === kind && stands(relation) !== 'ended');
  return {
    held: {
      'care-team': held('care-team'),
      caregiver: held('caregiver'),
      self: held('self'),
      emergency: held('emergency'),
    },
    ended: relations
      .filter((relation) => stands(relation) === 'ended')
      .sort((a, b) => Date.parse(b.to ?? '') - Date.parse(a.to ?? '')),
  };
}

/** What it takes to give and to end a relation of that kind (docs/reference/series-api.md). */
export function neededFor(kind: RelationKind): [Area, Act] {
  switch (kind) {
    case 'care-team':
      return ['patients', 'w'];
    case 'caregiver':
      return ['consents', 'w'];
    case 'self':
    case 'emergency':
      return ['accounts', 'a'];
  }
}

/** The emergency that gives this account the patient now; with no patient, all of them. */
export const emergenciesNow = (relations: readonly Relation[], nowMs: number): Relation[] =>
  relations.filter((one) => one.kind === 'emergency' && standing(one, nowMs) === 'now');

/** Whose data a patient's or caregiver's account is for, each patient once, oneself first. */
export function ownPatients(relations: readonly Relation[], nowMs: number): Relation[] {
  const seen = new Set<string>();
  return relations
    .filter((one) => one.kind === 'self' || one.kind === 'caregiver')
    .filter((one) => standing(one, nowMs) === 'now')
    .sort((a, b) => Number(b.kind === 'self') - Number(a.kind === 'self'))
    .filter(({ patient }) => !seen.has(patient) && seen.add(patient));
}

/** Without an emergency: by reach, by unit, by another relation. */
export const isInCare = (
  { everyone, units, relations }: Pick<Me, 'everyone' | 'units' | 'relations'>,
  patient: string,
  unit: string | null,
): boolean =>
  everyone ||
  (unit !== null && units.includes(unit)) ||
  relations.some((one) => one.kind !== 'emergency' && one.patient === patient);
