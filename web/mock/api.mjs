// The series API of the mock server.
import { randomUUID } from 'node:crypto';
import { accessRoutes } from './access.mjs';
import { alarmRoutes } from './alarm_routes.mjs';
import { appRoutes } from './apps.mjs';
import { catalogue } from './catalogue.mjs';
import { certificateRoutes } from './certificates.mjs';
import { displayRoutes } from './displays.mjs';
import { dutyRoutes } from './duties.mjs';
import { beats, rawReadings } from './past.mjs';
import { profileRoutes } from './profiles.mjs';
import { Refusal } from './refusal.mjs';
import { ruleRoutes } from './rules.mjs';
import { scoreRoutes } from './scores.mjs';
import { status } from './status.mjs';
import { whatIfRoutes } from './what_if.mjs';

const iso = (ms) => new Date(ms).toISOString();
const timeOf = (text) => (/^\d+$/.test(text) ? Number(text) : Date.parse(text));

export function sessionOf(state, request) {
  const found = /vigil_session=([^;]+)/.exec(request.headers.cookie ?? '');
  return found ? state.sessions.get(found[1]) : undefined;
}

/** Whose session it is. */
export const accountOf = (state, session) => state.access.accounts.get(session.account.username);

async function bodyOf(request) {
  let text = '';
  for await (const part of request) text += part;
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    throw new Refusal(400, 'malformed', 'The body is no JSON.');
  }
}

function signIn(state, body, response) {
  const { username, display_name, role } = state.access.signIn(body);
  const id = randomUUID();
  const session = {
    account: { username, display_name: display_name || username, role },
    csrf: randomUUID(),
    expires: iso(state.ward.now() + 12 * 3_600_000),
    version: '0.1.0',
  };
  state.sessions.set(id, session);
  response.setHeader('Set-Cookie', `vigil_session=${id}; HttpOnly; SameSite=Strict; Path=/`);
  return { ...session, server_time: iso(state.ward.now()) };
}

/** Whoever is signed in shows once more who they are. */
function again(state, session, { password }) {
  if (password !== accountOf(state, session)._password)
    throw new Refusal(403, 'wrong-password', 'The password is wrong.', 'password');
}

function find(list, id, what) {
  const found = list.find((one) => one.id === id);
  if (!found) throw new Refusal(404, 'not_found', `No ${what} ${id} here.`, what);
  return found;
}

const bare = (item) => Object.fromEntries(Object.entries(item).filter(([key]) => key !== 'bytes'));

/** Two looks at the ward, of which one was refused. */
function auditAnswer(ward, url) {
  const line = (number, more) => ({
    number,
    time: iso(ward.started + number * 1000),
    who: 'nurse',
    role: 'clinician',
    token: null,
    act: 'read',
    what: 'patient',
    everyone: false,
    patients: ['1'],
    purpose: 'treatment',
    from: '192.0.2.7:50000',
    permitted: true,
    reason: null,
    written_late: null,
    ...more,
  });
  const refused = {
    who: 'visitor',
    act: 'administer',
    what: 'accounts',
    everyone: true,
    patients: [],
    permitted: false,
    reason: 'not allowed in this role',
  };
  const who = url.searchParams.get('who') ?? '';
  return {
    lines: [line(2, refused), line(1)].filter((one) => who === '' || one.who === who),
    next: null,
  };
}

function quarantineAnswer({ ward }, url) {
  const wanted = url.searchParams.get('state') ?? 'open';
  const count = (name) => ward.quarantine.filter((item) => item.state === name).length;
  return {
    items: ward.quarantine.filter((item) => wanted === 'all' || item.state === wanted).map(bare),
    counts: { open: count('open'), replayed: count('replayed'), dismissed: count('dismissed') },
    next: null,
  };
}

function decide(ward, id, state, note) {
  const item = find(ward.quarantine, id, 'item');
  if (item.state !== 'open')
    throw new Refusal(409, 'conflict', 'Somebody has decided this already.');
  Object.assign(item, { state, note, decided_by: 'admin', decided_at: iso(ward.now()) });
  return bare(item);
}

