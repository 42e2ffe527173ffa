// Users and roles, on screen: what an administrator gives and takes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findings, tooSmall } from './axe.mjs';
import { inTheme, openBrowser, sizes, visit } from './browser.mjs';

const secret = 'nine slow trains across the fen';
const username = `uma-${Date.now().toString(36)}`;

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const row = (page) => page.getByRole('row').filter({ hasText: username });
const form = (page) => page.getByRole('form', { name: 'Add an account' });

async function addUnit(within, name) {
  await within.getByLabel('One more unit').fill(name);
  await within.getByRole('button', { name: 'Add unit' }).click();
}

test('an administrator adds a nurse for two units, with the keyboard alone', async () => {
  await visit(browser, '/accounts', async (page) => {
    await form(page).waitFor();
    await form(page).getByLabel('User name').focus();
    await page.keyboard.type(username);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Uma Unit');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Nur');
    await form(page).getByText('Cares for patients in the units named.').waitFor();
    await page.keyboard.press('Tab');
    for (const unit of ['ICU 1', 'E2E accounts']) {
      await page.keyboard.type(unit);
      await page.keyboard.press('Enter');
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Practitioner/uma');
    await page.keyboard.press('Tab');
    await page.keyboard.type(secret);
    await page.keyboard.press('Enter');
    await page.getByText(`${username} can sign in now.`).waitFor();
    assert.match(await row(page).innerText(), /Nurse\s+ICU 1, E2E accounts\s+Enabled/);
  });
});

test('the role is explained, a service has no password, a patient no units', async () => {
  await visit(browser, '/accounts', async (page) => {
    await form(page).getByLabel('Role').selectOption('service');
    assert.equal(await form(page).getByLabel('Password').count(), 0);
    await form(page).getByLabel('Role').selectOption('patient');
    await form(page).getByText('Sees their own data, and lets caregivers in.').waitFor();
    assert.equal(await form(page).getByLabel('One more unit').count(), 0);
    const table = page.getByRole('region', { name: 'What each role may do' });
    const auditor = await table.getByRole('row').filter({ hasText: 'Auditor' }).innerText();
    assert.match(auditor, /nobody/);
  });
});

test('the list is filtered by name, unit and role', async () => {
  await visit(browser, '/accounts', async (page) => {
    await row(page).waitFor();
    await page.getByLabel('Name or unit').fill('e2e accounts');
    await page.getByText('1 account', { exact: true }).waitFor();
    await page.getByRole('search').getByLabel('Role').selectOption('auditor');
    await page.getByText('No account is like that.').waitFor();
  });
});

test('an account is changed, signed out, disabled and let in again', async () => {
  await visit(browser, '/accounts', async (page) => {
    await visit(
      browser,
      '/',
      async (theirs) => {
        await theirs.getByRole('heading', { level: 1 }).waitFor();
        await page.getByRole('button', { name: `Change ${username}` }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByRole('button', { name: 'Take ICU 1 off' }).click();
        await addUnit(dialog, 'E2E annex');
        await dialog.getByRole('button', { name: 'Save' }).click();
        await dialog.getByText(`${username} is changed.`).waitFor();
        await dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
        await dialog.getByText(`${username}: 1 session ended.`).waitFor();
        await theirs.getByText('Your session has ended.').waitFor();
        await dialog.getByRole('button', { name: 'Disable' }).click();
        await dialog.getByText(`${username} is disabled.`).waitFor();
        await theirs.getByLabel('User name').fill(username);
        await theirs.getByLabel('Password').fill(secret);
        await theirs.getByRole('button', { name: 'Sign in', exact: true }).click();
        await theirs.getByRole('alert').waitFor();
        await dialog.getByRole('button', { name: 'Enable' }).click();
        await dialog.getByText(`${username} is enabled.`).waitFor();
        await page.keyboard.press('Escape');
        await row(page).getByText('Enabled').waitFor(); // the list is fetched again
        assert.match(await row(page).innerText(), /E2E accounts, E2E annex\s+Enabled/);
      },
      { as: { username, password: secret } },
    );
  });
});

test('a token is issued, shown once and revoked', async () => {
  await visit(
    browser,
    '/accounts',
    async (page) => {
      await page.getByRole('button', { name: `Tokens of ${username}` }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText(/^No tokens/).waitFor();
      await dialog.getByLabel('What it is for').fill('night report');
      await dialog.getByRole('button', { name: 'Issue' }).click();
      await dialog.getByText('Say what the token may do').waitFor();
      await dialog.getByLabel(/^Read and search everything/).check();
      await dialog.getByRole('button', { name: 'Issue' }).click();
      const token = await dialog.getByRole('region', { name: 'Token' }).innerText();
      assert.ok(token.trim().length > 20);
      await dialog.getByText('system/*.rs').first().waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: `Tokens of ${username}` }).click();
      await dialog.getByText('night report').waitFor();
      assert.equal(await dialog.getByText(token.trim()).count(), 0);
      await dialog.getByRole('button', { name: 'Revoke night report' }).click();
      await dialog.getByText(/^No tokens/).waitFor();
    },
    { size: sizes.phone },
  );
});

for (const [name, theme] of [
  ['phone', 'light'],
  ['desk', 'dark'],
])
  test(`axe finds nothing where an account is changed: ${name}, ${theme}`, async () => {
    await visit(
      browser,
      '/accounts',
      async (page) => {
        const least = name === 'phone' ? 44 : 24;
        for (const button of [`Change ${username}`, `Tokens of ${username}`]) {
          await page.getByRole('button', { name: button }).click();
          await page.getByRole('dialog').waitFor();
          assert.deepEqual(await findings(page), []);
          assert.deepEqual(await tooSmall(page, least), []);
          await page.keyboard.press('Escape');
        }
      },
      { size: sizes[name], storageState: inTheme(theme) },
    );
  });
