// What patients commonly wish, made into a Consent (R4 6.2) that the server enforces.
import type { Actor } from './consents';
import { systemOf } from './consents';
import { systemOfLabel, type SensitiveCode } from './labels';

export type What =
  { of: 'everything' } | { of: 'label'; code: SensitiveCode } | { of: 'kind'; type: string };

export type Wish =
  | { kind: 'keep'; from: Actor[]; what: What }
  | { kind: 'only'; to: Actor[] }
  | { kind: 'show'; to: Actor[]; code: SensitiveCode }
  | { kind: 'research'; allowed: boolean; what: What }
  | { kind: 'within' };

export const wishKinds = ['keep', 'only', 'show', 'research', 'within'] as const;
export type WishKind = (typeof wishKinds)[number];

/** Types of resource that are often spoken of; each has words (`scope.type.Observation`). */
export const commonKinds = [
  ...['Observation', 'Condition', 'AllergyIntolerance', 'MedicationRequest'],
  ...['MedicationStatement', 'DiagnosticReport', 'DocumentReference', 'Encounter', 'Procedure'],
  ...['Immunization', 'FamilyMemberHistory', 'CarePlan', 'QuestionnaireResponse', 'ImagingStudy'],
] as const;

export interface Around {
  /** The id of the Patient at /fhir. */
  patient: string;
  /** The patient says it themselves. */
  isOwn: boolean;
  /** Under which notice or form. */
  policy: string;
  /** Of now, as an instant. */
  time: string;
  /** A day that it still holds on; empty: until it is withdrawn. */
  until: string;
}

const terminology = (name: string) => `http://terminology.hl7.org/CodeSystem/${name}`;
const coding = (system: string, code: string) => ({ system, code });

/** A person is named by their user name, or as the record does it. */
export function personOf(typed: string): Actor {
  const isReference = /^(Practitioner|PractitionerRole|RelatedPerson)\/[A-Za-z0-9.-]{1,64}$/.test(
    typed,
  );
  return { kind: isReference ? 'reference' : 'account', value: typed, display: null };
}

function actorOf({ kind, value, display }: Actor) {
  const shown = display === null ? {} : { display };
  return {
    role: { coding: [coding(terminology('v3-ParticipationType'), 'IRCP')] },
    reference:
      kind === 'reference'
        ? { reference: value, ...shown }
        : { identifier: { system: systemOf[kind], value }, ...shown },
  };
}

function whatOf(what: What) {
  switch (what.of) {
    case 'everything':
      return {};
    case 'label':
      return { securityLabel: [coding(systemOfLabel(what.code), what.code)] };
    case 'kind':
      return { class: [coding('http://hl7.org/fhir/resource-types', what.type)] };
  }
}

function ruleOf(wish: Wish) {
  switch (wish.kind) {
    case 'keep':
      return { type: 'deny', actor: wish.from.map(actorOf), ...whatOf(wish.what) };
    case 'only':
      return { type: 'deny', provision: [{ type: 'permit', actor: wish.to.map(actorOf) }] };
    case 'show':
      return {
        type: 'permit',
        actor: wish.to.map(actorOf),
        ...whatOf({ of: 'label', code: wish.code }),
      };
    case 'research':
      return {
        type: wish.allowed ? 'permit' : 'deny',
        purpose: [coding(terminology('v3-ActReason'), 'HRESCH')],
        ...whatOf(wish.allowed ? wish.what : { of: 'everything' }),
      };
    case 'within':
      return {
        type: 'deny',
        action: [{ coding: [coding(terminology('consentaction'), 'disclose')] }],
      };
  }
}

export function consentOf(wish: Wish, { patient, isOwn, policy, time, until }: Around) {
  const { type, ...rest } = ruleOf(wish);
  const reference = `Patient/${patient}`;
  const scope = wish.kind === 'research' ? 'research' : 'patient-privacy';
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [coding(terminology('consentscope'), scope)] },
    category: [{ coding: [coding('http://loinc.org', '59284-0')] }],
    patient: { reference },
    dateTime: time,
    ...(isOwn ? { performer: [{ reference }] } : {}),
    policyRule: { text: policy },
    provision: { type, ...(until === '' ? {} : { period: { end: until } }), ...rest },
  };
}

const caringRoles = ['clinician', 'physician', 'nurse'];

/** Whether whoever cares for the patient would no longer see what it takes to do so. */
export function shutsOutCare(wish: Wish, unit: string, careTeam: readonly string[]): boolean {
  const isOurs = ({ kind, value }: Actor) =>
    (kind === 'unit' && value === unit) ||
    (kind === 'role' && caringRoles.includes(value)) ||
    (kind === 'account' && careTeam.includes(value));
  if (wish.kind === 'only')
    return !wish.to.some((one) => one.kind === 'unit' && one.value === unit);
  if (wish.kind !== 'keep') return false;
  const { what } = wish;
  const isVital = what.of === 'everything' || (what.of === 'kind' && what.type === 'Observation');
  return isVital && wish.from.some(isOurs);
}
