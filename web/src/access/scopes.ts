// Scopes as SMART App Launch 2.2 writes them ("Scopes and Launch Context"): what an app asks for, taken
// apart. Version 1's `.read` and `.write` are understood as what they stand for in version 2.

export type ScopeAct = 'read' | 'search' | 'create' | 'change' | 'delete';

/** Whose data: of one patient; of all whom the person reaches; of all, with no person present. */
export type Whose = 'patient' | 'user' | 'system';

export interface DataScope {
  kind: 'data';
  text: string;
  whose: Whose;
  /** A resource type; `*`: all of them. */
  type: string;
  acts: ScopeAct[];
  /** The search that narrows it: name and value, as they are written. */
  only: { name: string; value: string }[];
}

export type Scope =
  | DataScope
  /** Who the person is. */
  | { kind: 'identity'; text: string }
  /** Goes on while the person is away. */
  | { kind: 'offline'; text: string }
  | { kind: 'online'; text: string }
  /** Which patient, or stay, the app is opened for. */
  | { kind: 'launch'; text: string }
  | { kind: 'other'; text: string };

const actOf = { c: 'create', r: 'read', u: 'change', d: 'delete', s: 'search' } as const;
const letters: Record<string, string> = { read: 'rs', write: 'cud', '*': 'cruds' };
const dataScope = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]*)\.([a-z*]+)(?:\?(.+))?$/;
/** Each letter at most once, and in this order. */
const actLetters = /^(?=.)c?r?u?d?s?$/;

function dataOf(text: string): DataScope | null {
  const found = dataScope.exec(text);
  if (!found) return null;
  const [, whose = '', type = '', written = '', search = ''] = found;
  const acts = letters[written] ?? written;
  if (!actLetters.test(acts)) return null;
  return {
    kind: 'data',
    text,
    whose: whose as Whose,
    type,
    acts: Array.from(acts, (letter) => actOf[letter as keyof typeof actOf]),
    only: [...new URLSearchParams(search)].map(([name, value]) => ({ name, value })),
  };
}

export function parseScope(text: string): Scope {
  if (['openid', 'fhirUser', 'profile'].includes(text)) return { kind: 'identity', text };
  if (text === 'offline_access') return { kind: 'offline', text };
  if (text === 'online_access') return { kind: 'online', text };
  if (/^launch(\/[a-z-]+)?$/.test(text)) return { kind: 'launch', text };
  return dataOf(text) ?? { kind: 'other', text };
}

const writing: readonly ScopeAct[] = ['create', 'change', 'delete'];

export const writes = (scope: DataScope): boolean =>
  scope.acts.some((act) => writing.includes(act));

/** Of a field: one a line, or apart by spaces; none of them twice. */
export const scopesIn = (text: string): string[] => [
  ...new Set(text.split(/[\s,]+/).filter((scope) => scope !== '')),
];

/** What the person may take away: all but what says who they are and where the app was opened. */
export const mayBeTaken = ({ kind }: Scope): boolean => kind === 'data' || kind === 'offline';

/** Often wanted together, by the kind of app. */
export const scopeSets = {
  vitals: ['launch/patient', 'patient/Patient.r', 'patient/Observation.rs'],
  record: ['launch/patient', 'openid', 'fhirUser', 'patient/*.rs'],
  opened: ['launch', 'openid', 'fhirUser', 'patient/*.rs'],
  staff: ['openid', 'fhirUser', 'user/*.rs'],
  away: ['offline_access'],
  system_vitals: ['system/Patient.rs', 'system/Observation.rs'],
  system_record: ['system/*.rs'],
} as const;

export type ScopeSet = keyof typeof scopeSets;

export const setsOf = (service: boolean): ScopeSet[] =>
  service ? ['system_vitals', 'system_record'] : ['vitals', 'record', 'opened', 'staff', 'away'];
