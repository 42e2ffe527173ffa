// Alarms on the pages: the tiles of the ward, the patient's own, and what is done there.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startMock } from '../../web/mock/server.mjs';
import { findings, tooSmall } from './axe.mjs';
import { inTheme, isMock, openBrowser, password, sizes, visit } from './browser.mjs';

const only = { skip: !isMock };
let browser;
let mock;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
beforeEach(async () => (mock = await startMock({ beds: 9, password, alarms: true })));
afterEach(() => mock.stop());

const at = (path, act, more = {}) => visit(browser, path, act, { at: mock.url, ...more });
const tile = (page, name) => page.getByRole('article', { name });

test(
  'a tile has its most urgent alarm at the top edge, and flashes in step with its priority',
  only,
  () =>
    at('/', async (page) => {
      const high = tile(page, 'Bed 02, Emre Costa');
      await high.getByText('Desaturation 78 % (limit 80 %)').waitFor();
      assert.equal(await high.getAttribute('data-priority'), 'high');
      const flash = await high.evaluate((one) => {
        const [animation] = one
          .getAnimations({ subtree: true })
          .filter((it) => it.animationName === 'alarm-flash');
        return 1000 / animation.effect.getComputedTiming().duration;
      });
      assert.ok(flash >= 1.4 && flash <= 2.8, `${flash} Hz`);
      assert.equal(await tile(page, /^Bed 06/).getAttribute('data-priority'), null);
    }),
);

test('a tile says what is off or paused, by whom, since when and until when', only, () =>
  at('/', async (page) => {
    const text = /Alarm off: SpO₂ high, nurse, \d\d:\d\d.* to \d\d:\d\d/;
    await tile(page, /^Bed 01/)
      .getByText(text)
      .waitFor();
  }),
);

test('a patient’s alarm is taken, given back, and acknowledged on their page', only, () =>
  at('/patients/2', async (page) => {
    const panel = page.getByRole('region', {
      name: 'Alarms of this patient',
    });
    await panel.getByRole('button', { name: /^I take it/ }).click();
    await panel.getByText(/admin is on it until/).waitFor();
    await panel.getByRole('button', { name: /^Give it back/ }).click();
    await panel.getByRole('button', { name: /^Not me/ }).waitFor();
    await panel.getByRole('button', { name: /^Acknowledge/ }).click();
    await panel.getByText(/Acknowledged by admin/).waitFor();
  }),
);

test('all alarms of a patient are paused with a reason, and the pause is ended', only, () =>
  at('/patients/3', async (page) => {
    await page.getByRole('button', { name: 'Pause alarms…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause or switch off' });
    await dialog.getByRole('combobox').first().selectOption('alarm-paused');
    await dialog.getByLabel('Why').fill('washing');
    await dialog.getByRole('button', { name: 'Pause', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('On record, not signalled').waitFor();
    const [pause] = mock.alarms.bed('3').inactivations;
    assert.deepEqual(
      [pause.kind, pause.alarm, pause.condition, pause.reason],
      ['alarm-paused', null, null, 'washing'],
    );
    await page.getByRole('button', { name: 'End it now: Alarms paused' }).click();
    await page.getByText('On record, not signalled').waitFor({ state: 'hidden' });
  }),
);

test('limits of an age that nobody has told say so, until somebody does', only, () =>
  at('/patients/7', async (page) => {
    await page.getByRole('button', { name: 'It is so: adult' }).click();
    await page.getByText('Age not known').waitFor({ state: 'hidden' });
    assert.equal(mock.alarms.bed('7').age_confirmed, true);
  }),
);

test('a limit is set with a reason, stands beside the unit’s, and goes back to it', only, () =>
  at('/patients/3', async (page) => {
    await page.getByRole('button', { name: 'Limits…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Limits' });
    await dialog.getByRole('button', { name: 'Change SpO₂ low' }).click();
    await dialog.getByLabel('Limit (%)').fill('140');
    await dialog.getByLabel('Why').fill('COPD');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.getByText(/SpO2 low has at most 100 %/).waitFor();
    await dialog.getByLabel('Limit (%)').fill('87');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.getByText('unit: 90 %').waitFor();
    await dialog.getByText('COPD').waitFor();
    assert.deepEqual(await findings(page), []);
    await dialog.getByRole('button', { name: 'Back to the unit’s: SpO₂ low' }).click();
    await dialog.getByLabel('Why').fill('better');
    await dialog.getByRole('button', { name: 'Back to the unit’s', exact: true }).click();
    await dialog.getByText('unit: 90 %').waitFor({ state: 'hidden' });
    assert.equal(mock.alarms.limits.get('3').size, 0);
  }),
);

for (const [path, size, theme] of [
  ['/', 'wall', 'dark'],
  ['/', 'desk', 'light'],
  ['/patients/4', 'phone', 'dark'],
  ['/patients/4', 'desk', 'light'],
])
  test(`axe finds nothing on ${path} with alarms, ${size}, ${theme}`, only, () =>
    at(
      path,
      async (page) => {
        await page.locator('[data-priority]').nth(2).waitFor();
        await page.waitForTimeout(1500);
        assert.deepEqual(await findings(page), []);
        assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
      },
      { size: sizes[size], storageState: inTheme(theme) },
    ),
  );

test('the page of all alarms has what stands, the load, and what has been', only, () =>
  at('/alarms', async (page) => {
    const standing = page.getByRole('region', { name: 'Standing now' });
    await standing.getByText('Desaturation 78 % (limit 80 %)').waitFor();
    assert.match(await standing.getByRole('listitem').first().textContent(), /High priority/);
    const load = page.getByRole('region', {
      name: 'The load of the last day',
    });
    await load.getByText('Alarms a bed a day').waitFor();
    await load.getByRole('row', { name: /Desaturation/ }).waitFor();
    const history = page.getByRole('region', { name: 'What has been' });
    await history
      .getByRole('row', { name: /Desaturation 78 %.* began/ })
      .first()
      .waitFor();
    await history.getByLabel('Patient').selectOption({ index: 3 });
    await history.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/patient=/);
  }),
);

for (const size of ['phone', 'desk', 'wall'])
  for (const theme of ['dark', 'light'])
    test(`the page of all alarms has no fault that axe finds, ${size}, ${theme}`, only, () =>
      at(
        '/alarms',
        async (page) => {
          const history = page.getByRole('region', { name: 'What has been' });
          await history.getByText('These are all.').waitFor();
          assert.deepEqual(await findings(page), []);
          assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
        },
        { size: sizes[size], storageState: inTheme(theme) },
      ),
    );
