import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, signIn, url, visit } from './browser.mjs';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

test('nothing of the ward is told to someone who has not signed in', async () => {
  for (const path of [
    '/api/ward',
    '/api/patients',
    '/api/devices',
    '/api/quarantine',
    '/api/status',
  ]) {
    const answer = await fetch(url + path);
    assert.equal(answer.status, 401, path);
    assert.equal((await answer.json()).error.kind, 'unauthenticated');
  }
});

test('a page of the app carries a content security policy without inline script', async () => {
  const answer = await fetch(`${url}/patients/1`);
  assert.equal(answer.status, 200);
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
});

test('a wrong password is refused in words, and the right one opens the page asked for', async () => {
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(`${url}/devices`);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill('not this one');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /password/i);
  await signIn(page);
  await page.getByRole('heading', { name: 'Devices', exact: true }).waitFor();
  await context.close();
});

test('signing out ends the session, and leaves nothing of the ward on the screen', async () => {
  await visit(browser, '/', async (page) => {
    await page.locator('.bed-tile').first().waitFor();
    await page.getByRole('button', { name: /Administrator|admin/i }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    assert.equal(await page.locator('.bed-tile').count(), 0);
    assert.equal((await page.request.get(`${url}/api/ward`)).status(), 401);
  });
});

test('the screen asks to sign in again when the session ends under it', async () => {
  await visit(browser, '/devices', async (page) => {
    await page.context().clearCookies();
    await page.goto(`${url}/devices`);
    await page.getByLabel('Password').waitFor();
  });
});
