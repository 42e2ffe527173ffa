import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isMock, openBrowser, visit } from './browser.mjs';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const unique = (name) => `${name}-${Date.now().toString(36)}`;
const codePattern = /^[0-9A-Z]{4}(-[0-9A-Z]{4}){4}$/;

async function registerWithCode(page, id) {
  await page.getByLabel('Device id').fill(id);
  await page.getByLabel('Credential').selectOption('enrolment');
  await page.getByRole('button', { name: 'Register' }).click();
  const dialog = page.getByRole('dialog', { name: `Credential of ${id}` });
  await dialog.waitFor();
  return dialog;
}

test('a device is registered with a one-time code, shown once with the commands to copy', async () => {
  await visit(browser, '/devices', async (page) => {
    const id = unique('pump');
    const dialog = await registerWithCode(page, id);
    const code = await dialog.getByRole('region', { name: 'One-time code' }).innerText();
    assert.match(code, codePattern);
    const request = await dialog.getByRole('region', { name: /^1\. / }).innerText();
    assert.ok(request.includes(`-keyout '${id}.key'`), request);
    const enrol = await dialog.getByRole('region', { name: /^2\. / }).innerText();
    assert.ok(enrol.includes(`'${id}:${code}'`), enrol);
    assert.ok(enrol.includes(`${new URL(page.url()).origin}/.well-known/est/simpleenroll`), enrol);
    await dialog
      .getByRole('region', { name: /^Fingerprint/ })
      .getByText('sha256:')
      .waitFor();
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.equal((await page.content()).includes(code), false);
    const row = page.getByRole('row', { name: new RegExp(id) });
    await row.getByText(/A code is good until/).waitFor();
  });
});

test('a code is offered for a known device, and taken back', async () => {
  await visit(browser, '/devices', async (page) => {
    const id = unique('hub');
    const dialog = await registerWithCode(page, id);
    const first = await dialog.getByRole('region', { name: 'One-time code' }).innerText();
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    const open = page.getByRole('button', { name: `Certificates of ${id}` });
    await open.click();
    const all = page.getByRole('dialog', { name: `Certificates of ${id}` });
    await all.getByText('It has had no certificate yet.').waitFor();
    await all.getByRole('button', { name: 'Enrol by code' }).click();
    const fresh = page.getByRole('dialog', { name: `Credential of ${id}` });
    const second = await fresh.getByRole('region', { name: 'One-time code' }).innerText();
    assert.match(second, codePattern);
    assert.notEqual(second, first);
    await fresh.getByRole('button', { name: 'I have copied it' }).click();
    await open.click();
    await all.getByRole('button', { name: 'Take the code back' }).click();
    await all.getByText('The code is good no more.').waitFor();
    assert.equal(await all.getByRole('button', { name: 'Take the code back' }).count(), 0);
  });
});

test('certificates that end stand first, in words', { skip: !isMock }, async () => {
  await visit(browser, '/devices', async (page) => {
    await page.getByText('2 certificates end soon or have ended: they stand first.').waitFor();
    const names = await page.locator('tbody th code').allInnerTexts();
    assert.deepEqual(names.slice(0, 2), ['monitor-08', 'monitor-03']);
    await page
      .getByRole('row', { name: /monitor-08/ })
      .getByText(/ended \d/)
      .waitFor();
    await page
      .getByRole('row', { name: /monitor-03/ })
      .getByText(/ends \d/)
      .waitFor();
    const good = page.getByRole('row', { name: /monitor-01/ });
    await good.getByText(/good until \d/).waitFor();
    await good.getByText(/renewed by the device itself/).waitFor();
  });
});

test('everything a device signs in with is revoked at once', { skip: !isMock }, async () => {
  await visit(browser, '/devices', async (page) => {
    await page.getByRole('button', { name: 'Certificates of Bedside monitor 01' }).click();
    const dialog = page.getByRole('dialog', { name: 'Certificates of Bedside monitor 01' });
    await dialog.getByRole('button', { name: 'Revoke all' }).click();
    await page.getByRole('button', { name: 'Revoke now' }).click();
    await dialog.getByText('Bedside monitor 01 can no longer sign in.').waitFor();
    await dialog.getByRole('listitem').getByText('revoked').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page
      .getByRole('row', { name: /monitor-01/ })
      .getByText('revoked')
      .waitFor();
  });
});
