// A screen that was cut off shows, once it is back, what it missed: from memory, from the log, or, beyond
// what is resumed, from the series.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, isMock, openBrowser, visit } from './browser.mjs';
import { publish } from './mqtt_publish.mjs';

const onServer = { skip: isMock && 'the mock keeps no log' };
const cutMs = 90_000;
const everyMs = 1000;
/** As after a restore from a backup: what followed cannot be told. */
const beyondTheLog = '0:4000000000';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

/** The live stream with a hand on the plug. `resumeAs` may change the cursor that is resumed from. */
function plug(resumeAs = (cursor) => cursor) {
  const it = { isCut: false, frames: [], cut: () => undefined };
  it.live = (socket) => {
    if (it.isCut) {
      socket.close({ code: 1001 });
      return;
    }
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const frame = JSON.parse(message);
      if (frame.resume) frame.resume = resumeAs(frame.resume);
      server.send(JSON.stringify(frame));
    });
    server.onMessage((message) => {
      if (typeof message === 'string') it.frames.push(JSON.parse(message));
      socket.send(message);
    });
    it.cut = () => {
      it.isCut = true;
      it.frames = [];
      socket.close({ code: 1001 });
      server.close();
    };
  };
  return it;
}

/** A patient with a device of their own, and the device's credential. */
async function admit(page) {
  const name = `cut-${Date.now().toString(36)}`;
  const patient = (await api(page, 'POST', '/api/patients', { display_name: name })).body.id;
  const { secret } = (await api(page, 'POST', '/api/devices', { id: name })).body;
  const from = new Date(Date.now() - 2 * cutMs).toISOString();
  await api(page, 'POST', `/api/devices/${name}/attach`, { patient, from });
  return { patient, name, secret };
}

const topicOf = (device) => `vigil/${device}/telemetry`;
const telemetry = (heartRate, ms) =>
  JSON.stringify({ heart_rate: heartRate, ts: new Date(ms).toISOString() });

/** A minute and a half of a heart rate that climbs by one a second, as the device measured it. */
async function sendClimb({ name, secret }) {
  const count = cutMs / everyMs;
  // Half of it ahead of now: a device's time is believed within a minute.
  const first = Date.now() - cutMs / 2;
  const payloads = Array.from({ length: count }, (_, n) => telemetry(60 + n, first + n * everyMs));
  await publish(process.env.VIGIL_MQTT, secret, topicOf(name), ...payloads);
  return payloads.map((_, n) => String(60 + n));
}

/** The stream itself has told of the patient: there is a place to resume from. */
async function isWatched(page, line, patient) {
  const told = ({ type, patients }) =>
    type === 'snapshot' && patients.length === 1 && patients[0].patient === patient;
  while (!line.frames.some(told)) await page.waitForTimeout(50);
}

/** Until the server has more in its log than it keeps in memory. */
async function outlastMemory(page) {
  await page.waitForTimeout(4000);
}

async function showsClimb(page, values) {
  await page.getByRole('button', { name: new RegExp(`^HR ${values.at(-1)} `) }).waitFor();
  await page.getByRole('button', { name: '10 min', exact: true }).click();
  const whole = new RegExp(`between ${values[0]} and ${values.at(-1)} `);
  await page.getByRole('img', { name: whole }).waitFor();
}

test('after 90 s of readings nothing is missing: the log has it', onServer, async () => {
  const line = plug();
  await visit(
    browser,
    '/',
    async (page) => {
      const person = await admit(page);
      await publish(
        process.env.VIGIL_MQTT,
        person.secret,
        topicOf(person.name),
        telemetry(100, Date.now()),
      );
      await page.goto(new URL(`/patients/${person.patient}`, page.url()).href);
      await page.getByRole('button', { name: /^HR 100 / }).waitFor();
      await isWatched(page, line, person.patient);
      line.cut();
      await page.getByRole('alert').waitFor();
      const sent = await sendClimb(person);
      await outlastMemory(page);
      line.isCut = false;
      await page.getByRole('alert').waitFor({ state: 'hidden' });
      await showsClimb(page, sent);
      const replayed = line.frames.filter((frame) => frame.type === 'readings' && frame.replay);
      const values = replayed.flatMap((frame) => frame.readings.map((reading) => reading.value));
      assert.deepEqual(values, sent);
      assert.ok(!line.frames.some((frame) => frame.type === 'gap'));
    },
    { live: line.live },
  );
});

test(
  'where the log cannot tell what was missed a gap says so, and the timeline shows it all the same',
  onServer,
  async () => {
    const line = plug(() => beyondTheLog);
    await visit(
      browser,
      '/',
      async (page) => {
        const person = await admit(page);
        await page.goto(new URL(`/patients/${person.patient}`, page.url()).href);
        await page.getByText('No values yet.').waitFor();
        await isWatched(page, line, person.patient);
        line.cut();
        await page.getByRole('alert').waitFor();
        const sent = await sendClimb(person);
        await outlastMemory(page);
        line.isCut = false;
        await page.getByRole('alert').waitFor({ state: 'hidden' });
        await showsClimb(page, sent);
        const gap = line.frames.find((frame) => frame.type === 'gap');
        assert.equal(gap.reason, 'resume');
        assert.equal(gap.what, 'readings');
      },
      { live: line.live },
    );
  },
);

test('a strip is drawn from its beginning, not from when the page was opened', async () => {
  const line = plug();
  await visit(
    browser,
    '/',
    async (page) => {
      await page.locator('.bed-tile__link').first().click();
      const canvas = page.locator('canvas.waves__canvas').first();
      await canvas.waitFor();
      // The share of columns with ink, as soon as anything is drawn.
      const share = await canvas.evaluate(
        (element) =>
          new Promise((found) => {
            const look = () => {
              const { width, height } = element;
              const { data } = element.getContext('2d').getImageData(0, 0, width, height);
              const inked = new Set();
              for (let i = 3; i < data.length; i += 4)
                if (data[i] > 0) inked.add(((i - 3) / 4) % width);
              if (inked.size > width / 50) found(inked.size / width);
              else requestAnimationFrame(look);
            };
            look();
          }),
      );
      assert.ok(share > 0.7, `${share} of the strip is drawn`);
    },
    { live: line.live },
  );
});
