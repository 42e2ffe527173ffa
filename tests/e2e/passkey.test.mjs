// Passkeys, with an authenticator that the browser pretends to have (CDP, domain WebAuthn): registered,
// as the second factor, in place of name and password, and removed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, isMock, openBrowser, shots, sizes, url, visit } from './browser.mjs';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const only = { skip: isMock && 'the mock has no accounts' };
const password = 'a pass phrase for the ward';
/** A passkey is of a name, never of an address of numbers. */
const home = url.replace('127.0.0.1', 'localhost');

async function addPerson(username) {
  await visit(browser, '/devices', async (page) => {
    const person = { username, display_name: username, role: 'clinician', password };
    assert.equal((await api(page, 'POST', '/api/accounts', person)).status, 201);
  });
}

async function authenticatorOf(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    verifies: (isUserVerified) =>
      cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    keys: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    forget: () => cdp.send('WebAuthn.clearCredentials', { authenticatorId }),
  };
}

async function enter(page, username) {
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test(
  'a passkey is added, signs in by itself and beside the password, and is removed',
  only,
  async () => {
    const name = `passkey.${Date.now().toString(36)}`;
    await addPerson(name);
    const context = await browser.newContext({ viewport: sizes.desk, locale: 'en-GB' });
    const page = await context.newPage();
    const signOut = async () => {
      await context.clearCookies();
      await page.goto(`${home}/account`);
      await page.getByLabel('User name').waitFor();
    };
    await page.goto(`${home}/account`);
    const authenticator = await authenticatorOf(page);
    await enter(page, name);
    await page.getByLabel('What you call it').fill('work phone');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const list = page.getByRole('list', { name: 'Recovery codes' });
    const codes = (await list.innerText()).split(/\s+/).filter(Boolean);
    assert.equal(codes.length, 10, 'it is the first factor');
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('not used yet').waitFor();
    const [key] = await authenticator.keys();
    assert.equal(key.isResidentCredential, true);
    assert.equal(key.rpId, 'localhost');
    await page.screenshot({ path: `${shots}account_passkey.png`, fullPage: true });

    await signOut();
    await page.screenshot({ path: `${shots}sign_in_passkey.png` });
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText(/last used/).waitFor();

    await signOut();
    await enter(page, name);
    await page.getByRole('button', { name: 'Use a passkey' }).waitFor();
    await page.screenshot({ path: `${shots}sign_in_factor_passkey.png` });
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('heading', { name: 'My account' }).waitFor();

    // Somebody who has the phone but not its PIN.
    await signOut();
    await authenticator.verifies(false);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('alert').waitFor();
    assert.equal((await page.request.get(`${home}/api/me`)).status(), 401);
    await authenticator.verifies(true);

    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('button', { name: 'Remove the passkey work phone' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('The passkey “work phone” is removed.').waitFor();
    await signOut();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('alert').waitFor();
    await enter(page, name);
    await page.getByRole('heading', { name: 'My account' }).waitFor();
    await context.close();
  },
);

test('a lost passkey is made up for by a recovery code', only, async () => {
  const name = `lost.${Date.now().toString(36)}`;
  await addPerson(name);
  const context = await browser.newContext({ viewport: sizes.phone, locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(`${home}/account`);
  const authenticator = await authenticatorOf(page);
  await enter(page, name);
  await page.getByLabel('What you call it').fill('old phone');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const list = page.getByRole('list', { name: 'Recovery codes' });
  const [code] = (await list.innerText()).split(/\s+/).filter(Boolean);
  await authenticator.forget();
  await context.clearCookies();
  await page.goto(`${home}/account`);
  await enter(page, name);
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('old phone').waitFor();
  await page.screenshot({ path: `${shots}account_passkey_phone.png`, fullPage: true });
  await context.close();
});
