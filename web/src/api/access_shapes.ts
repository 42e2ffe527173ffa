// Accounts, roles and care relations, field for field as docs/reference/series-api.md names them.
import type { Role } from './shapes';

/** What the server keeps and does, as data/roles.tsv divides it. */
export type Area =
  | 'vitals'
  | 'record'
  | 'orders'
  | 'patients'
  | 'devices'
  | 'unread'
  | 'directory'
  | 'definitions'
  | 'research'
  | 'consents'
  | 'subscriptions'
  | 'exports'
  | 'accounts'
  | 'audit'
  | 'server';

/** Looks, writes, administers. */
export type Act = 'r' | 'w' | 'a';

export interface Me {
  username: string;
  display_name: string;
  role: Role;
  units: string[];
  everyone: boolean;
  /** The role may break the glass. */
  emergency: boolean;
  /** Letters of Act; an area that is not named is closed. */
  may: Partial<Record<Area, string>>;
  /** Of now. */
  relations: Relation[];
  /** Of others; of whoever may review them. */
  emergencies_to_review?: number;
  /** At a browser, of a person. */
  second_factor?: { passkeys: unknown[] };
}

export type RelationKind = 'self' | 'caregiver' | 'care-team' | 'emergency';

export interface Relation {
  id: number;
  account: string;
  display_name: string;
  role: Role | null;
  patient: string;
  kind: RelationKind;
  from: string;
  to: string | null;
  reason: string | null;
  review: { by: string; time: string; finding: string } | null;
}

export interface Account {
  username: string;
  display_name: string;
  role: Role;
  units: string[];
  /** Who they are in the record, "Practitioner/12"; empty: nobody there. */
  fhir_user: string;
  enabled: boolean;
  registered: string;
  second_factor: boolean;
}

export interface ApiToken {
  id: number;
  name: string;
  scopes: string[];
  issued: string;
  expires: string | null;
}

/** A line of the audit as a patient is told of it. */
export interface PatientAccess {
  number: number;
  time: string;
  who: string;
  display_name: string | null;
  role: string;
  token: string | null;
  act: 'read' | 'write' | 'administer';
  what: string;
  purpose: string;
  permitted: boolean;
}
