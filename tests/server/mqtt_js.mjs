// What clients_test.py asks of MQTT.js: it is told on standard input, and answers on standard output.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const mqtt = require('mqtt');
const told = JSON.parse(await text(process.stdin));
const open = [];

async function connect(clientId, more = {}) {
  const client = await mqtt.connectAsync(told.url, {
    clientId,
    username: told.username,
    password: told.password,
    protocolVersion: told.version,
    ca: told.authority,
    reconnectPeriod: 0,
    ...more,
  });
  client.seen = [];
  client.waiting = [];
  client.on('message', (topic, payload) => {
    client.seen.push(payload.toString());
    client.waiting = client.waiting.filter(({ count, done }) =>
      client.seen.length < count ? true : void done(client.seen.slice(0, count)),
    );
  });
  open.push(client);
  return client;
}

const messages = (client, count) =>
  new Promise((done) => {
    if (client.seen.length >= count) done(client.seen.slice(0, count));
    else client.waiting.push({ count, done });
  });

async function talk() {
  const client = await connect('js');
  await client.subscribeAsync('vigil/probe/echo', { qos: 2 });
  for (const qos of [0, 1, 2]) {
    const value = told.value + qos;
    const reading = JSON.stringify({ heart_rate: value, seq: value });
    await client.publishAsync('vigil/probe/telemetry', reading, { qos });
    await client.publishAsync('vigil/probe/echo', `${qos}`, { qos });
  }
  const echoes = await messages(client, 3);
  await client.publishAsync('vigil/probe/state', 'ready', { qos: 1, retain: true });
  const watcher = await connect('js-watcher');
  await watcher.subscribeAsync('vigil/probe/state', { qos: 1 });
  const [retained] = await messages(watcher, 1);
  await watcher.subscribeAsync('vigil/probe/will', { qos: 1 });
  const will = { topic: 'vigil/probe/will', payload: 'lost', qos: 1 };
  const dying = await connect('js-dying', { will });
  dying.stream.destroy();
  const [, lost] = await messages(watcher, 2);
  return { echoes, retained, will: lost };
}

async function share() {
  const members = await Promise.all([1, 2].map((n) => connect(`js-${n}`, told.bus)));
  for (const member of members) await member.subscribeAsync('$share/pair/site/jobs', { qos: 1 });
  const all = new Promise((done) => {
    const look = () =>
      members.reduce((sum, member) => sum + member.seen.length, 0) >= 20 ? done() : setTimeout(look, 5);
    look();
  });
  for (let job = 0; job < 20; job += 1)
    await members[0].publishAsync('site/jobs', `${job}`, { qos: 1 });
  await all;
  return { jobs: members.flatMap((member) => member.seen.map(Number)) };
}

const keep =
  told.version === 5
    ? { clean: false, properties: { sessionExpiryInterval: 3600 } }
    : { clean: false };

// A session of its own for each version: what the last one had not yet acknowledged is sent again.
const awayClient = `js-away-${told.version}`;

async function leave() {
  const away = await connect(awayClient, keep);
  await away.subscribeAsync('vigil/probe/later', { qos: 1 });
  await away.endAsync();
  const here = await connect('js-here');
  for (let number = 0; number < 3; number += 1)
    await here.publishAsync('vigil/probe/later', `${number}`, { qos: 1 });
  return {};
}

async function comeBack() {
  let sessionPresent;
  const seen = [];
  const client = mqtt.connect(told.url, {
    clientId: awayClient,
    username: told.username,
    password: told.password,
    protocolVersion: told.version,
    ca: told.authority,
    ...keep,
  });
  open.push(client);
  await new Promise((done) => {
    client.on('connect', (answer) => (sessionPresent = answer.sessionPresent));
    client.on('message', (topic, payload) => seen.push(payload.toString()) === 3 && done());
  });
  return { sessionPresent, messages: seen };
}

const ways = { talk, share, leave, 'come back': comeBack };
console.log(JSON.stringify(await ways[told.what]()));
await Promise.all(open.map((client) => client.endAsync(true).catch(() => {})));
process.exit(0);
