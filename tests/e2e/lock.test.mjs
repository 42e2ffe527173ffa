// The lock of a screen that nobody touches: what it hides, that it stands, and how one comes back.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { findings, tooSmall } from './axe.mjs';
import { isMock, openBrowser, password, signIn, sizes, url, visit } from './browser.mjs';

const onMock = { skip: !isMock && 'whose devices are quiet unless told' };

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const lockedHere = (page) => page.getByRole('heading', { name: 'Locked' });
const tiles = (page) => page.locator('.bed-tile');

/** What a browser keeps in which somebody has chosen how soon to lock, and a look. */
const locksAfter = (minutes, theme = 'auto') => ({
  cookies: [],
  origins: [
    {
      origin: new URL(url).origin,
      localStorage: [
        { name: 'vigil.preferences', value: JSON.stringify({ lockMinutes: minutes, theme }) },
      ],
    },
  ],
});

async function unlock(page, secret = password) {
  await page.getByLabel('Password').fill(secret);
  await page.getByRole('button', { name: 'Unlock', exact: true }).click();
}

/** Nothing of a patient: neither to be seen nor to be heard by a screen reader, nor in the document. */
async function hidesEverything(page, names) {
  assert.equal(await tiles(page).count(), 0);
  const text = await page.evaluate(() => document.documentElement.outerHTML);
  assert.ok(names.length > 0);
  for (const name of names) assert.ok(!text.includes(name), name);
}

const namesOf = async (page) => {
  const { body } = await page.evaluate(async () => {
    const answer = await fetch('/api/patients');
    return { body: await answer.json() };
  });
  return body.patients.map(({ display_name }) => display_name);
};

test('left alone, the screen is locked; the password opens it where it was', async () => {
  await visit(
    browser,
    '/patients',
    async (page) => {
      const names = await namesOf(page);
      await lockedHere(page).waitFor();
      await hidesEverything(page, names);
      await unlock(page, 'not this one');
      await page.getByRole('alert').waitFor();
      await hidesEverything(page, names);
      await unlock(page);
      await page.getByRole('heading', { name: 'Patients', level: 1 }).waitFor();
    },
    { storageState: locksAfter(0.05) },
  );
});

test('a key locks, in every tab, and the lock stands after a reload', async () => {
  await visit(browser, '/', async (page) => {
    await tiles(page).first().waitFor();
    const names = await namesOf(page);
    const other = await page.context().newPage();
    await other.goto(`${url}/patients`);
    await other.getByRole('heading', { name: 'Patients', level: 1 }).waitFor();
    await page.keyboard.press('l');
    await lockedHere(page).waitFor();
    await lockedHere(other).waitFor();
    await hidesEverything(page, names);
    await other.reload();
    await lockedHere(other).waitFor();
    await hidesEverything(other, names);
    const late = await page.context().newPage();
    await late.goto(`${url}/patients/1`);
    await lockedHere(late).waitFor();
    // Opened in one of them, it is open in all.
    await unlock(other);
    await other.getByRole('heading', { name: 'Patients', level: 1 }).waitFor();
    await tiles(page).first().waitFor();
    await late.getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await lockedHere(late).count(), 0);
  });
});

test('somebody else signs in instead, and finds nothing of whoever was there', async () => {
  await visit(browser, '/patients', async (page) => {
    await page.getByRole('button', { name: /Administrator|admin/i }).click();
    await page.getByRole('button', { name: 'Lock the screen' }).click();
    await lockedHere(page).waitFor();
    await page.getByRole('button', { name: 'Somebody else signs in' }).click();
    await page.getByLabel('User name').waitFor();
    assert.equal((await page.request.get(`${url}/api/patients`)).status(), 401);
    await signIn(page);
    await tiles(page).first().waitFor();
    await page.reload();
    await tiles(page).first().waitFor();
  });
});