/** The item about an unregistered sub-device can be read once that device is registered. */
function replay(ward, id) {
  const item = find(ward.quarantine, id, 'item');
  const known = ward.devices.some((device) => device.id === item.reason.place);
  if (item.reason.kind !== 'unknown_device' || !known) return { item: bare(item), readings: 0 };
  return { item: decide(ward, id, 'replayed', null), readings: 1 };
}

function register(ward, body) {
  if (!/^[\w.-]{1,64}$/.test(body.id ?? ''))
    throw new Refusal(
      400,
      'malformed',
      'A device id is 1 to 64 letters, digits, dots, dashes.',
      'id',
    );
  if (ward.devices.some((device) => device.id === body.id))
    throw new Refusal(409, 'conflict', `A device ${body.id} is registered already.`, 'id');
  return ward.register(body);
}

function admit(ward, body) {
  if (!body.display_name)
    throw new Refusal(400, 'malformed', 'A patient needs a name.', 'display_name');
  const { display_name, identifier = null, birth_date = null, unit = null, bed = null } = body;
  const initials = display_name
    .split(/\s+/)
    .map((word) => word[0])
    .join('')
    .slice(0, 2);
  const id = String(ward.patients.length + 1);
  const registered = iso(ward.now());
  const patient = {
    id,
    display_name,
    initials,
    fhir_id: null,
    identifier,
    birth_date,
    sex: null,
    unit,
    bed,
    registered,
  };
  ward.patients.push(patient);
  return patient;
}

function rawMessage(ward, url) {
  const device = find(ward.devices, url.searchParams.get('device') ?? 'monitor-01', 'device');
  const payload = '{"heart_rate": 72, "spo2": 97, "ts": "2026-11-23T12:00:00Z"}';
  return {
    device: device.id,
    sender: device.id,
    topic: `vigil/d/${device.id}/telemetry`,
    content_type: 'application/json',
    protocol: 'mqtt',
    receive_time: iso(ward.now()),
    position: url.searchParams.get('position') ?? ward.position(),
    size: payload.length,
    bytes: Buffer.from(payload).toString('base64'),
    sha256: null,
  };
}

function patientAnswer(ward, id) {
  const patient = find(ward.patients, id, 'patient');
  const { devices, series } = ward.bed(patient, ward.now());
  return { patient, devices, series, server_time: iso(ward.now()), cursor: ward.position() };
}

function windowAnswer(ward, url) {
  const get = (name) => url.searchParams.get(name) ?? '';
  const points = Math.min(10_000, Number(get('points') || 1000));
  return ward.window(get('patient'), get('metric'), timeOf(get('from')), timeOf(get('to')), points);
}

/** Readings as CSV. */
function rawCsv(ward, url) {
  const get = (name) => url.searchParams.get(name) ?? '';
  const metrics = url.searchParams.getAll('metric');
  const to = get('to') ? timeOf(get('to')) : ward.now();
  const readings = ward.readings(get('patient'), metrics, timeOf(get('from')), to);
  const columns = ['patient', 'device', 'metric', 'channel', 'value', 'unit', 'filed_time'];
  const rows = readings.map((reading) => columns.map((column) => reading[column]).join(','));
  return [columns.join(','), ...rows, ''].join('\r\n');
}

function attach(ward, id, body) {
  const device = find(ward.devices, id, 'device');
  find(ward.patients, body.patient, 'patient');
  const association = ward.attach(device, body.patient, body.from ?? iso(ward.now()));
  return { device, association, refiled: 0 };
}

function detach(ward, id) {
  const device = find(ward.devices, id, 'device');
  if (!device.patient) throw new Refusal(409, 'conflict', `${id} is on nobody.`);
  return { association: ward.detach(device), device, refiled: 0 };
}

const clockHoldsMs = 8000;

/** The device listens, and its clock is right: for as long as one looks, then there is work again. */
function setClock(ward, id) {
  const device = find(ward.devices, id, 'device');
  const { clock } = device;
  device.clock = { state: 'good', offset_ms: 3 };
  setTimeout(() => (device.clock = clock), clockHoldsMs).unref();
  return { topic: `vigil/${id}/command/set-clock`, time: iso(ward.now()) };
}

