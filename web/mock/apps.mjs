// Apps in the mock: registered, asking, granted, opened, as docs/reference/oauth.md has it. No tokens: a
// code that is given leads nowhere.
import { randomUUID } from 'node:crypto';
import { shown } from './access.mjs';
import { forbidden, notFound, Refusal } from './refusal.mjs';

const iso = (ms) => new Date(ms).toISOString();
const askedMs = 600_000;
const grantedMs = 90 * 86_400_000;
const kinds = ['public', 'confidential', 'service'];
const known =
  /^(openid|fhirUser|offline_access|online_access|launch(\/patient|\/encounter)?|(patient|user|system)\/(\*|[A-Z][A-Za-z]*)\.c?r?u?d?s?(\?.+)?)$/;

const malformed = (message, place) => new Refusal(400, 'malformed', message, place);

function isWeb(text) {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}

function checkRedirects(uris) {
  if (uris.length === 0) throw malformed('needs a redirect address', 'redirect_uris');
  uris.forEach((uri, i) => {
    const place = `redirect_uris[${i}]`;
    try {
      const { protocol, hash } = new URL(uri);
      if (hash) throw malformed('a redirect address has no fragment', place);
      if (protocol === 'javascript:') throw malformed('this is not an address', place);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw malformed(`${uri} is not an address`, place);
    }
  });
}

/** Of an app as it is to be: its keys, or the address of them. */
function checkKeys({ keys, jwks_uri }, jwks) {
  if (jwks_uri && !isWeb(jwks_uri)) throw malformed('is not an address', 'jwks_uri');
  if (keys > 0 === Boolean(jwks_uri))
    throw malformed('give its public keys, or the address of them: one of the two', 'jwks');
  if (!jwks) return;
  if (!Array.isArray(jwks?.keys)) throw malformed('has no “keys”', 'jwks');
  if (jwks.keys.some((key) => 'd' in key))
    throw malformed('this key is private: keep it, and paste its public half', 'jwks.keys[0].d');
}

export class MockApps {
  constructor(ward, access) {
    Object.assign(this, { ward, access, apps: [], grants: [] });
    this.asked = new Map();
    /** Which patient an app was opened for, by the launch that it was given. */
    this.launched = new Map();
    access.put({ username: 'reports', display_name: 'Nightly reports', role: 'service' });
    this.register({
      client_id: 'growth',
      name: 'Growth chart',
      kind: 'public',
      redirect_uris: ['https://growth.example/callback'],
      launch_uri: 'https://growth.example/launch',
      scopes: [
        'launch',
        'launch/patient',
        'openid',
        'fhirUser',
        'offline_access',
        'patient/Patient.r',
        'patient/Observation.rs',
        'patient/Condition.cruds',
        'user/Observation.rs',
      ],
    });
  }

  // --- Administration

  shown(app) {
    const grants = this.grants.filter((one) => one.client_id === app.client_id).length;
    return { ...app, grants };
  }

  named(id) {
    const found = this.apps.find((one) => one.client_id === id);
    if (!found) throw notFound('no such app here', 'app');
    return found;
  }

  check(app, body) {
    if (!app.name) throw malformed('an app needs a name', 'name');
    for (const [i, scope] of app.scopes.entries())
      if (!known.test(scope)) throw malformed(`${scope} is no scope`, `scopes[${i}]`);
    if (app.kind !== 'service') checkRedirects(app.redirect_uris);
    if (app.launch_uri && !isWeb(app.launch_uri))
      throw malformed('is not an address', 'launch_uri');
    if (app.kind !== 'public') checkKeys(app, body.jwks);
    if (app.kind === 'service' && this.access.accounts.get(app.account)?.role !== 'service')
      throw malformed('is no service account', 'account');
  }

  register(body) {
    if (!kinds.includes(body.kind)) throw malformed('takes a kind of app', 'kind');
    if (this.apps.some((one) => one.client_id === body.client_id))
      throw new Refusal(409, 'conflict', 'this client id is taken', 'client_id');
    const app = {
      client_id: body.client_id ?? `app-${randomUUID().slice(0, 8)}`,
      name: body.name ?? '',
      kind: body.kind,
      redirect_uris: body.redirect_uris ?? [],
      launch_uri: body.launch_uri ?? null,
      jwks_uri: body.jwks_uri ?? null,
      keys: body.jwks?.keys?.length ?? 0,
      scopes: body.scopes ?? [],
      account: body.account ?? null,
      enabled: true,
      registered: iso(this.ward.now()),
    };
    this.check(app, body);
    this.apps.push(app);
    return this.shown(app);
  }

  change(id, body) {
    const app = this.named(id);
    const next = { ...app };
    for (const name of ['name', 'redirect_uris', 'launch_uri', 'jwks_uri', 'scopes', 'account'])
      if (name in body) next[name] = body[name];
    if ('jwks' in body) next.keys = body.jwks?.keys?.length ?? 0;
    this.check(next, body);
    if (body.enabled !== undefined) next.enabled = body.enabled;
    Object.assign(app, next);
    // What was given to the app as it was holds no longer.
    this.grants = this.grants.filter((one) => one.client_id !== id);
    return this.shown(app);
  }