test('a wall is never locked by itself, and says so among the preferences', async () => {
  await visit(
    browser,
    '/patients',
    async (page) => {
      await page.clock.install();
      await page.reload();
      await page.getByRole('heading', { name: 'Patients', level: 1 }).waitFor();
      await page.clock.fastForward('10:00:00');
      assert.equal(await lockedHere(page).count(), 0);
      await page.getByRole('button', { name: /Administrator|admin/i }).click();
      const choice = page.getByLabel('Lock the screen when nobody touches it');
      assert.equal(await choice.inputValue(), '0');
      await choice.selectOption('5');
      await page.keyboard.press('Escape');
      await page.clock.fastForward('00:04:00');
      assert.equal(await lockedHere(page).count(), 0);
      await page.clock.fastForward('00:02:00');
      await lockedHere(page).waitFor();
    },
    { storageState: locksAfter(0) },
  );
});

test('of the ward it tells at how many beds a device signals an alarm', onMock, async () => {
  const alarmed = (reading) => ({
    ...reading,
    status: [...reading.status, ...(reading.patient === '2' ? ['alarm_at_source'] : [])],
  });
  await visit(
    browser,
    '/',
    async (page) => {
      await tiles(page).first().waitFor();
      const names = await namesOf(page);
      await page.keyboard.press('l');
      await page.getByText('At 1 bed a device signals an alarm').waitFor();
      await hidesEverything(page, names);
    },
    {
      live: (socket) => {
        const server = socket.connectToServer();
        server.onMessage((message) => {
          const frame = typeof message === 'string' ? JSON.parse(message) : null;
          if (frame?.type !== 'readings') socket.send(message);
          else socket.send(JSON.stringify({ ...frame, readings: frame.readings.map(alarmed) }));
        });
      },
    },
  );
});

/** An authenticator that holds a passkey of this server for `id`. */
async function holdPasskey(page, id) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  const credential = { isResidentCredential: false, rpId: 'localhost', signCount: 1 };
  await cdp.send('WebAuthn.addCredential', {
    authenticatorId,
    credential: { ...credential, credentialId: id.toString('base64'), privateKey: key },
  });
}

test('whoever has a passkey comes back by it', onMock, async () => {
  const id = Buffer.from('a passkey of the ward');
  await visit(
    browser,
    '/patients',
    async (page) => {
      await holdPasskey(page, id);
      await page.route('**/api/me', async (route) => {
        const answer = await route.fetch();
        const me = await answer.json();
        me.second_factor.passkeys = [{ id: id.toString('base64url') }];
        await route.fulfill({ json: me });
      });
      await page.route('**/api/me/proof', (route) =>
        route.fulfill({
          json: {
            challenge: Buffer.from('a challenge').toString('base64url'),
            rpId: 'localhost',
            timeout: 60_000,
            userVerification: 'required',
            allowCredentials: [{ type: 'public-key', id: id.toString('base64url') }],
          },
        }),
      );
      let shown = null;
      await page.route('**/api/session/again', (route) => {
        shown = route.request().postDataJSON();
        return route.fulfill({ status: 204 });
      });
      await page.reload();
      await page.getByRole('heading', { name: 'Patients', level: 1 }).waitFor();
      await page.keyboard.press('l');
      await page.getByRole('button', { name: 'Unlock with a passkey' }).click();
      await page.getByRole('heading', { name: 'Patients', level: 1 }).waitFor();
      assert.equal(shown.passkey.id, id.toString('base64url'));
    },
    { at: url.replace('127.0.0.1', 'localhost') },
  );
});

for (const [name, theme] of [
  ['phone', 'light'],
  ['phone', 'dark'],
  ['desk', 'light'],
  ['desk', 'dark'],
])
  test(`axe finds nothing where it is locked: ${name}, ${theme}`, async () => {
    await visit(
      browser,
      '/patients',
      async (page) => {
        await page.keyboard.press('l');
        await lockedHere(page).waitFor();
        assert.deepEqual(await findings(page), []);
        assert.deepEqual(await tooSmall(page, name === 'phone' ? 44 : 24), []);
      },
      { size: sizes[name], storageState: locksAfter(10, theme) },
    );
  });
