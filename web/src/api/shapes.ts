// What the server sends, field for field as docs/reference/series-api.md names it.

export type Role =
  | 'administrator'
  | 'clinician'
  | 'physician'
  | 'nurse'
  | 'engineer'
  | 'patient'
  | 'caregiver'
  | 'researcher'
  | 'auditor'
  | 'service';

export interface Session {
  account: { username: string; display_name: string; role: Role };
  csrf: string;
  expires: string;
  server_time: string;
  version: string;
  /** A second factor is to be set up before anything else is answered. */
  set_up_first: boolean;
}

export interface OwnAccount {
  username: string;
  display_name: string;
  role: Role;
  fresh: boolean;
  password_characters_min: number;
  second_factor: {
    asked: boolean;
    totp: { registered: string } | null;
    passkeys: OwnPasskey[];
    recovery_codes_left: number;
  };
}

export interface OwnPasskey {
  id: string;
  name: string;
  registered: string;
  /** Null: never. */
  used: string | null;
}

export interface TotpEnrolment {
  secret: string;
  uri: string;
  expires: string;
}

export interface OwnSession {
  id: number;
  address: string;
  user_agent: string;
  began: string;
  last_seen: string;
  expires: string;
  this: boolean;
}

export type MetricKind = 'numeric' | 'waveform' | 'event' | 'setting';

export interface Metric {
  key: string;
  display: string;
  kind: MetricKind;
  unit: string;
  unit_shown: string;
  expected_interval_s: number;
  plausible_min: string | null;
  plausible_max: string | null;
  molar_mass: string | null;
  mdc_refid: string;
  mdc_code: number;
  loinc: string;
}

export type SpecialValue =
  | 'not_a_number'
  | 'not_at_this_resolution'
  | 'positive_infinity'
  | 'negative_infinity'
  | 'over_range'
  | 'under_range'
  | 'not_available';

export type StatusFlag =
  | 'invalid'
  | 'questionable'
  | 'not_available'
  | 'calibration_ongoing'
  | 'test_data'
  | 'demo_data'
  | 'validated'
  | 'early_indication'
  | 'measurement_ongoing'
  | 'manual'
  | 'estimated'
  | 'stored_data'
  | 'clock'
  | 'implausible'
  | 'possible_duplicate'
  | 'late'
  | 'corrected'
  | 'signal_poor'
  | 'alarm_at_source'
  | 'not_stored';

export interface Reading {
  patient: string | null;
  device: string;
  metric: string;
  channel: number;
  type: 'numeric' | 'coded' | 'text' | 'event' | 'waveform';
  value: string | null;
  display: string | null;
  unit: string;
  unit_shown: string;
  normal: string | null;
  special: SpecialValue | null;
  status: StatusFlag[];
  filed_time: string;
  device_time: string | null;
  receive_time: string;
  sequence: number;
  position: string | null;
}

export type FreshnessName = 'fresh' | 'stale' | 'absent' | 'episodic';

export interface Series {
  patient: string | null;
  device: string;
  metric: string;
  channel: number;
  kind: MetricKind;
  unit: string;
  unit_shown: string;
  expected_interval_s: number;
  first: string;
  last: string;
  count: number;
  latest: Reading | null;
  age_s: number;
  freshness: FreshnessName;
}

export type ClockState = 'unknown' | 'good' | 'off' | 'no_zone' | 'jumped' | 'drifting';

/** Expiring: so near its end that a device that renews it by itself would have done so. */
export type CertificateState = 'good' | 'expiring' | 'ended' | 'revoked';

export interface DeviceCertificate {
  serial: string;
  not_before: string;
  not_after: string;
  state: CertificateState;
  /** Issued: a person asked for it. */
  origin: 'issued' | 'enrolled' | 'renewed';
}

export interface Device {
  id: string;
  display: string;
  model: string;
  credential: 'token' | 'certificate' | 'none';
  /** The one that is good longest, or was. */
  certificate: DeviceCertificate | null;
  /** A one-time code that it has not used. */
  enrolment: { expires: string } | null;
  registered: string;
  connection: 'connected' | 'disconnected' | 'never';
  since: string;
  last_seen: string | null;
  battery: { percent: string; time: string } | null;
  /** `offset_ms` is positive where the device is slow. */
  clock: { state: ClockState; offset_ms: number } | null;
  gateway: string | null;
  patient: string | null;
  attached_from: string | null;
}

export interface Patient {
  id: string;
  display_name: string;
  initials: string;
  /** Of the patient's Patient at /fhir; null until it is written. */
  fhir_id: string | null;
  identifier: string | null;
  birth_date: string | null;
  sex: string | null;
  unit: string | null;
  bed: string | null;
  registered: string;
}

export interface Bed {
  unit: string;
  bed: string;
  patient: Patient;
  devices: Device[];
  series: Series[];
}

