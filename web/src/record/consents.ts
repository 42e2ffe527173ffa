// A patient's Consent (R4 6.2) taken apart: who may or may not do what, with which data, what for, until
// when. It came from outside: whatever of it is not understood here is said to be there, never left out,
// because a rule without one of its limits would say more than the patient did.
import { itemsOf, objectOf, textAt, textOf, type Json, type JsonObject } from './json';

/** A Coding or a code, as it was written. */
export interface Coded {
  system: string;
  code: string;
  display: string | null;
}

/** Whom a rule is about: a user name, a role, a unit, or a reference such as "Practitioner/12". */
export interface Actor {
  kind: 'account' | 'role' | 'unit' | 'reference';
  value: string;
  display: string | null;
}

/** What people are called, by actor as `actorKey` writes it. */
export type Names = ReadonlyMap<string, string>;

export const actorKey = ({ kind, value }: Pick<Actor, 'kind' | 'value'>): string =>
  `${kind} ${value}`;

export interface Span {
  start: string | null;
  end: string | null;
}

/** Single entries of the record (Consent.provision.data). */
export interface Named {
  meaning: 'instance' | 'dependents' | 'authoredby';
  reference: string;
  display: string | null;
}

/** A provision. Empty: of all actors, all actions and so on. */
export interface Rule {
  type: 'permit' | 'deny';
  actors: Actor[];
  actions: Coded[];
  purposes: Coded[];
  labels: Coded[];
  kinds: Coded[];
  codes: Coded[];
  data: Named[];
  dataSpan: Span | null;
  span: Span | null;
  exceptions: Part[];
}

/** Unread: there is a rule here that is not understood. */
export type Part = Rule | 'unread';

export interface Consent {
  id: string;
  version: string | null;
  status: string;
  /** When it was given. */
  since: string | null;
  /** Under which notice or form. */
  policy: string | null;
  isResearch: boolean;
  span: Span | null;
  parts: Part[];
  resource: JsonObject;
}

export const systemOf = {
  account: 'urn:vigil:account',
  role: 'urn:vigil:role',
  unit: 'urn:vigil:unit',
} as const;

/** What the server takes (docs/guides/consent.md); what is more is not read. */
const depthMax = 5;
const rulesMax = 50;
const namedMax = 100;
const textMax = 120;

/** Characters that would rule over the text around them: controls, and those that turn its direction. */
// eslint-disable-next-line no-control-regex -- they are what is taken out
const ruling = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** A text from outside, fit to stand in a sentence of ours. */
export function tame(text: string): string {
  const plain = text.replace(ruling, ' ').trim();
  return plain.length > textMax ? `${plain.slice(0, textMax - 1)}…` : plain;
}

const tameAt = (value: Json | undefined, ...path: string[]): string | null => {
  const text = textAt(value, ...path);
  return text === null ? null : tame(text) || null;
};

/** Null: one of them is not understood, or they are too many. */
function each<T>(value: Json | undefined, read: (item: Json) => T | null): T[] | null {
  const items = itemsOf(value);
  if (items.length > namedMax) return null;
  const all = items.map(read);
  return all.every((one) => one !== null) ? all : null;
}

const only = (object: JsonObject, names: readonly string[]) =>
  [...object.keys()].every((name) => names.includes(name));

function readCoding(value: Json): Coded | null {
  const code = tameAt(value, 'code');
  if (!objectOf(value) || code === null) return null;
  return { system: textAt(value, 'system') ?? '', code, display: tameAt(value, 'display') };
}

/** A CodeableConcept: its first code, or its words. */
function readConcept(value: Json): Coded | null {
  const concept = objectOf(value);
  const [first] = itemsOf(concept?.get('coding'));
  const words = tameAt(concept ?? undefined, 'text');
  const coded = first === undefined ? null : readCoding(first);
  if (coded) return { ...coded, display: coded.display ?? words };
  return words === null || first !== undefined ? null : { system: '', code: '', display: words };
}

/** All that one action is: each of its codes is permitted, or denied. */
function readCodings(value: Json): Coded[] | null {
  const codings = each(objectOf(value)?.get('coding'), readCoding);
  return codings && codings.length > 0 ? codings : null;
}

