// Every call of docs/reference/series-api.md and of the FHIR server that the app makes.
import type {
  CreatedPasskey,
  CreationOptions,
  RequestOptions,
  ShownPasskey,
} from '../state/passkey';
import { readFhir, request, writeFhir, type Answer } from './http';
import type {
  Association,
  AuditAnswer,
  AuditReport,
  Device,
  Metric,
  OwnAccount,
  OwnSession,
  Patient,
  PatientAnswer,
  QuarantineAnswer,
  QuarantineDetail,
  QuarantineItem,
  RawMessage,
  Reading,
  Secret,
  ServerStatus,
  Session,
  SignInWays,
  TotpEnrolment,
  TrendWindow,
  WardAnswer,
} from './shapes';

const part = encodeURIComponent;

function query(parameters: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text ? `?${text}` : '';
}

export const readSession = () => request<Session>('GET', '/api/session');
export const signIn = (username: string, password: string) =>
  request<Session>('POST', '/api/session', { username, password });
export const signInFactor = (ticket: string, code: string) =>
  request<Session>('POST', '/api/session/factor', { ticket, code });
/** By what ways somebody may sign in here. */
export const readSignInWays = (signal?: AbortSignal) =>
  request<SignInWays>('GET', '/api/session/ways', undefined, signal);
/** Back from the provider, where a second factor is asked for: always an error, with its ticket. */
export const readFactorAsked = () => request<undefined>('POST', '/api/session/openid', {});
export const signInAgain = (password: string) =>
  request<undefined>('POST', '/api/session/again', { password });
export const signOut = () => request<undefined>('DELETE', '/api/session');

export const readOwnAccount = (signal?: AbortSignal) =>
  request<OwnAccount>('GET', '/api/me', undefined, signal);
export const changePassword = (password: string) =>
  request<Session>('POST', '/api/me/password', { password });
/** A factor that is set up already, shown before it is changed; none where there is none yet. */
export type Proof = { code: string } | { passkey: ShownPasskey } | Record<string, never>;

export const beginTotp = (proof: Proof) => request<TotpEnrolment>('POST', '/api/me/totp', proof);
export const confirmTotp = (code: string) =>
  request<{ recovery_codes: string[] }>('POST', '/api/me/totp/confirm', { code });
export const removeTotp = (proof: Proof) =>
  request<undefined>('POST', '/api/me/totp/remove', proof);
export const newRecoveryCodes = (proof: Proof) =>
  request<{ recovery_codes: string[] }>('POST', '/api/me/recovery-codes', proof);

/** Without a ticket: in place of name and password too. */
export const beginPasskeySignIn = (ticket: string) =>
  request<RequestOptions>('POST', '/api/session/passkey/begin', { ticket });
export const signInPasskey = (ticket: string, passkey: ShownPasskey) =>
  request<Session>('POST', '/api/session/passkey', { ticket, passkey });
export const signInAgainByPasskey = (passkey: ShownPasskey) =>
  request<undefined>('POST', '/api/session/again', { passkey });
export const beginProof = () => request<RequestOptions>('POST', '/api/me/proof', {});
export const beginPasskey = (proof: Proof) =>
  request<CreationOptions>('POST', '/api/me/passkeys/begin', proof);
/** Recovery codes only with the first factor. */
export const addPasskey = (name: string, created: CreatedPasskey) =>
  request<{ recovery_codes: string[] }>('POST', '/api/me/passkeys', { name, ...created });
export const removePasskey = (id: string, proof: Proof) =>
  request<undefined>('POST', '/api/me/passkeys/remove', { id, ...proof });
export const readOwnSessions = (signal?: AbortSignal) =>
  request<{ sessions: OwnSession[] }>('GET', '/api/me/sessions', undefined, signal);
export const endOwnSession = (id: number) => request<undefined>('DELETE', `/api/me/sessions/${id}`);
export const endOtherSessions = () => request<{ ended: number }>('DELETE', '/api/me/sessions');

export const readCatalogue = () => request<{ metrics: Metric[] }>('GET', '/api/catalogue');
export const readWard = () => request<WardAnswer>('GET', '/api/ward');
export const readPatients = () =>
  request<{ patients: Patient[]; next: string | null }>('GET', '/api/patients?limit=10000');
export const readPatient = (id: string, signal?: AbortSignal) =>
  request<PatientAnswer>('GET', `/api/patients/${part(id)}`, undefined, signal);
