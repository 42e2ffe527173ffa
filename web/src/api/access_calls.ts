// The calls about who may do what: one's own rights, accounts, care relations, emergencies.
import type { Account, ApiToken, Me, PatientAccess, Relation, RelationKind } from './access_shapes';
import { request } from './http';
import type { Patient, Role } from './shapes';

const part = encodeURIComponent;

export const readMe = () => request<Me>('GET', '/api/me');

// --- Accounts

export interface NewAccount {
  username: string;
  role: Role;
  display_name: string;
  units: string[];
  fhir_user?: string;
  password?: string;
}
export type AccountChange = Partial<
  Pick<Account, 'display_name' | 'role' | 'units' | 'fhir_user' | 'enabled'> & { password: string }
>;

const accountPath = (name: string) => `/api/accounts/${part(name)}`;

export const readAccounts = () => request<{ accounts: Account[] }>('GET', '/api/accounts');
export const addAccount = (account: NewAccount) =>
  request<Account>('POST', '/api/accounts', account);
export const changeAccount = (name: string, change: AccountChange) =>
  request<Account>('PATCH', accountPath(name), change);
export const endSessions = (name: string) =>
  request<{ ended: number }>('DELETE', `${accountPath(name)}/sessions`);
/** Of somebody who has lost theirs. */
export const removeFactors = (name: string) =>
  request<undefined>('DELETE', `${accountPath(name)}/factors`);
export const readTokens = (name: string, signal?: AbortSignal) =>
  request<{ tokens: ApiToken[] }>('GET', `${accountPath(name)}/tokens`, undefined, signal);
export const addToken = (
  name: string,
  token: { name: string; scopes: string[]; expires?: string },
) => request<{ token: string }>('POST', `${accountPath(name)}/tokens`, token);
export const revokeToken = (name: string, id: number) =>
  request<undefined>('DELETE', `${accountPath(name)}/tokens/${id}`);

// --- Patients and care relations

const patientPath = (id: string) => `/api/patients/${part(id)}`;

/** Null: in no unit, in no bed. */
export const changePatient = (
  id: string,
  change: Partial<Pick<Patient, 'display_name' | 'unit' | 'bed'>>,
) => request<Patient>('PATCH', patientPath(id), change);

export const readRelations = (patient: string, signal?: AbortSignal) =>
  request<{ relations: Relation[] }>('GET', `${patientPath(patient)}/relations`, undefined, signal);
/** Who looked at a patient's data; newest first, those before the line of that number. */
export const readAccesses = (patient: string, before: number | null) =>
  request<{ lines: PatientAccess[]; next: number | null }>(
    'GET',
    `${patientPath(patient)}/accesses${before === null ? '' : `?before=${before}`}`,
  );

export interface NewRelation {
  account: string;
  kind: Exclude<RelationKind, 'emergency'>;
  to?: string;
  reason?: string;
}
export const addRelation = (patient: string, relation: NewRelation) =>
  request<Relation>('POST', `${patientPath(patient)}/relations`, relation);
export const endRelation = (id: number) => request<Relation>('DELETE', `/api/relations/${id}`);

export const breakGlass = (
  patient: string,
  asked: { reason: string; password: string; minutes: number },
) => request<Relation>('POST', `${patientPath(patient)}/emergency-access`, asked);
export const readEmergencies = (state: 'open' | 'all') =>
  request<{ emergencies: Relation[] }>('GET', `/api/emergencies?state=${state}`);
export const reviewEmergency = (id: number, finding: string) =>
  request<Relation>('POST', `/api/emergencies/${id}/review`, { finding });