function readActor(value: Json): Actor | null {
  const actor = objectOf(value);
  if (!actor || !only(actor, ['id', 'extension', 'role', 'reference'])) return null;
  const to = actor.get('reference');
  const display = tameAt(to, 'display');
  const reference = tameAt(to, 'reference');
  if (reference !== null) return { kind: 'reference', value: reference, display };
  const named = tameAt(to, 'identifier', 'value');
  const system = textAt(to, 'identifier', 'system');
  for (const kind of ['account', 'role', 'unit'] as const)
    if (named !== null && system === systemOf[kind]) return { kind, value: named, display };
  return null;
}

const meanings = ['instance', 'dependents', 'authoredby'] as const;

function readNamed(value: Json): Named | null {
  const meaning = meanings.find((one) => one === textAt(value, 'meaning'));
  const reference = tameAt(value, 'reference', 'reference');
  if (!meaning || reference === null) return null;
  return { meaning, reference, display: tameAt(value, 'reference', 'display') };
}

/** Undefined: not understood. */
function readSpan(value: Json | undefined): Span | null | undefined {
  if (value === undefined) return null;
  const span = { start: tameAt(value, 'start'), end: tameAt(value, 'end') };
  const period = objectOf(value);
  return period && only(period, ['start', 'end']) && (span.start ?? span.end) ? span : undefined;
}

const ruleElements = [
  ['id', 'extension', 'type', 'period', 'actor', 'action', 'securityLabel', 'purpose', 'class'],
  ['code', 'dataPeriod', 'data', 'provision'],
].flat();

/** Counts the rules of one Consent down. */
interface Left {
  rules: number;
}

/** Null: one of its lists is not understood. */
function readLists(rule: JsonObject) {
  const actors = each(rule.get('actor'), readActor);
  const actions = each(rule.get('action'), readCodings);
  const purposes = each(rule.get('purpose'), readCoding);
  const labels = each(rule.get('securityLabel'), readCoding);
  const kinds = each(rule.get('class'), readCoding);
  const codes = each(rule.get('code'), readConcept);
  const data = each(rule.get('data'), readNamed);
  return actors && actions && purposes && labels && kinds && codes && data
    ? { actors, actions: actions.flat(), purposes, labels, kinds, codes, data }
    : null;
}

function readRule(value: Json, depth: number, left: Left): Part {
  const rule = objectOf(value);
  left.rules -= 1;
  if (!rule || depth > depthMax || left.rules < 0 || !only(rule, ruleElements)) return 'unread';
  const type = rule.get('type');
  const lists = readLists(rule);
  const [span, dataSpan] = [readSpan(rule.get('period')), readSpan(rule.get('dataPeriod'))];
  const isKnown = type === 'permit' || type === 'deny';
  if (!isKnown || !lists || span === undefined || dataSpan === undefined) return 'unread';
  const exceptions = readRules(rule.get('provision'), depth + 1, left);
  return { type, ...lists, span, dataSpan, exceptions };
}

function readRules(value: Json | undefined, depth: number, left: Left): Part[] {
  const parts: Part[] = [];
  for (const item of itemsOf(value)) {
    if (left.rules < 0) break;
    parts.push(readRule(item, depth, left));
  }
  return parts;
}

/** An exception speaks of what its rule speaks of, where it says nothing else. */
export function within(part: Part, outer: Rule): Part {
  if (part === 'unread') return part;
  const own = <T>(mine: T[], theirs: T[]) => (mine.length > 0 ? mine : theirs);
  return {
    ...part,
    actors: own(part.actors, outer.actors),
    actions: own(part.actions, outer.actions),
    purposes: own(part.purposes, outer.purposes),
    labels: own(part.labels, outer.labels),
    kinds: own(part.kinds, outer.kinds),
    codes: own(part.codes, outer.codes),
    data: own(part.data, outer.data),
    dataSpan: part.dataSpan ?? outer.dataSpan,
  };
}

/** What the policy says of all that is not said otherwise (v3 ActConsentDirective); null: nothing. */
function policyType(resource: JsonObject): Rule['type'] | null {
  for (const coding of itemsOf(objectOf(resource.get('policyRule'))?.get('coding'))) {
    const code = textAt(coding, 'code');
    if (code === 'OPTIN' || code === 'OPTINR') return 'permit';
    if (code === 'OPTOUT' || code === 'OPTOUTE') return 'deny';
  }
  return null;
}