  // --- Asking (RFC 6749 4.1.1)

  /** Where the browser is sent; null: a wrong client or address, which is never redirected to. */
  begin(search) {
    const app = this.apps.find((one) => one.client_id === search.get('client_id') && one.enabled);
    const redirect = search.get('redirect_uri');
    if (!app?.redirect_uris.includes(redirect)) return null;
    const id = randomUUID();
    this.asked.set(id, {
      app,
      redirect,
      state: search.get('state') ?? '',
      scopes: (search.get('scope') ?? '').split(' ').filter(Boolean),
      launched: this.launched.get(search.get('launch')) ?? null,
      expires: this.ward.now() + askedMs,
    });
    return `/authorize/${id}`;
  }

  open(id) {
    const asked = this.asked.get(id);
    if (!asked || asked.expires <= this.ward.now())
      throw notFound('nothing is asked here any more', 'authorization');
    return asked;
  }

  asking(by, id) {
    const { app, redirect, scopes, launched, expires } = this.open(id);
    const granted = scopes.filter((scope) => known.test(scope) && app.scopes.includes(scope));
    const own = this.access.relationsNow(by).find(({ kind }) => kind === 'self');
    const patient = launched ?? (own ? String(own.patient) : null);
    const { client_id, name, kind } = app;
    const url = new URL(redirect);
    return {
      id,
      app: { client_id, name, kind, redirect_host: url.host || url.protocol },
      scopes: granted,
      refused: scopes.filter((scope) => !granted.includes(scope)),
      patient,
      needs_patient:
        patient === null &&
        granted.some((scope) => scope === 'launch/patient' || scope.startsWith('patient/')),
      expires: iso(expires),
    };
  }

  decide(by, id, { decision, scopes = [], patient = null }) {
    const { app, redirect, state } = this.open(id);
    const asking = this.asking(by, id);
    const answer = new URL(redirect);
    if (decision === 'allow') {
      if (scopes.some((scope) => !asking.scopes.includes(scope)))
        throw forbidden('more than was asked for', 'scopes');
      const whom = asking.patient ?? patient;
      if (asking.needs_patient && whom === null) throw malformed('choose a patient', 'patient');
      if (whom !== null) this.access.needPatient(by, String(whom));
      this.grants.push({
        grant: this.grants.length + 1,
        client_id: app.client_id,
        name: app.name,
        scopes,
        patient: whom === null ? null : String(whom),
        given: iso(this.ward.now()),
        expires: iso(this.ward.now() + grantedMs),
        _account: by.username,
      });
      answer.searchParams.set('code', randomUUID());
    } else answer.searchParams.set('error', 'access_denied');
    if (state) answer.searchParams.set('state', state);
    this.asked.delete(id);
    return { redirect: answer.href };
  }

  // --- One's own, and from a patient's page

  ofAccount({ username }) {
    const own = this.grants.filter((one) => one._account === username);
    return { apps: own.map(shown) };
  }

  end(by, id) {
    const at = this.grants.findIndex(
      (one) => String(one.grant) === id && one._account === by.username,
    );
    if (at < 0) throw notFound('no such grant here', 'grant');
    this.grants.splice(at, 1);
  }

  launchable() {
    const apps = this.apps.filter(({ launch_uri, enabled }) => launch_uri && enabled);
    return { apps: apps.map(({ client_id, name }) => ({ client_id, name })) };
  }

  launch(by, { client_id, patient }, origin) {
    const app = this.named(client_id);
    this.access.needPatient(by, String(patient));
    const launch = randomUUID();
    this.launched.set(launch, String(patient));
    const url = new URL(app.launch_uri);
    url.searchParams.set('iss', `${origin}/fhir`);
    url.searchParams.set('launch', launch);
    return { url: url.href };
  }
}

/** As in access.mjs. */
export const appRoutes = [
  [
    'GET',
    '/api/apps',
    ['accounts', 'a'],
    ({ apps }) => ({ apps: apps.apps.map((app) => apps.shown(app)) }),
  ],
  ['POST', '/api/apps', ['accounts', 'a'], ({ apps }, { body }) => apps.register(body)],
  ['PATCH', '/api/apps/:id', ['accounts', 'a'], ({ apps }, { id, body }) => apps.change(id, body)],
  ['GET', '/api/authorizations/:id', null, ({ apps }, { by, id }) => apps.asking(by, id)],
  [
    'POST',
    '/api/authorizations/:id',
    null,
    ({ apps }, { by, id, body }) => apps.decide(by, id, body),
  ],
  ['GET', '/api/launches', null, ({ apps }) => apps.launchable()],
  [
    'POST',
    '/api/launches',
    null,
    ({ apps }, { by, body, url }) => apps.launch(by, body, url.origin),
  ],
  ['GET', '/api/me/apps', null, ({ apps }, { by }) => apps.ofAccount(by)],
  ['DELETE', '/api/me/apps/:id', null, ({ apps }, { by, id }) => apps.end(by, id)],
];
