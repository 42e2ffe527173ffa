// The browser tests: first against the mock server, then against the real one where it is built.
//   node tests/e2e/run.mjs            both
//   node tests/e2e/run.mjs mock|real  one of them
//   VIGIL_URL=… VIGIL_PASSWORD=… node tests/e2e/run.mjs   a server that is running
// A file name or part of one after that runs only those: node tests/e2e/run.mjs mock ward
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startMock } from '../../web/mock/server.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const vigil = fileURLToPath(new URL('../../build/release/vigil', import.meta.url));
const dist = fileURLToPath(new URL('../../web/dist/index.html', import.meta.url));
const readyMs = 30_000;
const stopMs = 10_000;

function runFile(file, env) {
  const options = ['--test', '--test-reporter=spec', join(here, file)];
  return new Promise((done) => {
    spawn(process.execPath, options, { env, stdio: 'inherit' }).on('exit', (code) =>
      done(code ?? 1),
    );
  });
}

/**
 * Runs each file by `run`. One that fails is run once more, and says so: a browser on a busy machine is
 * not on time.
 */
async function runTests(run, part) {
  const files = readdirSync(here).filter(
    (name) => name.endsWith('.test.mjs') && name.includes(part),
  );
  let failed = 0;
  for (const file of files) {
    if ((await run(file)) === 0) continue;
    console.log(`# ${file} failed once: again`);
    if ((await run(file)) !== 0) failed += 1;
  }
  return failed === 0 ? 0 : 1;
}

/** The addresses that `vigil serve` prints once it is ready. */
function readAddresses(server) {
  return new Promise((found, failed) => {
    const late = setTimeout(() => failed(new Error('vigil serve did not get ready')), readyMs);
    server.on('exit', (code) => failed(new Error(`vigil serve ended with ${code}`)));
    createInterface({ input: server.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const said = JSON.parse(line);
      if (!said.ready) return;
      clearTimeout(late);
      found(said.addresses);
    });
  });
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.on('exit', done));
  child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(impatient);
}

/** A ward of its own for each run: what the last one left must not decide what this one finds. */
async function againstMock(file) {
  const mock = await startMock({ beds: 12, password: 'mock' });
  const told = { VIGIL_URL: mock.url, VIGIL_PASSWORD: 'mock', VIGIL_MOCK: '1' };
  try {
    return await runFile(file, { ...process.env, ...told });
  } finally {
    await mock.stop();
  }
}

/** A `vigil` command on the idle data folder: its JSON answer. */
function operate(env, data, ...words) {
  const said = execFileSync(vigil, [...words, '--data', data, '--json'], { env, encoding: 'utf8' });
  return JSON.parse(said);
}

async function againstVigil(part) {
  const data = mkdtempSync(join(tmpdir(), 'vigil-e2e-'));
  const password = 'correct horse battery staple';
  const env = {
    ...process.env,
    VIGIL_ADMIN_PASSWORD: password,
    // So little in memory that a screen cut off for seconds reads the log (resume.test.mjs).
    VIGIL_LIVE_RING_FOR: '2s',
  };
  operate(env, data, 'account', 'add', 'simulator', '--role', 'service');
  const scopes = ['--scope', 'system/*.cruds', '--scope', 'vigil/administer'];
  const { token } = operate(env, data, 'account', 'token', 'simulator', '--name', 'e2e', ...scopes);
  const off = ['--https', 'off', '--mqtts', 'off'];
  const on = ['--http', '127.0.0.1:0', '--mqtt', '127.0.0.1:0'];
  const server = spawn(vigil, ['serve', '--data', data, ...on, ...off], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const children = [server];
  try {
    const { http, mqtt } = await readAddresses(server);
    const url = `http://${http}`;
    const play = ['simulate', '--beds', '8', '--server', url, '--api-token', token, '--mqtt', mqtt];
    children.push(spawn(vigil, play, { env, stdio: ['ignore', 'ignore', 'inherit'] }));
    const told = { VIGIL_URL: url, VIGIL_PASSWORD: password, VIGIL_MQTT: mqtt };
    return await runTests((file) => runFile(file, { ...process.env, ...told }), part);
  } finally {
    for (const child of children.reverse()) await stop(child);
    rmSync(data, { recursive: true, force: true });
  }
}

const [first = '', second = ''] = process.argv.slice(2);
const which = ['mock', 'real'].includes(first) ? first : 'both';
const part = which === 'both' ? first : second;
if (!existsSync(dist) && !process.env.VIGIL_URL) {
  console.error('web/dist is not built: npm ci --prefix web && npm run build --prefix web');
  process.exit(2);
}
if (process.env.VIGIL_URL) process.exit(await runTests((file) => runFile(file, process.env), part));
let code = 0;
if (which !== 'real') code = await runTests(againstMock, part);
if (code === 0 && which !== 'mock') {
  if (existsSync(vigil)) code = await againstVigil(part);
  else if (which === 'real') {
    console.error(`${vigil} is not built: ./dev build`);
    code = 2;
  } else console.log('# build/release/vigil is not built: tested against the mock server alone');
}
process.exit(code);
