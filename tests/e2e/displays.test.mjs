// Screens that people rely on for alarms: one is set up, confirms, goes dark, and is missed on another.
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
beforeEach(async () => (mock = await startMock({ beds: 4, password })));
afterEach(() => mock.stop());

const at = (path, act, more = {}) => visit(browser, path, act, { at: mock.url, ...more });

async function setUp(page, name = 'nurses’ station') {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Make this a central screen' }).click();
  await page.getByText(`This is the central screen “${name}”`, { exact: false }).waitFor();
}

const confirmations = () => [...mock.alarms.displays.values()][0].confirmations;

/** The number of confirmations grows. */
async function confirms(page) {
  const before = confirmations();
  for (let n = 0; confirmations() === before; n += 1) {
    assert.ok(n < 100, 'it confirms nothing');
    await page.waitForTimeout(100);
  }
}

test('a screen becomes a central one, confirms, and says so on every page', only, () =>
  at('/alarms/screens', async (page) => {
    await page.getByText('No screen has to confirm yet').waitFor();
    await setUp(page);
    await page
      .getByRole('row', { name: /nurses’ station/ })
      .getByText('confirms')
      .waitFor();
    await confirms(page);
    await page.getByRole('link', { name: 'Ward' }).click();
    await page.getByRole('link', { name: 'Central screen: nurses’ station' }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: /^Central screen/ }).waitFor();
    // A page that is loaded anew may be silent until it is touched, and does not confirm until then.
    await page.keyboard.press('Shift');
    await page.getByRole('link', { name: 'Central screen: nurses’ station' }).waitFor();
    await confirms(page);
  }),
);

test('one that is locked does not confirm; others are told, until it is back', only, () =>
  at('/alarms/screens', async (page) => {
    await setUp(page);
    await confirms(page);
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Unlock' }).waitFor();
    await visit(
      browser,
      '/',
      async (other) => {
        const alarm = other.locator('.alarm-row').filter({ hasText: 'Screen “nurses’ station”' });
        await alarm.getByText('Display does not confirm').waitFor();
        await page.getByLabel('Password').fill(password);
        await page.getByRole('button', { name: 'Unlock' }).click();
        await alarm.waitFor({ state: 'hidden' });
      },
      { at: mock.url },
    );
  }),
);

test('one that was released elsewhere says loudly that it is none any more', only, () =>
  at('/alarms/screens', async (page) => {
    await setUp(page);
    mock.alarms.displays.clear();
    await page.reload();
    await page.getByRole('link', { name: 'Not a central screen any more' }).waitFor();
    await page.getByRole('button', { name: 'Be an ordinary screen' }).click();
    await page.getByRole('button', { name: 'Make this a central screen' }).waitFor();
  }),
);

test('it is released with a reason', only, () =>
  at('/alarms/screens', async (page) => {
    await setUp(page);
    await page.getByRole('button', { name: 'Release nurses’ station' }).click();
    const dialog = page.getByRole('dialog', { name: 'Release nurses’ station' });
    await dialog.getByLabel('Why').fill('the station moves');
    await dialog.getByRole('button', { name: 'Release' }).click();
    await page.getByText('No screen has to confirm yet').waitFor();
    await page.getByRole('button', { name: 'Make this a central screen' }).waitFor();
  }),
);

for (const [name, size] of [
  ['phone', sizes.phone],
  ['desk', sizes.desk],
])
  for (const theme of ['light', 'dark'])
    test(`axe finds nothing where screens are: ${name}, ${theme}`, only, () =>
      at(
        '/alarms/screens',
        async (page) => {
          await setUp(page);
          assert.deepEqual(await findings(page), []);
          assert.deepEqual(await tooSmall(page), []);
        },
        { size, storageState: inTheme(theme) },
      ),
    );
