// Apps, as docs/reference/oauth.md names their fields.

export type AppKind = 'public' | 'confidential' | 'service';

/** What an app asks a person for. */
export interface Asking {
  id: string;
  app: { client_id: string; name: string; kind: AppKind; redirect_host: string };
  scopes: string[];
  /** Asked for, and not to be had. */
  refused: string[];
  /** Known already; null: none, or one that is to be chosen. */
  patient: string | null;
  needs_patient: boolean;
  expires: string;
}

export type Decision =
  { decision: 'allow'; scopes: string[]; patient?: string } | { decision: 'deny' };

export interface App {
  client_id: string;
  name: string;
  kind: AppKind;
  redirect_uris: string[];
  launch_uri: string | null;
  jwks_uri: string | null;
  /** How many of its public keys are kept here. */
  keys: number;
  scopes: string[];
  /** Of a service: the user name of the account that it works as. */
  account: string | null;
  enabled: boolean;
  registered: string;
  grants: number;
}

/** As a registration or a change is written; what is absent is left as it is. */
export interface AppFields {
  name?: string;
  redirect_uris?: string[];
  launch_uri?: string | null;
  jwks?: unknown;
  jwks_uri?: string | null;
  scopes?: string[];
  account?: string;
  enabled?: boolean;
}

export type NewApp = AppFields & { client_id?: string; name: string; kind: AppKind };

/** An app that can be opened from a patient's page. */
export interface Launchable {
  client_id: string;
  name: string;
}

/** What a person gave an app. */
export interface Grant {
  grant: number;
  client_id: string;
  name: string;
  scopes: string[];
  patient: string | null;
  given: string;
  expires: string;
}
