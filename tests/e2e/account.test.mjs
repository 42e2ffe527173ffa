// One's own account: a second factor from the first scan to the lost phone, the password, the sessions.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { api, axeSource, isMock, openBrowser, shots, sizes, url, visit } from './browser.mjs';

const axe = readFileSync(axeSource, 'utf8');

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const only = { skip: isMock && 'the mock has no accounts' };
const firstPassword = 'a pass phrase for the ward';

/** What an authenticator app shows (RFC 6238), `steps` of 30 s from now. */
function codeOf(secret, steps = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', Buffer.from(bytes)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Names of this run: a file that failed is run once more on the same server. */
const named = (who) => `${who}.${Date.now().toString(36)}`;

async function addPerson(username) {
  await visit(browser, '/devices', async (page) => {
    const person = { username, display_name: username, role: 'clinician', password: firstPassword };
    assert.equal((await api(page, 'POST', '/api/accounts', person)).status, 201);
  });
}

async function enter(page, username, password) {
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function onPage(act, { size = sizes.desk, path = '/account' } = {}) {
  const context = await browser.newContext({ viewport: size, locale: 'en-GB' });
  try {
    const page = await context.newPage();
    await page.goto(url + path);
    await act(page);
  } finally {
    await context.close();
  }
}

async function checkByAxe(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(
    found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
    [],
  );
}

async function setUp(page) {
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await page
    .getByRole('img', { name: /QR code/ })
    .locator('path')
    .waitFor({ state: 'attached' });
  const shown = page.getByRole('region', { name: /type this secret/ });
  const secret = (await shown.innerText()).replace(/\s/g, '');
  return secret;
}

test('a second factor is set up, asked for, and makes up for a lost phone', only, async () => {
  const name = named('factor');
  await addPerson(name);
  let secret = '';
  let codes = [];
  await onPage(async (page) => {
    await enter(page, name, firstPassword);
    secret = await setUp(page);
    await page.screenshot({ path: `${shots}account_set_up.png`, fullPage: true });
    await checkByAxe(page);
    await page.getByLabel('The code that the app shows').fill('000000');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('The code that the app shows').fill(codeOf(secret));
    await page.getByRole('button', { name: 'Confirm' }).click();
    const list = page.getByRole('list', { name: 'Recovery codes' });
    codes = (await list.innerText()).split(/\s+/).filter(Boolean);
    assert.equal(codes.length, 10);
    await page.screenshot({ path: `${shots}account_codes.png`, fullPage: true });
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('10 recovery codes are left.').waitFor();
  });
  await onPage(
    async (page) => {
      await enter(page, name, firstPassword);
      await page.getByLabel('Code', { exact: true }).waitFor();
      await page.screenshot({ path: `${shots}sign_in_factor_phone.png` });
      await checkByAxe(page);
      assert.equal((await page.request.get(`${url}/api/patients`)).status(), 401);
      await page.getByLabel('Code', { exact: true }).fill('000000');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Code', { exact: true }).fill(codeOf(secret, 1));
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('heading', { name: 'My account' }).waitFor();
    },
    { size: sizes.phone },
  );
  await onPage(async (page) => {
    await enter(page, name, firstPassword);
    await page.getByLabel('Code', { exact: true }).fill(codes[0].toUpperCase());
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('9 recovery codes are left.').waitFor();
    await page.getByRole('button', { name: 'Set up another app' }).click();
    await page.getByLabel('Code', { exact: true }).fill(codes[2]);
    await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('region', { name: /type this secret/ }).waitFor();
    await page.reload();
    await page.getByText('8 recovery codes are left.').waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByLabel('Code', { exact: true }).fill(codes[1]);
    await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click();
    await page.getByText('The authenticator app is removed', { exact: false }).waitFor();
  });
});

test('a password is changed, with what it needs said as it is typed', only, async () => {
  const name = named('password');
  await addPerson(name);
  const next = 'another phrase for the ward';
  await onPage(async (page) => {
    await enter(page, name, firstPassword);
    const first = page.getByLabel('New password', { exact: true });
    await first.fill('short');
    const change = page.getByRole('button', { name: 'Change the password' });
    assert.equal(await change.isDisabled(), true);
    const rules = page.getByRole('list', { name: 'What a password needs' });
    assert.equal(await rules.locator('[data-met="true"]').count(), 3);
    await first.fill(next);
    await page.getByLabel('New password again').fill(next);
    await change.click();
    await page.getByText('The password is changed.', { exact: false }).waitFor();
    assert.equal((await page.request.get(`${url}/api/me`)).status(), 200, 'goes on');
    // Under the new cookie, a change is taken too.
    const ended = await api(page, 'DELETE', '/api/me/sessions');
    assert.equal(ended.status, 200);
  });
  await onPage(async (page) => {
    await enter(page, name, firstPassword);
    await page.getByRole('alert').waitFor();
    await enter(page, name, next);
    await page.getByRole('heading', { name: 'My account' }).waitFor();
  });
});

test('sessions are listed and ended from where one is', only, async () => {
  const name = named('session');
  await addPerson(name);
  await onPage(async (first) => {
    await enter(first, name, firstPassword);
    await onPage(async (second) => {
      await enter(second, name, firstPassword);
      const table = second.getByRole('table', { name: 'Where you are signed in' });
      await table.getByText('this one').waitFor();
      assert.match(await table.innerText(), /Chrome on Linux/);
      await checkByAxe(second);
      await second.screenshot({ path: `${shots}account_desk.png`, fullPage: true });
      await second.keyboard.press('t');
      await second.screenshot({ path: `${shots}account_other_theme.png`, fullPage: true });
      await second.setViewportSize(sizes.phone);
      await second.screenshot({ path: `${shots}account_phone.png`, fullPage: true });
      await second.setViewportSize(sizes.desk);
      await second.getByRole('button', { name: 'End the session of Chrome on Linux' }).click();
      await second.getByText('1 session', { exact: true }).waitFor();
    });
    await first.reload();
    await first.getByLabel('User name').waitFor();
  });
});
