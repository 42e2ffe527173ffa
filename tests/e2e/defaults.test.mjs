// A unit's limits: proposed by one person, confirmed or rejected by another.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startMock } from '../../web/mock/server.mjs';
import { findings, tooSmall } from './axe.mjs';
import { api, inTheme, isMock, openBrowser, password, sizes, visit } from './browser.mjs';

const only = { skip: !isMock };
const nia = { username: 'nia', password: 'seven quiet herons by the lake' };
let browser;
let mock;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
beforeEach(async () => {
  mock = await startMock({ beds: 6, password });
});
afterEach(() => mock.stop());

const at = (act, more = {}) => visit(browser, '/alarms/limits', act, { at: mock.url, ...more });

const hire = (page) =>
  api(page, 'POST', '/api/accounts', {
    ...nia,
    role: 'nurse',
    display_name: 'Nia',
    units: ['ICU 1'],
  });

async function propose(page, value, reason) {
  await page.getByRole('button', { name: 'Propose a change: SpO₂ low' }).click();
  const dialog = page.getByRole('dialog', { name: 'Propose a change' });
  await dialog.getByLabel('Limit (%)').fill(value);
  await dialog.getByLabel('Why').fill(reason);
  await dialog.getByRole('button', { name: 'Propose', exact: true }).click();
  return dialog;
}

test('a change is proposed by one person and in force when a second confirms', only, async () => {
  await at(async (page) => {
    await hire(page);
    await page.getByText('No proposal waits.').waitFor();
    const dialog = await propose(page, '140', 'too many alarms');
    await dialog.getByText(/SpO2 low has at most 100 %/).waitFor();
    await dialog.getByLabel('Limit (%)').fill('88');
    await dialog.getByLabel('Why').fill('too many alarms');
    await dialog.getByRole('button', { name: 'Propose', exact: true }).click();
    await page.getByText('Proposed: SpO₂ low. It waits for a second person.').waitFor();
    await page.getByText('limit: 90 % → 88 %').waitFor();
    await page.getByText('It is your own: a second person decides.').waitFor();
    assert.equal(await page.getByRole('button', { name: /^Confirm/ }).count(), 0);
    await page.getByRole('button', { name: 'Withdraw: SpO₂ low, adult' }).waitFor();
    await page.getByRole('row', { name: /^SpO₂ low 90 % .* the same/ }).waitFor();
  });
  await at(
    async (page) => {
      await page.getByRole('button', { name: 'Confirm: SpO₂ low, adult' }).press('Enter');
      await page.getByText('In force: SpO₂ low, adult').waitFor();
      await page.getByRole('row', { name: /^SpO₂ low 88 % .* limit: 90 %/ }).waitFor();
      await page.getByText('No proposal waits.').waitFor();
    },
    { as: nia },
  );
});

test('a second person rejects, with a reason', only, async () => {
  await at(async (page) => {
    await hire(page);
    await propose(page, '80', 'quieter');
    await page.getByText('limit: 90 % → 80 %').waitFor();
  });
  await at(
    async (page) => {
      await page.getByRole('button', { name: 'Reject: SpO₂ low, adult' }).click();
      const dialog = page.getByRole('dialog', { name: 'Reject a proposal' });
      await dialog.getByLabel('Why').fill('too low');
      await dialog.getByRole('button', { name: 'Reject', exact: true }).click();
      await page.getByText('Rejected: SpO₂ low, adult').waitFor();
      await page.getByText('No proposal waits.').waitFor();
    },
    { as: nia },
  );
});

test('each age class has its own, at an address of its own', only, () =>
  at(async (page) => {
    await page.getByLabel('Age class').selectOption('neonate');
    await page.getByRole('heading', { name: 'Limits of ICU 1: neonate' }).waitFor();
    await page.getByRole('row', { name: /^SpO₂ low 85 %/ }).waitFor();
    assert.match(page.url(), /\/alarms\/limits\?unit=ICU\+1&age_class=neonate$/);
  }),
);

for (const size of ['phone', 'desk'])
  for (const theme of ['dark', 'light'])
    test(`axe finds nothing on units’ limits, ${size}, ${theme}`, only, () =>
      at(
        async (page) => {
          await api(page, 'POST', '/api/alarm-profiles/proposals', {
            unit: 'ICU 1',
            age_class: 'adult',
            condition: 'spo2_low',
            limit: '88',
            reason: 'too many',
          });
          await page.reload();
          await page.getByText('limit: 90 % → 88 %').waitFor();
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
