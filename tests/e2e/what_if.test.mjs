// What other limits would have done: asked, told patient by patient, stopped.
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
beforeEach(async () => (mock = await startMock({ beds: 6, password })));
afterEach(() => mock.stop());

const at = (act, more = {}) => visit(browser, '/alarms/what-if', act, { at: mock.url, ...more });
const foundOf = (page) => page.getByRole('region', { name: 'What would have been' });

async function lower(page, value) {
  await page.getByLabel('Change a limit').selectOption({ label: 'SpO₂ low' });
  const dialog = page.getByRole('dialog', { name: 'As if it were' });
  await dialog.getByLabel('Limit (%)').fill(value);
  await dialog.getByRole('button', { name: 'Take', exact: true }).click();
  await page.getByText(`SpO₂ low: limit: 90 % → ${value} %`).waitFor();
}

test('the alarms saved and missed are told of all, of each alarm and of each patient', only, () =>
  at(async (page) => {
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByText('Say what would be different: change a limit.').waitFor();
    await lower(page, '88');
    await page.getByRole('button', { name: 'Ask', exact: true }).press('Enter');
    const found = foundOf(page);
    await found.getByText('6 patients.', { exact: true }).waitFor();
    await found.getByText('102 → 31').waitFor();
    await found.getByText('alarms of before that none after stands for').waitFor();
    const alarms = found.getByRole('group', { name: 'Each alarm' });
    await alarms.getByRole('row', { name: /SpO₂ low 102 31 6 15 s/ }).waitFor();
    const patients = found.getByRole('group', { name: 'Each patient' });
    assert.equal(await patients.getByRole('row').count(), 7);
  }),
);

test('what really happened is told with how soon it was detected on either side', only, () =>
  at(async (page) => {
    await lower(page, '85');
    await page.getByLabel('some patients').check();
    await page.getByLabel(/^02 · /).check();
    await page.getByLabel(/^03 · /).check();
    await page.getByText('What really happened').click();
    await page.getByLabel('What', { exact: true }).fill('desaturation');
    await page.getByRole('combobox', { name: 'Patient' }).selectOption('2');
    await page.getByRole('button', { name: 'Add what happened' }).click();
    await page.getByLabel('What', { exact: true }).fill('bleeding');
    await page.getByRole('combobox', { name: 'Patient' }).selectOption('3');
    await page.getByRole('button', { name: 'Add what happened' }).click();
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    const happened = foundOf(page).getByRole('group', { name: 'What really happened' });
    await happened.getByRole('row', { name: /^desaturation .* after 12 s after 31 s/ }).waitFor();
    await happened.getByRole('row', { name: /^bleeding .* after 12 s not detected/ }).waitFor();
    await foundOf(page).getByText('2 patients.', { exact: true }).waitFor();
  }),
);

test('it is told as it comes, and can be stopped', only, () =>
  at(async (page) => {
    mock.whatIfMs = 700;
    await lower(page, '88');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    const found = foundOf(page);
    await found.getByText('2 of 6 patients…').waitFor();
    await found.getByRole('row', { name: /SpO₂ low/ }).waitFor();
    await found.getByRole('button', { name: 'Stop' }).click();
    await found.getByText(/^Stopped: of [2-4] of 6 patients\.$/).waitFor();
    await found.getByRole('row', { name: /SpO₂ low/ }).waitFor();
  }),
);

for (const size of ['phone', 'desk'])
  for (const theme of ['dark', 'light'])
    test(`axe finds nothing on a what-if, ${size}, ${theme}`, only, () =>
      at(
        async (page) => {
          await lower(page, '88');
          await page.getByRole('button', { name: 'Ask', exact: true }).click();
          await foundOf(page).getByText('6 patients.', { exact: true }).waitFor();
          assert.deepEqual(await findings(page), []);
          assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
          assert.equal(
            await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
            true,
          );
        },
        { size: sizes[size], storageState: inTheme(theme) },
      ),
    );