export interface WardAnswer {
  server_time: string;
  cursor: string;
  beds: Bed[];
}

export interface PatientAnswer {
  patient: Patient;
  devices: Device[];
  series: Series[];
  server_time: string;
  cursor: string;
}

export interface Association {
  device: string;
  patient: string;
  from: string;
  to: string | null;
  origin: 'scan' | 'manual' | 'bed' | 'account';
  recorded: string;
  by: string;
}

/** Shown once: by it a device gets a certificate for a key of its own. */
export interface EnrolmentSecret {
  type: 'enrolment';
  username: string;
  code: string;
  expires: string;
  authority_pem: string;
  authority_sha256: string;
}

export type Secret =
  | EnrolmentSecret
  | { type: 'token'; username: string; password: string }
  | {
      type: 'certificate';
      certificate_pem: string;
      private_key_pem: string;
      authority_pem: string;
    };

export interface TrendSeries {
  device: string;
  channel: number;
  t: number[];
  min: number[];
  max: number[];
  mean: number[];
  last: number[];
  count: number[];
  value?: string[];
}

export interface TrendWindow {
  metric: string;
  unit: string;
  unit_shown: string;
  from: string;
  to: string;
  resolution: 'raw' | 'minute' | 'hour' | 'day';
  bucket_s: number;
  series: TrendSeries[];
}

export interface RawMessage {
  device: string;
  sender: string;
  topic: string;
  content_type: string;
  protocol: string;
  receive_time: string;
  position: string;
  size: number;
  /** Null once retention has taken the raw form; `sha256` is what is left of it then. */
  bytes: string | null;
  sha256: string | null;
}

export interface QuarantineItem {
  id: string;
  receive_time: string;
  protocol: string;
  sender: string;
  device: string | null;
  topic: string;
  content_type: string;
  size: number;
  reason: { kind: string; message: string; place: string };
  state: 'open' | 'replayed' | 'dismissed';
  decided_by: string | null;
  decided_at: string | null;
  note: string | null;
}

export type QuarantineDetail = QuarantineItem & { bytes: string };

export interface QuarantineAnswer {
  items: QuarantineItem[];
  counts: { open: number; replayed: number; dismissed: number };
  next: string | null;
}

export interface ServerStatus {
  version: string;
  server_time: string;
  started: string;
  uptime_s: number;
  log: {
    first: string;
    end: string;
    pending_bytes: number;
    commit_ms: { p50: number; p99: number };
    failing: string | null;
  };
  rates: {
    messages_s: number;
    readings_s: number;
    samples_s: number;
    bytes_s: number;
    commits_s: number;
    quarantined_s: number;
  };
  audit: {
    unwritable_since: string | null;
    why: string | null;
    held_lines: number;
    held_bytes: number;
    refusing: boolean;
    written_late: number;
    not_kept: number;
    check?: { time: string; sound: boolean; lines: number; problem: string | null } | null;
    syslog?: { collector: string; lag_lines: number; problem: string | null } | null;
  };
  consumers: { name: string; applied: string; lag_entries: number; lag_s: number }[];
  connections: { mqtt: number; http: number; live: number };
  refused: number;
  mqtt: {
    published: number;
    refused: number;
    delivered: number;
    expired: number;
    too_large: number;
    lost: number;
    overtaken: number;
    sessions_over_queue: number;
    sessions_over_all_queues: number;
    sessions_overtaken: number;
    waiting: number;
    waiting_bytes: number;
    gaps: {
      time: string;
      principal: string;
      client: string;
      messages: number;
      first: string;
      last: string;
    }[];
  };
  quarantine_open: number;
  disk: {
    free_bytes: number;
    total_bytes: number;
    files: { name: string; bytes: number }[];
  };
  memory_bytes: number;
}

export interface AuditLine {
  number: number;
  time: string;
  who: string;
  role: string;
  token: string | null;
  act: 'read' | 'write' | 'administer';
  what: string;
  everyone: boolean;
  patients: string[];
  purpose: string;
  from: string;
  permitted: boolean;
  reason: string | null;
  written_late: string | null;
}

export interface AuditAnswer {
  lines: AuditLine[];
  /** To go on before that line. */
  next: number | null;
}

export interface AuditReport {
  sound: boolean;
  lines: number;
  newest: { sequence: number; line: number; time: string } | null;
  findings: { kind: string; line: number; message: string }[];
  notes: string[];
}

/** GET /api/session/ways. */
export interface SignInWays {
  password: boolean;
  /** The hospital's own provider; null: there is none. */
  openid: { name: string } | null;
}

export interface ApiErrorBody {
  kind: string;
  message: string;
  place: string;
  /** Of "second-factor": what is shown with the code. */
  ticket?: string;
  /** Of "second-factor": what of it is set up. */
  totp?: boolean;
  passkey?: boolean;
}
