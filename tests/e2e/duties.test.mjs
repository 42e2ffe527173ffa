// Who is told away from the screens: duties taken and given back, contacts tried, systems of the site.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startMock } from '../../web/mock/server.mjs';
import { findings, tooSmall } from './axe.mjs';
import { api, inTheme, isMock, openBrowser, password, sizes, visit } from './browser.mjs';

const only = { skip: !isMock };
const secret = 'seven quiet herons by the lake';
let browser;
let mock;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
beforeEach(async () => (mock = await startMock({ beds: 6, password })));
afterEach(() => mock.stop());

const at = (act, more = {}) => visit(browser, '/alarms/duties', act, { at: mock.url, ...more });
const part = (page, name) => page.getByRole('region', { name, exact: true });

test('a unit that nobody looks after says so, until somebody takes the duty', only, () =>
  at(async (page) => {
    await page
      .getByText('Nobody has the duty of ICU 1 now: nobody is told away from the screens.')
      .waitFor();
    const mine = part(page, 'My duty');
    await mine.getByText(/^You have no duty now and no contact/).waitFor();
    await mine.getByRole('button', { name: 'Take the duty' }).click();
    await mine.getByText('Say as what.').waitFor();
    await mine.getByLabel('charge nurse').check();
    await mine.getByRole('button', { name: 'Take the duty' }).press('Enter');
    await page.getByText('Taken: charge nurse: all of ICU 1').waitFor();
    await mine.getByText(/^You have a duty now and no contact/).waitFor();
    const unit = part(page, 'ICU 1');
    await unit.getByRole('row', { name: /^admin charge nurse all of ICU 1 until/ }).waitFor();
    await unit
      .getByText('Nobody now as: assigned nurse, buddy, unit’s team, physician, device team.')
      .waitFor();
    await mine.getByRole('button', { name: 'Give back: charge nurse: all of ICU 1' }).click();
    await page.getByText('Given back: charge nurse: all of ICU 1').waitFor();
    await page.getByText(/^Nobody has the duty of ICU 1 now/).waitFor();
  }),
);

test('a duty may be of some patients', only, () =>
  at(async (page) => {
    const mine = part(page, 'My duty');
    await mine.getByLabel('assigned nurse').check();
    await mine.getByLabel('some patients').check();
    await mine.getByRole('button', { name: 'Take the duty' }).click();
    await mine.getByText('Choose the patients, or all of the unit.').waitFor();
    await mine.getByLabel(/^02 · /).check();
    await mine.getByRole('button', { name: 'Take the duty' }).click();
    await part(page, 'ICU 1')
      .getByText(/^Nobody now as: assigned nurse, buddy/)
      .waitFor();
  }),
);

test('a contact is added, tried and removed; without a duty it is told nothing', only, () =>
  at(async (page) => {
    const mine = part(page, 'How I am reached');
    const add = async (address) => {
      await mine.getByLabel('E-mail address').fill(address);
      await mine.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText(`Added: ${address}. Send a test.`).waitFor();
    };
    await add('ada@hospital.example');
    await page.getByText('You have a contact and no duty now: you are told nothing.').waitFor();
    await mine.getByRole('button', { name: 'Send a test to ada@hospital.example' }).click();
    await page.getByText('Delivered to ada@hospital.example: 250 2.0.0 accepted').waitFor();
    await add('nobody@hospital.example');
    await mine.getByRole('button', { name: 'Send a test to nobody@hospital.example' }).click();
    await page
      .getByText('Not delivered to nobody@hospital.example: 550 5.1.1 no such mailbox')
      .waitFor();
    await mine.getByRole('button', { name: 'Remove nobody@hospital.example' }).click();
    await page.getByText('Removed: nobody@hospital.example').waitFor();
  }),
);

test('a system of the site has its secret shown once, by whoever administers', only, () =>
  at(async (page) => {
    const all = part(page, 'All contacts');
    const form = all.getByRole('form', { name: 'Add a system of the site' });
    await form.getByLabel('Name').fill('paging');
    await form.getByLabel('Address (https://…)').fill('https://elsewhere.example/');
    await form.getByLabel('physician').check();
    await form.getByLabel('Told of emergency accesses too').check();
    await form.getByRole('button', { name: 'Add' }).click();
    await form.getByText(/none of those that the operator allows/).waitFor();
    await form.getByLabel('Address (https://…)').fill('https://hooks.example/alarms');
    await form.getByRole('button', { name: 'Add' }).click();
    const dialog = page.getByRole('dialog', { name: 'Secret of paging' });
    await dialog.getByText(/^secret-of-/).waitFor();
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await all
      .getByRole('row', { name: /^paging \(system\).*physician, every unit; emergency accesses/ })
      .waitFor();
  }),
);

test(
  'a nurse sees no contacts of others, and no duties of a unit that is not theirs',
  only,
  async () => {
    await at(async (page) => {
      const { status } = await api(page, 'POST', '/api/accounts', {
        username: 'nia',
        password: secret,
        role: 'nurse',
        display_name: 'Nia',
        units: ['ICU 1'],
      });
      assert.ok(status < 300);
    });
    await at(
      async (page) => {
        await part(page, 'How I am reached').waitFor();
        assert.equal(await page.getByRole('region', { name: 'All contacts' }).count(), 0);
        assert.equal(await page.getByRole('option', { name: 'every unit' }).count(), 0);
      },
      { as: { username: 'nia', password: secret } },
    );
  },
);

test('the page of all alarms leads to it, and back', only, () =>
  at(async (page) => {
    const tabs = page.getByRole('navigation', { name: 'Alarms' });
    await tabs.getByRole('link', { name: 'What stands' }).click();
    await page.getByRole('region', { name: 'Standing now' }).waitFor();
    await tabs.getByRole('link', { name: 'Who is told' }).click();
    await part(page, 'My duty').waitFor();
    const pages = page.getByRole('navigation', { name: 'Pages' });
    const here = pages.getByRole('link', { name: 'Alarms' });
    assert.equal(await here.getAttribute('aria-current'), 'page');
  }),
);

for (const size of ['phone', 'desk'])
  for (const theme of ['dark', 'light'])
    test(`axe finds nothing on duties and contacts, ${size}, ${theme}`, only, () =>
      at(
        async (page) => {
          for (const [path, body] of [
            ['/api/alarm-duties', { as: ['buddy'], unit: 'ICU 1', patients: ['1'] }],
            ['/api/alarm-contacts', { account: 'admin', channel: 'email', address: 'a@b.example' }],
          ])
            await api(page, 'POST', path, {
              ...body,
              until: new Date(Date.now() + 3_600_000).toISOString(),
            });
          await page.reload();
          await part(page, 'All contacts').getByText('a@b.example').first().waitFor();
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
