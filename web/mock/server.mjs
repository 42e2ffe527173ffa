// A stand-in for the server: speaks docs/reference/series-api.md, live-stream.md and some FHIR about a
// made-up ward, and serves web/dist under the real content security policy. For tests and development.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MockAccess } from './access.mjs';
import { alarmStream } from './alarm_live.mjs';
import { MockAlarms } from './alarms.mjs';
import { MockApps } from './apps.mjs';
import { accountOf, answerApi, sessionOf } from './api.mjs';
import { closedBy } from './consents.mjs';
import { answerFhir } from './fhir.mjs';
import { liveStream } from './live.mjs';
import { MockRecord } from './record.mjs';
import { MockWard } from './ward.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

async function serveFile(path, response) {
  const name = extname(path) ? normalize(path).replace(/^(\.\.[/\\])+/, '') : 'index.html';
  try {
    const body = await readFile(join(dist, name));
    response.writeHead(200, {
      'Content-Type': types[extname(name)] ?? 'application/octet-stream',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': name.startsWith('/assets') ? 'max-age=31536000, immutable' : 'no-cache',
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** An app sends a person here; a wrong one is told so, and nobody is sent anywhere. */
function beginApp(apps, url, response) {
  const to = apps.begin(url.searchParams);
  if (to) response.writeHead(302, { Location: to }).end();
  else response.writeHead(400, { 'Content-Type': 'text/plain' }).end('No such app or address.');
}

/** Rights that end, end at once. */
function endSessions({ sessions, viewers, alarmViewers }, username) {
  const ended = [...sessions].filter(([, { account }]) => account.username === username);
  for (const [id] of ended) sessions.delete(id);
  for (const viewer of [...viewers, ...alarmViewers])
    if (viewer.account.username === username) viewer.end();
  return ended.length;
}

/** With `alarms`: some stand from the beginning. */
export async function startMock({
  beds = 12,
  port = 0,
  password = 'vigil',
  alarms: withAlarms = false,
} = {}) {
  const ward = new MockWard({ beds });
  const access = new MockAccess(ward, password);
  const apps = new MockApps(ward, access);
  const record = new MockRecord(ward.patients, ward.now());
  const alarms = new MockAlarms(ward, withAlarms);
  const state = { ward, access, apps, record, alarms, sessions: new Map() };
  Object.assign(state, { viewers: new Set(), alarmViewers: new Set() });
  access.closedBy = (account, patient) => closedBy(record, account, patient, ward.now());
  access.onReach = () =>
    [...state.viewers, ...state.alarmViewers].forEach((viewer) => viewer.renew());
  access.onEnded = (username) => endSessions(state, username);
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://mock');
    if (url.pathname.startsWith('/api/')) void answerApi(state, request, url, response);
    else if (url.pathname.startsWith('/fhir/'))
      void answerFhir(state, request, url, response, sessionOf(state, request));
    else if (url.pathname === '/oauth/authorize') beginApp(apps, url, response);
    else void serveFile(url.pathname, response);
  });
  const whose = (request) => {
    const session = sessionOf(state, request);
    return session && accountOf(state, session);
  };
  const stopStreams = [liveStream(state, server, whose), alarmStream(state, server, whose)];
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    ward: state.ward,
    alarms,
    /** How long the mock works out each line of a what-if. */
    set whatIfMs(ms) {
      state.whatIfMs = ms;
    },
    alarmViewers: state.alarmViewers,
    async stop() {
      for (const stop of stopStreams) stop();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const beds = Number(process.env.MOCK_BEDS ?? 12);
  const port = Number(process.env.MOCK_PORT ?? 0);
  const mock = await startMock({ beds, port, alarms: true });
  console.log(
    JSON.stringify({ ready: true, addresses: { http: mock.url.slice('http://'.length) } }),
  );
}