export const addPatient = (patient: { display_name: string } & Partial<Patient>) =>
  request<Patient>('POST', '/api/patients', patient);

export const readDevices = () =>
  request<{ devices: Device[]; server_time: string; next: string | null }>(
    'GET',
    '/api/devices?limit=10000',
  );
export const readDevice = (id: string, signal?: AbortSignal) =>
  request<{ device: Device; associations: Association[] }>(
    'GET',
    `/api/devices/${part(id)}`,
    undefined,
    signal,
  );
export const addDevice = (device: {
  id: string;
  display?: string;
  credential?: 'token' | 'certificate' | 'enrolment';
  gateway?: string;
}) => request<{ device: Device; secret: Secret | null }>('POST', '/api/devices', device);

export interface Attached {
  device: Device;
  association: Association;
  refiled: number;
}
export const attachDevice = (id: string, patient: string, from?: string) =>
  request<Attached>(
    'POST',
    `/api/devices/${part(id)}/attach`,
    from ? { patient, from } : { patient },
  );
export const detachDevice = (id: string) =>
  request<Attached>('POST', `/api/devices/${part(id)}/detach`, {});

export const setClock = (id: string) =>
  request<{ topic: string; time: string }>('POST', `/api/devices/${part(id)}/set-clock`, {});

export interface WindowQuestion {
  patient: string;
  metric: string;
  from: number;
  to: number;
  points: number;
}
export const readWindow = (
  question: WindowQuestion,
  signal?: AbortSignal,
): Promise<Answer<TrendWindow>> =>
  request<TrendWindow>(
    'GET',
    `/api/series/window${query({
      ...question,
      from: Math.floor(question.from),
      to: Math.ceil(question.to),
    })}`,
    undefined,
    signal,
  );

export const readMessage = (reading: Reading, signal?: AbortSignal) =>
  request<RawMessage>(
    'GET',
    `/api/messages${
      reading.position
        ? query({ position: reading.position })
        : query({
            device: reading.device,
            at: reading.filed_time,
            metric: reading.metric,
            channel: reading.channel,
            sequence: reading.sequence,
            value: reading.value ?? undefined,
          })
    }`,
    undefined,
    signal,
  );

export const readQuarantine = (state: string) =>
  request<QuarantineAnswer>('GET', `/api/quarantine${query({ state })}`);
export const readQuarantined = (id: string, signal?: AbortSignal) =>
  request<QuarantineDetail>('GET', `/api/quarantine/${part(id)}`, undefined, signal);
export const replayQuarantined = (id: string) =>
  request<{ item: QuarantineItem; readings: number }>(
    'POST',
    `/api/quarantine/${part(id)}/replay`,
    {},
  );
export const dismissQuarantined = (id: string, note: string) =>
  request<{ item: QuarantineItem }>('POST', `/api/quarantine/${part(id)}/dismiss`, { note });

export const readAudit = (
  question: Record<string, string | number | undefined>,
): Promise<Answer<AuditAnswer>> => request<AuditAnswer>('GET', `/api/audit${query(question)}`);
export const verifyAudit = () => request<AuditReport>('POST', '/api/verify/audit', {});

export const readStatus = () => request<ServerStatus>('GET', '/api/status');

// --- The record: FHIR R4 3.1.0

export const readMetadata = () => readFhir('metadata');
export const searchRecord = (type: string, query: string, signal?: AbortSignal) =>
  readFhir(`${part(type)}${query ? `?${query}` : ''}`, signal);
/** One resource, as it is or as a version of it was. */
export const readResource = (
  type: string,
  id: string,
  version: string | null,
  signal?: AbortSignal,
) =>
  readFhir(
    `${part(type)}/${part(id)}${version === null ? '' : `/_history/${part(version)}`}`,
    signal,
  );
export const readVersions = (type: string, id: string, signal?: AbortSignal) =>
  readFhir(`${part(type)}/${part(id)}/_history?_count=100`, signal);
export const createResource = (type: string, resource: object) =>
  writeFhir('POST', part(type), JSON.stringify(resource));
/** `text` with every digit as it was read; refused with 412 where `version` is no longer the newest. */
export const updateResource = (type: string, id: string, text: string, version: string | null) =>
  writeFhir('PUT', `${part(type)}/${part(id)}`, text, version);