/** A rule that names nothing: it is about everything. */
const bare = { actors: [], actions: [], purposes: [], labels: [], kinds: [], codes: [], data: [] };

/**
 * Beside a policy the root is its exception, or, without a type of its own, what the policy is about. With
 * neither, as R4 has it, the rules in it are all that is said, each within what the root names.
 */
function rootRules(resource: JsonObject): Part[] {
  const policy = policyType(resource);
  const left = { rules: rulesMax };
  const root = resource.get('provision') ?? new Map<string, Json>();
  const isSilent = objectOf(root) !== null && !objectOf(root)?.has('type');
  if (isSilent && policy === null && !resource.has('provision')) return [];
  const typed = isSilent ? new Map(objectOf(root)).set('type', policy ?? 'deny') : root;
  const rule = readRule(typed, 1, left);
  if (rule === 'unread' || (isSilent && policy !== null)) return [rule];
  if (policy !== null)
    return [{ type: policy, ...bare, span: null, dataSpan: null, exceptions: [rule] }];
  if (!isSilent) return [rule];
  return rule.exceptions.map((part) => {
    const inner = within(part, rule);
    return inner === 'unread' ? inner : { ...inner, span: inner.span ?? rule.span };
  });
}

/** Treatment and advance directives are agreed to elsewhere: they say nothing of who sees data. */
const isOfPrivacy = (scopes: readonly (string | null)[]) =>
  !scopes.includes('treatment') && !scopes.includes('adr');

function partsOf(resource: JsonObject, scopes: readonly (string | null)[]): Part[] {
  if (!isOfPrivacy(scopes)) return [];
  return resource.has('modifierExtension') ? ['unread'] : rootRules(resource);
}

export function readConsent(resource: JsonObject): Consent {
  const codings = itemsOf(objectOf(resource.get('scope'))?.get('coding'));
  const scopes = codings.map((coding) => textAt(coding, 'code'));
  return {
    id: textOf(resource.get('id')) ?? '',
    version: textAt(resource, 'meta', 'versionId'),
    status: tameAt(resource, 'status') ?? '',
    since: tameAt(resource, 'dateTime') ?? tameAt(resource, 'meta', 'lastUpdated'),
    policy:
      tameAt(resource, 'policyRule', 'text') ?? tameAt(resource, 'policyRule', 'coding', 'display'),
    isResearch: scopes.includes('research'),
    span: readSpan(objectOf(resource.get('provision'))?.get('period')) ?? null,
    parts: partsOf(resource, scopes),
    resource,
  };
}

const hasUnreadPart = (part: Part): boolean =>
  part === 'unread' || part.exceptions.some(hasUnreadPart);

export const hasUnread = ({ parts }: Consent): boolean => parts.some(hasUnreadPart);

/** All whom it names, wherever in it. */
export function actorsOf({ parts }: Pick<Consent, 'parts'>): Actor[] {
  const of = (part: Part): Actor[] =>
    part === 'unread' ? [] : [...part.actors, ...part.exceptions.flatMap(of)];
  return parts.flatMap(of);
}

/** The moment after a date or time: "2026-12" is over when the month is. */
function endMs(text: string): number {
  const date = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?$/.exec(text);
  if (!date) return Date.parse(text);
  const [year, month, day] = date.slice(1).map((part) => (part ? Number(part) : undefined));
  if (month === undefined) return Date.UTC((year ?? 0) + 1, 0);
  return day === undefined ? Date.UTC(year ?? 0, month) : Date.UTC(year ?? 0, month - 1, day + 1);
}

export type Standing = 'now' | 'later' | 'over' | 'draft' | 'withdrawn';

/** A date that is none ends nothing: better one too many among those in force. */
export function standing({ status, span }: Consent, nowMs: number): Standing {
  if (status === 'draft' || status === 'proposed') return 'draft';
  if (status !== 'active') return 'withdrawn';
  if (span?.end && endMs(span.end) <= nowMs) return 'over';
  return span?.start && Date.parse(span.start) > nowMs ? 'later' : 'now';
}