/** Where somebody lies; the bed is theirs alone. */
function move({ ward, access }, id, body) {
  const patient = access.patient(id);
  const next = { ...patient };
  for (const name of ['display_name', 'unit', 'bed'])
    if (name in body) next[name] = body[name] || (name === 'display_name' ? '' : null);
  const taken = ward.patients.some(
    (one) => one.id !== id && next.bed && one.unit === next.unit && one.bed === next.bed,
  );
  if (taken) throw new Refusal(409, 'conflict', 'another patient is in this bed', 'bed');
  Object.assign(patient, next);
  access.onReach();
  return patient;
}

/** What it takes beside being signed in; whose data it is about, of the answers about one patient. */
const needed = {
  'GET /api/ward': ['vitals', 'r'],
  'GET /api/patients': ['patients', 'r'],
  'POST /api/patients': ['patients', 'w'],
  'GET /api/patients/:id': ['patients', 'r', ({ id }) => id],
  'PATCH /api/patients/:id': ['patients', 'w', ({ id }) => id],
  'GET /api/devices': ['devices', 'r'],
  'POST /api/devices': ['devices', 'a'],
  'GET /api/devices/:id': ['devices', 'r'],
  'POST /api/devices/:id/attach': ['devices', 'w', ({ body }) => body.patient],
  'POST /api/devices/:id/detach': ['devices', 'w'],
  'POST /api/devices/:id/set-clock': ['devices', 'a'],
  'GET /api/series/raw': ['vitals', 'r', ({ url }) => url.searchParams.get('patient')],
  'GET /api/series/window': ['vitals', 'r', ({ url }) => url.searchParams.get('patient')],
  'GET /api/patients/:id/beats': ['vitals', 'r', ({ id }) => id],
  'GET /api/messages': ['vitals', 'r'],
  'GET /api/quarantine': ['unread', 'r'],
  'GET /api/quarantine/:id': ['unread', 'r'],
  'POST /api/quarantine/:id/replay': ['unread', 'w'],
  'POST /api/quarantine/:id/dismiss': ['unread', 'w'],
  'GET /api/audit': ['audit', 'a'],
  'POST /api/verify/audit': ['audit', 'a'],
  'GET /api/status': ['server', 'r'],
};

function decided(state, { needs, answer }, call) {
  if (needs) {
    const [area, act, whose] = needs;
    state.access.need(call.by, area, act);
    const patient = whose?.(call);
    if (patient) state.access.needPatient(call.by, patient);
  }
  return answer(state, call);
}

/** [method, path, answer]: `:id` stands for one part of a path. */
const routes = [
  ['GET', '/api/catalogue', () => ({ metrics: catalogue })],
  [
    'GET',
    '/api/ward',
    ({ ward, access }, { by }) => ({
      server_time: iso(ward.now()),
      cursor: ward.position(),
      beds: access
        .reached(by)
        .filter(({ bed }) => bed !== null)
        .map((patient) => ward.bed(patient, ward.now())),
    }),
  ],
  ['GET', '/api/patients', ({ access }, { by }) => ({ patients: access.reached(by), next: null })],
  ['POST', '/api/patients', ({ ward }, { body }) => admit(ward, body)],
  ['GET', '/api/patients/:id', ({ ward }, { id }) => patientAnswer(ward, id)],
  ['PATCH', '/api/patients/:id', (state, { id, body }) => move(state, id, body)],
  [
    'GET',
    '/api/devices',
    ({ ward }) => ({
      devices: ward.devices,
      server_time: iso(ward.now()),
      next: null,
    }),
  ],
  ['POST', '/api/devices', ({ ward }, { body }) => register(ward, body)],
  [
    'GET',
    '/api/devices/:id',
    ({ ward }, { id }) => ({
      device: find(ward.devices, id, 'device'),
      associations: ward.associations.filter((it) => it.device === id).reverse(),
    }),
  ],
  ['POST', '/api/devices/:id/attach', ({ ward }, { id, body }) => attach(ward, id, body)],
  ['POST', '/api/devices/:id/detach', ({ ward }, { id }) => detach(ward, id)],
  ['POST', '/api/devices/:id/set-clock', ({ ward }, { id }) => setClock(ward, id)],
  [
    'GET',
    '/api/series/raw',
    ({ ward }, { url }) =>
      (url.searchParams.get('format') === 'csv' ? rawCsv : rawReadings)(ward, url),
  ],
  ['GET', '/api/patients/:id/beats', ({ ward }, { id, url }) => beats(ward, id, url)],
  ['GET', '/api/series/window', ({ ward }, { url }) => windowAnswer(ward, url)],
  ['GET', '/api/messages', ({ ward }, { url }) => rawMessage(ward, url)],
  ['GET', '/api/quarantine', (state, { url }) => quarantineAnswer(state, url)],
  ['GET', '/api/quarantine/:id', ({ ward }, { id }) => find(ward.quarantine, id, 'item')],
  ['POST', '/api/quarantine/:id/replay', ({ ward }, { id }) => replay(ward, id)],
  [
    'POST',
    '/api/quarantine/:id/dismiss',
    ({ ward }, { id, body }) => ({
      item: decide(ward, id, 'dismissed', body.note ?? ''),
    }),
  ],
  ['GET', '/api/audit', ({ ward }, { url }) => auditAnswer(ward, url)],
  [
    'POST',
    '/api/verify/audit',
    ({ ward }) => ({
      sound: true,
      lines: 2,
      last: 2,
      checkpoints: 1,
      newest: { sequence: 1, line: 2, time: iso(ward.started) },
      findings: [],
      notes: [],
    }),
  ],
  ['GET', '/api/status', (state) => status(state)],
  ['GET', '/api/me/sessions', () => ({ sessions: [] })],
]
  .map(([method, path, answer]) => [method, path, needed[`${method} ${path}`], answer])
  .concat(
    accessRoutes,
    alarmRoutes,
    appRoutes,
    certificateRoutes,
    displayRoutes,
    dutyRoutes,
    profileRoutes,
    ruleRoutes,
    scoreRoutes,
    whatIfRoutes,
  )
  .map(([method, path, needs, answer]) => ({
    method,
    pattern: new RegExp(
      `^${path.replace(':id', '(?<id>[^/]+)').replace(':more', '(?<more>[^/]+)')}$`,
    ),
    needs,
    answer,
  }));

