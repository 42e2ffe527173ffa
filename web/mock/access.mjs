// Who may do what in the mock: accounts, care relations and the decision, by data/roles.tsv as the
// server does it.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { forbidden, notFound, Refusal } from './refusal.mjs';

const iso = (ms) => new Date(ms).toISOString();

function readRoles() {
  const text = readFileSync(new URL('../../data/roles.tsv', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const [[, , , , ...areas], ...rows] = lines.map((line) => line.split('\t'));
  return new Map(
    rows.map(([role, reach, emergency, , ...acts]) => [
      role,
      {
        reach,
        emergency: emergency === 'yes',
        may: Object.fromEntries(areas.map((area, i) => [area, acts[i] ?? '']).filter(([, a]) => a)),
      },
    ]),
  );
}
const roles = readRoles();

const passwordLengthMin = 15;
const neededFor = {
  'care-team': ['patients', 'w'],
  caregiver: ['consents', 'w'],
  self: ['accounts', 'a'],
  emergency: ['accounts', 'a'],
};
const isFor = {
  'care-team': (role) => ['units', 'everyone'].includes(roles.get(role).reach),
  caregiver: (role) => ['patient', 'caregiver'].includes(role),
  self: (role) => role === 'patient',
};

/** As of docs/reference/series-api.md, Account and Relation; what begins with _ is not sent. */
export const shown = (it) =>
  Object.fromEntries(Object.entries(it).filter(([name]) => !name.startsWith('_')));

export class MockAccess {
  constructor(ward, password) {
    Object.assign(this, { ward, accounts: new Map(), relations: [], tokens: [] });
    this.standing = new Map();
    /** The Consent of a patient that keeps everything of theirs from an account; null: none does. */
    this.closedBy = () => null;
    this.onReach = () => undefined;
    this.onEnded = () => undefined;
    this.put({ username: 'admin', display_name: 'Administrator', role: 'administrator', password });
  }

  put({ username, display_name = '', role, units = [], fhir_user = '', password }) {
    const account = {
      username,
      display_name,
      role,
      units,
      fhir_user,
      enabled: true,
      second_factor: false,
      registered: iso(this.ward.now()),
      _password: password,
    };
    this.accounts.set(username, account);
    return shown(account);
  }

  signIn({ username, password }) {
    const account = this.accounts.get(username);
    if (!account?.enabled || account._password === undefined || account._password !== password)
      throw new Refusal(401, 'unauthenticated', 'User name or password is wrong.');
    return account;
  }

  // --- The decision

  may(account, area, act) {
    return roles.get(account.role).may[area]?.includes(act) ?? false;
  }

  need(account, area, act) {
    if (!this.may(account, area, act)) throw forbidden('not allowed in this role');
  }

  relationsNow(account) {
    const now = this.ward.now();
    return this.relations.filter(
      (one) =>
        one.account === account.username &&
        Date.parse(one.from) <= now &&
        (one.to === null || now < Date.parse(one.to)),
    );
  }

  everyone({ role, units }) {
    return roles.get(role).reach === 'everyone' && units.length === 0;
  }

  /** The Consent that stands between them: never for the patient's own account, nor in an emergency. */
  withheldBy(account, patient) {
    const open = this.relationsNow(account).some(
      ({ kind, patient: id }) => id === patient.id && (kind === 'self' || kind === 'emergency'),
    );
    return open ? null : this.closedBy(account, patient);
  }

  reaches(account, patient) {
    return this.hasInCare(account, patient) && this.withheldBy(account, patient) === null;
  }

  hasInCare(account, patient) {
    if (this.everyone(account)) return true;
    const { reach } = roles.get(account.role);
    if (reach === 'nobody') return false;
    const ofUnit = ['everyone', 'units'].includes(reach) && account.units.includes(patient.unit);
    return ofUnit || this.relationsNow(account).some((one) => one.patient === patient.id);
  }

  patient(id) {
    const found = this.ward.patients.find((one) => one.id === id);
    if (!found) throw notFound(`No patient ${id} here.`, 'patient');
    return found;
  }

  needPatient(account, id) {
    const patient = this.patient(id);
    if (!this.hasInCare(account, patient)) throw forbidden('this patient is not in your care');
    const consent = this.withheldBy(account, patient);
    if (consent !== null) throw forbidden(`the patient does not permit it (${consent})`);
  }

  reached(account) {
    return this.ward.patients.filter((patient) => this.reaches(account, patient));
  }

  me(account) {
    const { emergency, may } = roles.get(account.role);
    const { username, display_name, role, units } = account;
    return {
      username,
      display_name: display_name || username,
      role,
      units,
      everyone: this.everyone(account),
      emergency,
      may,
      relations: this.relationsNow(account),
      ...(may.audit?.includes('a') && {
        emergencies_to_review: this.emergencies('open').emergencies.filter(
          (one) => one.account !== username,
        ).length,
      }),
      fresh: true,
      password_characters_min: passwordLengthMin,
      second_factor: { asked: false, totp: null, passkeys: [], recovery_codes_left: 0 },
    };
  }

  // --- Accounts

  named(name) {
    const account = this.accounts.get(name);
    if (!account) throw notFound('no such account here', 'account');
    return account;
  }

  add(body) {
    if (!roles.has(body.role)) throw new Refusal(400, 'malformed', 'takes a role', 'role');
    if (!/^[\w.@-]{1,64}$/.test(body.username ?? ''))
      throw new Refusal(400, 'malformed', 'a user name is letters, digits, . - _', 'username');
    if (this.accounts.has(body.username))
      throw new Refusal(409, 'conflict', 'this account is there already', 'username');
    this.checkFhirUser(body.fhir_user ?? '');
    if (body.role !== 'service') this.checkPassword(body.password ?? '');
    return this.put(body);
  }

  checkFhirUser(reference) {
    if (
      !/^((Practitioner|PractitionerRole|RelatedPerson|Organization)\/[A-Za-z0-9.-]{1,64})?$/.test(
        reference,
      )
    )
      throw new Refusal(
        400,
        'malformed',
        'takes a reference such as Practitioner/12 (or PractitionerRole, RelatedPerson, Organization)',
        'fhir_user',
      );
  }

  checkPassword(password) {
    if (password.length < passwordLengthMin)
      throw new Refusal(400, 'malformed', 'a password has 15 characters or more', 'password');
  }

  change(name, body) {
    const account = this.named(name);
    this.checkFhirUser(body.fhir_user ?? '');
    const administrators = [...this.accounts.values()].filter(
      (one) => one.role === 'administrator' && one.enabled && one !== account,
    );
    const stays =
      (body.role ?? account.role) === 'administrator' && (body.enabled ?? account.enabled);
    if (administrators.length === 0 && account.role === 'administrator' && !stays)
      throw new Refusal(409, 'conflict', 'this would leave no administrator');
    if (body.password !== undefined) this.checkPassword(body.password);
    const ends =
      body.enabled === false ||
      body.password !== undefined ||
      (body.role ?? account.role) !== account.role;
    const { display_name, role, units, fhir_user, enabled, password } = body;
    for (const [key, value] of Object.entries({ display_name, role, units, fhir_user, enabled }))
      if (value !== undefined) account[key] = value;
    if (password !== undefined) account._password = password;
    if (ends) this.onEnded(name);
    this.onReach();
    return shown(account);
  }

  tokensOf(name) {
    this.named(name);
    return { tokens: this.tokens.filter((one) => one._account === name).map(shown) };
  }

  addToken(name, { name: what, scopes, expires = null }) {
    this.named(name);
    if (!scopes?.length) throw new Refusal(400, 'malformed', 'say what the token may do', 'scopes');
    for (const scope of scopes)
      if (
        scope !== 'vigil/administer' &&
        !/^(user|system)\/(\*|[A-Z][A-Za-z]+)\.c?r?u?d?s?$/.test(scope)
      )
        throw new Refusal(422, 'unsupported', `${scope} is no scope of a token`, 'scopes');
    const issued = iso(this.ward.now());
    const id = this.tokens.length + 1;
    this.tokens.push({ id, name: what, scopes, issued, expires, _account: name });
    return { token: `vigil_${randomUUID()}` };
  }

  revokeToken(name, id) {
    const at = this.tokens.findIndex((one) => one._account === name && String(one.id) === id);
    if (at < 0) throw notFound('no such token here', 'token');
    this.tokens.splice(at, 1);
  }

  // --- Privacy (nothing is erased here)

  privacy(patient) {
    return { patient, hold: null, restriction: null, ...this.standing.get(patient) };
  }

  setStanding(patient, what, by, reason) {
    const value = by === null ? null : { since: iso(this.ward.now()), by: by.username, reason };
    this.standing.set(patient, { ...this.privacy(patient), [what]: value });
    return this.privacy(patient);
  }

  // --- Care relations

  give(account, patient, kind, { from, to = null, reason = null }) {
    const relation = {
      id: this.relations.length + 1,
      account: account.username,
      display_name: account.display_name,
      role: account.role,
      patient,
      kind,
      from: from ?? iso(this.ward.now()),
      to,
      reason: reason || null,
      review: null,
    };
    this.relations.push(relation);
    this.onReach();
    return relation;
  }

  relate(by, id, body) {
    const needed = neededFor[body.kind];
    if (!needed || body.kind === 'emergency')
      throw new Refusal(400, 'malformed', 'takes self, caregiver or care-team', 'kind');
    const account = this.named(body.account);
    this.need(by, ...needed);
    this.needPatient(by, id);
    if (!isFor[body.kind](account.role))
      throw new Refusal(
        422,
        'unsupported',
        'a relation of this kind is not for an account of that role',
        'kind',
      );
    const own = this.relationsNow(account).some((one) => one.kind === 'self');
    if (body.kind === 'self' && own)
      throw new Refusal(409, 'conflict', 'this account is a patient’s already', 'account');
    return this.give(account, id, body.kind, body);
  }

  relation(id) {
    const found = this.relations.find((one) => String(one.id) === id);
    if (!found) throw notFound('no such care relation here', 'relation');
    return found;
  }

  end(by, id) {
    const relation = this.relation(id);
    if (relation.account !== by.username) {
      this.need(by, ...neededFor[relation.kind]);
      this.needPatient(by, relation.patient);
    }
    const now = this.ward.now();
    if (relation.to !== null && Date.parse(relation.to) <= now)
      throw new Refusal(409, 'conflict', 'this care relation has ended already', 'relation');
    relation.to = iso(now);
    this.onReach();
    return relation;
  }

  breakGlass(by, id, { reason = '', password, minutes = 240 }) {
    this.patient(id);
    if (reason.trim() === '')
      throw new Refusal(400, 'malformed', 'say why: somebody will read it', 'reason');
    if (!roles.get(by.role).emergency) throw forbidden('not allowed in this role', 'patient');
    if (password !== by._password) throw forbidden('the password is wrong', 'password');
    const to = iso(this.ward.now() + minutes * 60_000);
    return this.give(by, id, 'emergency', { reason, to });
  }

  emergencies(state) {
    return {
      emergencies: this.relations.filter(
        (one) => one.kind === 'emergency' && (state === 'all' || one.review === null),
      ),
    };
  }

  review(by, id, { finding = '' }) {
    const relation = this.relation(id);
    if (relation.account === by.username)
      throw forbidden('nobody reviews their own emergency access', 'relation');
    if (relation.review)
      throw new Refusal(409, 'conflict', 'somebody has reviewed this already', 'relation');
    if (finding.trim() === '') throw new Refusal(400, 'malformed', 'say what you found', 'finding');
    relation.review = { by: by.username, time: iso(this.ward.now()), finding };
    return relation;
  }
}

/** [method, path, needed area and act, answer]: `:id` and `:more` stand for one part of a path. */
export const accessRoutes = [
  ['GET', '/api/me', null, ({ access }, { by }) => access.me(by)],
  [
    'GET',
    '/api/accounts',
    ['accounts', 'r'],
    ({ access }) => ({ accounts: [...access.accounts.values()].map(shown) }),
  ],
  ['POST', '/api/accounts', ['accounts', 'a'], ({ access }, { body }) => access.add(body)],
  [
    'PATCH',
    '/api/accounts/:id',
    ['accounts', 'a'],
    ({ access }, { id, body }) => access.change(id, body),
  ],
  [
    'DELETE',
    '/api/accounts/:id/sessions',
    ['accounts', 'a'],
    ({ access }, { id }) => ({ ended: access.onEnded(access.named(id).username) }),
  ],
  [
    'GET',
    '/api/accounts/:id/tokens',
    ['accounts', 'a'],
    ({ access }, { id }) => access.tokensOf(id),
  ],
  [
    'POST',
    '/api/accounts/:id/tokens',
    ['accounts', 'a'],
    ({ access }, { id, body }) => access.addToken(id, body),
  ],
  [
    'DELETE',
    '/api/accounts/:id/tokens/:more',
    ['accounts', 'a'],
    ({ access }, { id, more }) => access.revokeToken(id, more),
  ],
  [
    'GET',
    '/api/patients/:id/relations',
    ['patients', 'r'],
    ({ access }, { id, by }) => {
      access.needPatient(by, id);
      return { relations: access.relations.filter((one) => one.patient === id) };
    },
  ],
  [
    'GET',
    '/api/patients/:id/privacy',
    ['patients', 'r'],
    ({ access }, { id }) => access.privacy(id),
  ],
  ...['hold', 'restriction'].flatMap((what) => [
    [
      'POST',
      `/api/patients/:id/${what}`,
      ['patients', 'a'],
      ({ access }, { id, by, body }) => access.setStanding(id, what, by, body.reason),
    ],
    [
      'DELETE',
      `/api/patients/:id/${what}`,
      ['patients', 'a'],
      ({ access }, { id }) => access.setStanding(id, what, null),
    ],
  ]),
  [
    'POST',
    '/api/patients/:id/relations',
    null,
    ({ access }, { id, by, body }) => access.relate(by, id, body),
  ],
  [
    'POST',
    '/api/patients/:id/emergency-access',
    null,
    ({ access }, { id, by, body }) => access.breakGlass(by, id, body),
  ],
  ['DELETE', '/api/relations/:id', null, ({ access }, { id, by }) => access.end(by, id)],
  [
    'GET',
    '/api/emergencies',
    ['accounts', 'r'],
    ({ access }, { url }) => access.emergencies(url.searchParams.get('state') ?? 'open'),
  ],
  [
    'POST',
    '/api/emergencies/:id/review',
    ['audit', 'a'],
    ({ access }, { id, by, body }) => access.review(by, id, body),
  ],
];
