// The alarm bar of every page: what is in front, what is done about it, what is heard, and that nobody watching
// is the loudest there is.
import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { startMock } from '../../web/mock/server.mjs';
import { findings, tooSmall } from './axe.mjs';
import { inTheme, isMock, openBrowser, password, sizes, visit } from './browser.mjs';

const only = { skip: !isMock };
let browser;
let mock;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
beforeEach(async () => (mock = await startMock({ beds: 4, password })));
afterEach(() => mock.stop());

const desaturation = {
  condition: 'spo2_desaturation',
  words: 'Desaturation',
  priority: 'high',
  value: '78',
  limit: '80',
  unit_shown: '%',
};
const fast = {
  condition: 'heart_rate_high',
  words: 'Heart rate high',
  value: '131',
  limit: '120',
  unit_shown: '/min',
};

const at = (path, act, more = {}) => visit(browser, path, act, { at: mock.url, ...more });
const barOf = (page) => page.getByRole('region', { name: 'Alarms' });
const waitFor = async (holds, what) => {
  for (let tries = 0; tries < 100; tries += 1) {
    if (holds()) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.fail(what);
};

test('where nothing stands, the bar says how many are watched', only, () =>
  at('/devices', async (page) => {
    await barOf(page).getByText('No alarm. 4 beds are watched.').waitFor();
  }),
);

test('the highest priority comes in front, with bed, words and since when', only, () =>
  at('/devices', async (page) => {
    mock.alarms.raise('3', fast);
    await barOf(page).getByText('Heart rate high', { exact: true }).waitFor();
    mock.alarms.raise('2', desaturation);
    const line = page.locator('.alarm-bar__line');
    await line.locator('[data-priority="high"]').first().waitFor();
    assert.match(
      await line.innerText(),
      /02\s+Emre Costa\s+Desaturation 78 % \(limit 80 %\)\s+(just now|for \d+ s)/,
    );
    await page.getByRole('button', { name: 'All 2 alarms' }).click();
    const rows = page.locator('.alarm-bar__list li');
    assert.deepEqual(
      await rows.evaluateAll((all) =>
        all.map((one) => one.querySelector('.alarm-row').dataset.priority),
      ),
      ['high', 'medium'],
    );
    assert.match(
      await page.locator('[aria-live="assertive"]').innerText(),
      /High priority. Bed 02, Emre Costa: Desaturation/,
    );
  }),
);

test('an alarm is told in the viewer’s language', only, () =>
  at('/devices', async (page) => {
    await page.evaluate(() =>
      localStorage.setItem('vigil.preferences', JSON.stringify({ language: 'de' })),
    );
    await page.reload();
    mock.alarms.raise('2', desaturation);
    await page.locator('.alarm-row').getByText('Entsättigung').waitFor();
  }),
);

test('a frame that is on the screen is confirmed', only, () =>
  at('/devices', async (page) => {
    mock.alarms.raise('2', desaturation);
    await barOf(page).getByText('Desaturation', { exact: true }).waitFor();
    const [viewer] = mock.alarmViewers;
    await waitFor(() => viewer.shown === viewer.number, 'the newest frame is not confirmed');
  }),
);

test('acknowledging names one alarm, and touches that one alone', only, () =>
  at('/devices', async (page) => {
    const one = mock.alarms.raise('2', desaturation);
    const other = mock.alarms.raise('3', desaturation);
    await page.getByRole('button', { name: /^Acknowledge Bed 02, Emre Costa: Desat/ }).click();
    await page.getByRole('button', { name: /^Acknowledge Bed 03/ }).waitFor();
    assert.deepEqual([one.state, one.acknowledged.by], ['acknowledged', 'admin']);
    assert.equal(other.state, 'active');
    await page.getByRole('button', { name: 'All 2 alarms' }).click();
    await page.getByText(/Acknowledged by admin, .*; sounds again/).waitFor();
  }),
);

test('what somebody else was quicker with is refused, and said', only, () =>
  at('/devices', async (page) => {
    const alarm = mock.alarms.raise('2', desaturation);
    await page.getByRole('button', { name: /^Acknowledge/ }).waitFor();
    // As if the change were still on its way to this screen.
    Object.assign(alarm, { episode: 2 });
    await page.getByRole('button', { name: /^Acknowledge/ }).click();
    await page.getByText('Not done: It is episode 2 now, of high priority.').waitFor();
    assert.equal(alarm.state, 'active');
  }),
);

test('an alarm that comes in front under a finger is not acknowledged by its press', only, () =>
  at('/devices', async (page) => {
    mock.alarms.raise('3', fast);
    await page.getByRole('button', { name: /^Acknowledge/ }).waitFor();
    await page.waitForTimeout(1000);
    mock.alarms.raise('2', desaturation);
    const button = page.getByRole('button', { name: /^Acknowledge Bed 02/ });
    await button.waitFor();
    assert.equal(await button.isDisabled(), true);
    await page.waitForTimeout(1000);
    assert.equal(await button.isDisabled(), false);
  }),
);

test('whoever pauses says of what, for how long and why', only, () =>
  at('/devices', async (page) => {
    const alarm = mock.alarms.raise('2', fast);
    await page.getByRole('button', { name: /^Pause Bed 02/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause or switch off' });
    await dialog.getByLabel('Of what').selectOption('condition');
    await dialog.getByLabel('For how long').selectOption('60');
    await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
    assert.equal(await dialog.getByLabel('Why').evaluate((field) => field.validity.valid), false);
    await dialog.getByLabel('Why').fill('suction');
    await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    const [pause] = mock.alarms.bed('2').inactivations;
    assert.deepEqual(
      [pause.kind, pause.condition, pause.alarm, pause.by, pause.reason],
      ['audio-paused', 'heart_rate_high', null, 'admin', 'suction'],
    );
    assert.deepEqual([alarm.audible, alarm.visual], [false, true]);
    await page.getByText('Not heard.').waitFor();
  }),
);

test('the dialog stays while the alarm it is about ends', only, () =>
  at('/devices', async (page) => {
    const alarm = mock.alarms.raise('2', fast);
    await page.getByRole('button', { name: /^Pause Bed 02/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause or switch off' });
    await dialog.getByLabel('Why').fill('washing');
    mock.alarms.end(alarm.id);
    await barOf(page).getByText('No alarm.').waitFor();
    assert.equal(await dialog.getByLabel('Why').inputValue(), 'washing');
  }),
);

test('high flashes at 1.4 to 2.8 Hz, medium at 0.4 to 0.8 Hz, low not at all', only, () =>
  at('/devices', async (page) => {
    const flashes = (priority) =>
      page
        .locator(`.alarm-bar__line[data-priority="${priority}"]`)
        .evaluate((line) =>
          line
            .getAnimations({ subtree: true })
            .map((one) => 1000 / one.effect.getComputedTiming().duration),
        );
    const low = mock.alarms.raise('1', { priority: 'low' });
    await page.locator('.alarm-bar__line[data-priority="low"]').waitFor();
    assert.deepEqual(await flashes('low'), []);
    mock.alarms.raise('2', fast);
    await page.locator('.alarm-bar__line[data-priority="medium"]').waitFor();
    const [medium] = await flashes('medium');
    assert.ok(medium >= 0.4 && medium <= 0.8, `${medium} Hz`);
    mock.alarms.raise('3', desaturation);
    await page.locator('.alarm-bar__line[data-priority="high"]').waitFor();
    const [high] = await flashes('high');
    assert.ok(high >= 1.4 && high <= 2.8, `${high} Hz`);
    assert.equal(low.state, 'active');
  }),
);

test('with reduced motion nothing flashes, and the border is heavier', only, () =>
  at(
    '/devices',
    async (page) => {
      mock.alarms.raise('3', desaturation);
      const line = page.locator('.alarm-bar__line');
      await line.waitFor();
      const [count, border] = await line.evaluate((one) => [
        one.getAnimations({ subtree: true }).length,
        getComputedStyle(one, '::before').borderTopWidth,
      ]);
      assert.deepEqual([count, border], [0, '5px']);
    },
    { reducedMotion: 'reduce' },
  ),
);

test('nobody watching is said loudly on every page, until somebody does again', only, () =>
  at('/devices', async (page) => {
    await barOf(page).getByText('No alarm.').waitFor();
    mock.alarms.watching = false;
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.match(await alert.innerText(), /Nobody is watching: nothing is concluded since/);
    mock.alarms.watching = true;
    await alert.waitFor({ state: 'hidden' });
  }),
);

test('alarms that do not arrive are said so, though everything else does', only, () =>
  visit(
    browser,
    '/devices',
    async (page) => {
      let isSilent = false;
      await page.routeWebSocket(/\/api\/alarms\/live$/, (socket) => {
        const server = socket.connectToServer();
        server.onMessage((message) => {
          if (!isSilent) socket.send(message);
        });
      });
      await page.reload();
      await barOf(page).getByText('No alarm.').waitFor();
      isSilent = true;
      const alert = page.getByRole('alert');
      await alert.waitFor();
      assert.match(await alert.innerText(), /No alarms reach this screen since/);
      assert.equal(await page.evaluate(() => document.documentElement.dataset.connection), 'held');
    },
    { at: mock.url },
  ),
);

/** Counts the tones that a page schedules, and when. */
const listening = () => {
  const scheduled = [];
  Object.assign(globalThis, { scheduled });
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (when) {
    scheduled.push({ when, hz: this.frequency.value });
    start.call(this, when);
  };
};

test(
  'a high alarm sounds ten pulses, again after ten seconds, until it is acknowledged',
  only,
  () =>
    at('/devices', async (page) => {
      await page.addInitScript(listening);
      await page.reload();
      await page.getByRole('heading', { name: 'Devices', exact: true }).click();
      await barOf(page).getByText('No alarm.').waitFor();
      mock.alarms.raise('2', desaturation);
      await page.waitForFunction(() => globalThis.scheduled.length === 20, null, {
        timeout: 20_000,
      });
      const [first, , , , , , , , , , again] = await page.evaluate(() => globalThis.scheduled);
      const interval = again.when - first.when;
      assert.ok(interval > 9.5 && interval < 11.5, `${interval} s`);
      await page.getByRole('button', { name: /^Acknowledge/ }).click();
      await page.waitForTimeout(11_000);
      assert.equal(await page.evaluate(() => globalThis.scheduled.length), 20);
    }),
);

test('a locked screen goes on sounding, and says how many alarms stand and not whose', only, () =>
  at('/devices', async (page) => {
    await page.addInitScript(listening);
    await page.reload();
    await page.getByRole('heading', { name: 'Devices', exact: true }).click();
    await page.keyboard.press('l');
    await page.getByRole('heading', { name: 'Locked' }).waitFor();
    mock.alarms.raise('2', desaturation);
    await page.getByText('1 alarm').waitFor();
    await page.waitForFunction(() => globalThis.scheduled.length === 10, null, { timeout: 20_000 });
    const text = await page.locator('body').innerText();
    assert.doesNotMatch(text, /Desaturation|Costa/);
    assert.deepEqual(await findings(page), []);
  }),
);

// A browser lets an origin sound by itself that has sounded often; and a test's own look at a page counts as
// a person's touch. Signed in already, and never touched: as a wall is after a restart.
async function untouched(look) {
  const fresh = await openBrowser();
  const never = () =>
    Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } });
  try {
    await visit(
      fresh,
      '/',
      async (page) => {
        const wall = await page.context().newPage();
        await wall.addInitScript(never);
        await wall.goto(mock.url);
        await wall.locator('.alarm-bar__silent').waitFor();
        await look(wall);
      },
      { at: mock.url },
    );
  } finally {
    await fresh.close();
  }
}

test('a ward screen that may not sound says so loudly, and sounds once it is pressed', only, () =>
  untouched(async (wall) => {
    const silent = wall.locator('.alarm-bar__silent');
    assert.equal(await silent.getAttribute('data-loud'), 'true');
    await wall.getByRole('button', { name: 'Let it sound' }).click();
    await silent.waitFor({ state: 'hidden' });
  }),
);

test('the first press on a silent screen does what it is for', only, () =>
  untouched(async (wall) => {
    const link = wall.getByRole('link', { name: 'Patients' });
    const before = await link.boundingBox();
    await wall.mouse.move(before.x + before.width / 2, before.y + before.height / 2);
    await wall.mouse.down();
    await wall.waitForTimeout(300);
    assert.deepEqual(await link.boundingBox(), before, 'nothing moves under the finger');
    await wall.mouse.up();
    await wall.waitForURL(/patients$/);
    await wall.locator('.alarm-bar__silent').waitFor({ state: 'hidden' });
  }),
);

for (const size of Object.keys(sizes))
  for (const theme of ['dark', 'light'])
    test(`axe finds nothing on the bar, ${size}, ${theme}`, only, () =>
      at(
        '/devices',
        async (page) => {
          mock.alarms.raise('2', desaturation);
          mock.alarms.raise('3', fast);
          mock.alarms.raise('4', { priority: 'low' });
          await page.getByRole('button', { name: /alarms/ }).click();
          await page.locator('.alarm-bar__list').waitFor();
          await page.waitForTimeout(1000);
          assert.deepEqual(await findings(page), []);
          assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
        },
        { size: sizes[size], storageState: inTheme(theme) },
      ),
    );