async function answer(state, request, url, response) {
  const session = sessionOf(state, request);
  if (url.pathname === '/api/session' && request.method === 'POST')
    return signIn(state, await bodyOf(request), response);
  if (url.pathname === '/api/session/ways') return { password: true, openid: null };
  if (!session) throw new Refusal(401, 'unauthenticated', 'Sign in first.');
  if (request.method !== 'GET' && request.headers['x-vigil-csrf'] !== session.csrf)
    throw new Refusal(403, 'forbidden', 'X-Vigil-CSRF is missing or wrong.');
  if (url.pathname === '/api/session' && request.method === 'GET')
    return { ...session, server_time: iso(state.ward.now()) };
  if (url.pathname === '/api/session' && request.method === 'DELETE') {
    for (const [id, known] of state.sessions) if (known === session) state.sessions.delete(id);
    return undefined;
  }
  if (url.pathname === '/api/session/again' && request.method === 'POST')
    return again(state, session, await bodyOf(request));
  for (const route of routes) {
    const found = route.pattern.exec(url.pathname);
    if (!found || route.method !== request.method) continue;
    const { id = '', more = '' } = found.groups ?? {};
    return decided(state, route, {
      id: decodeURIComponent(id),
      more: decodeURIComponent(more),
      url,
      body: await bodyOf(request),
      by: accountOf(state, session),
    });
  }
  throw new Refusal(404, 'not_found', 'No such path.');
}

/** Line by line as it is worked out, until whoever asked goes away. */
async function answerLines(state, lines, response) {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  state.isAsking = true;
  for await (const line of lines) {
    if (response.destroyed) break;
    response.write(`${JSON.stringify(line)}\n`);
  }
  state.isAsking = false;
  response.end();
}

export async function answerApi(state, request, url, response) {
  response.setHeader('Cache-Control', 'no-store');
  try {
    const body = await answer(state, request, url, response);
    if (body?.lines?.[Symbol.asyncIterator]) {
      await answerLines(state, body.lines, response);
      return;
    }
    const status = body === undefined ? 204 : body.secret || body.token ? 201 : 200;
    const csv = typeof body === 'string';
    response.writeHead(status, { 'Content-Type': csv ? 'text/csv' : 'application/json' });
    response.end(csv || body === undefined ? body : JSON.stringify(body));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, kind, message, place } = error;
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: { kind, message, place } }));
  }
}
