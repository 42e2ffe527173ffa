// An app asks for access: what it is told it may have, by whom, for which patient, and the way back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findings, tooSmall } from './axe.mjs';
import { api, inTheme, isMock, openBrowser, password, sizes, url, visit } from './browser.mjs';

const only = { skip: !isMock && 'apps are the mock’s alone here' };
const callback = 'https://growth.example/callback';
const category = 'http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const asks = (scope, more = {}) =>
  `/oauth/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: 'growth',
    redirect_uri: callback,
    scope,
    state: 'st-1',
    ...more,
  })}`;

const usual = 'launch/patient openid fhirUser offline_access patient/Observation.rs';

/** A browser in which nobody is signed in, with the app's own page at the end of the way back. */
async function onConsent(path, act, { size = sizes.desk, ...more } = {}) {
  const context = await browser.newContext({
    viewport: size,
    locale: 'en-GB',
    hasTouch: size === sizes.phone,
    ...more,
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const faults = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.route('https://growth.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>Growth</h1>' }),
    );
    await page.goto(url + path);
    await page.getByText('An app asks to see data').waitFor();
    await enter(page);
    await act(page, context);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
}

async function enter(page, username = 'admin', secret = password) {
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password').fill(secret);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const allow = (page) => page.getByRole('button', { name: 'Allow', exact: true });

/** Where the app was sent to, once it is there. */
async function answerOf(page) {
  await page.waitForURL(`${callback}**`);
  return new URL(page.url()).searchParams;
}

test('whoever signs in comes back, chooses a patient by keyboard, and allows', only, async () => {
  await onConsent(asks(usual), async (page) => {
    await page.getByRole('heading', { name: 'An app asks for access' }).waitFor();
    // What does harm has no focus.
    const focused = await page.evaluate(() => document.activeElement?.tagName);
    assert.equal(focused, 'H1');
    const text = await page.locator('main').innerText();
    assert.match(text, /Growth chart/);
    assert.match(text, /It is at growth\.example/);
    assert.match(text, /signed in as Administrator \(admin\)/);
    assert.match(text, /Vital signs and other observations\s+read and search/);
    assert.match(text, /Who you are/);
    // Nobody is chosen: it is said, and nothing is sent.
    await allow(page).click();
    await page.getByRole('alert').getByText('Choose the patient').waitFor();
    await page.getByLabel('Find the patient').focus();
    await page.keyboard.type('xyzzy');
    await page.getByRole('status').getByText('None of your patients').waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('mrn-4037');
    await page.getByRole('status').getByText('1 patient found').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    assert.equal(await page.getByRole('radio').isChecked(), true);
    await allow(page).click();
    const answer = await answerOf(page);
    assert.ok(answer.get('code'));
    assert.equal(answer.get('state'), 'st-1');
    // Answered once: the page behind has nothing to decide any more.
    await page.goBack();
    await page.getByRole('heading', { name: 'There is nothing to decide' }).waitFor();
    const grants = await api(page, 'GET', '/api/me/apps');
    assert.equal(grants.body.apps.at(-1).patient, '1');
  });
});

test('what is taken away is not given, and nothing at all cannot be allowed', only, async () => {
  const scope = `launch/patient offline_access patient/Observation.rs patient/Condition.cruds`;
  await onConsent(
    asks(scope),
    async (page) => {
      await page.getByRole('radio').first().check();
      const boxes = page.getByRole('checkbox');
      assert.equal(await boxes.count(), 3);
      for (const box of await boxes.all()) await box.uncheck();
      await allow(page).click();
      await page.getByRole('alert').getByText('Nothing is left').waitFor();
      await page.getByRole('checkbox', { name: /^Vital signs/ }).check();
      await allow(page).click();
      assert.ok((await answerOf(page)).get('code'));
      await page.goto(`${url}/account`);
      const { body } = await api(page, 'GET', '/api/me/apps');
      assert.deepEqual(body.apps.at(-1).scopes, ['launch/patient', 'patient/Observation.rs']);
    },
    { size: sizes.phone },
  );
});

test('what cannot be had is said, and denying tells the app so', only, async () => {
  await onConsent(asks(`${usual} patient/Bogus.zz patient/Procedure.rs`), async (page) => {
    const refused = page.getByRole('heading', { name: 'Asked for, and not to be had' });
    await refused.waitFor();
    await page.getByText('patient/Bogus.zz').waitFor();
    assert.equal(await page.getByRole('checkbox').count(), 2);
    await page.getByRole('button', { name: 'Deny' }).click();
    const answer = await answerOf(page);
    assert.equal(answer.get('error'), 'access_denied');
    assert.equal(answer.get('code'), null);
  });
});

test('somebody else can sign in, and what was asked is still there', only, async () => {
  await onConsent(asks('openid user/Observation.rs'), async (page) => {
    await page.getByText('Of everybody whom you may see').waitFor();
    assert.equal(await page.getByLabel('Find the patient').count(), 0);
    await page.getByRole('button', { name: 'Sign in as somebody else' }).click();
    await page.getByText('An app asks to see data').waitFor();
    await enter(page);
    await page.getByRole('heading', { name: 'An app asks for access' }).waitFor();
  });
});

test('an unknown question says so and what to do; a page cannot be framed', only, async () => {
  const answer = await fetch(`${url}/authorize/nothing`);
  assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  await onConsent('/authorize/nothing', async (page) => {
    await page.getByRole('heading', { name: 'There is nothing to decide' }).waitFor();
    await page.getByText('connect it once more').waitFor();
  });
});

test('an answer that would run here, or nowhere, is not gone to', only, async () => {
  await onConsent(asks('openid user/Observation.rs'), async (page) => {
    await page.route('**/api/authorizations/*', async (route) => {
      if (route.request().method() === 'GET') await route.continue();
      else await route.fulfill({ json: { redirect: 'javascript:document.title="ran"' } });
    });
    await allow(page).click();
    await page.getByRole('alert').getByText('should not open').waitFor();
    assert.notEqual(await page.title(), 'ran');
  });
});

test('an app on this device is called, and the page says that it can be closed', only, async () => {
  await onConsent(asks('openid user/Observation.rs'), async (page) => {
    await page.route('**/api/authorizations/*', async (route) => {
      if (route.request().method() === 'GET') await route.continue();
      else await route.fulfill({ json: { redirect: 'org.example.growth:/callback?code=a' } });
    });
    await allow(page).click();
    await page.getByRole('status').getByText('Growth chart has its answer: allowed.').waitFor();
  });
});

test('opened from a patient’s page, it is for that patient', only, async () => {
  await visit(browser, '/patients/3', async (page) => {
    await page
      .context()
      .route('https://growth.example/**', (route) =>
        route.fulfill({ contentType: 'text/html', body: '<h1>Growth</h1>' }),
      );
    await page.getByRole('button', { name: 'Open an app' }).click();
    const opened = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Growth chart' }).click();
    const tab = await opened;
    await tab.waitForURL('https://growth.example/launch**');
    assert.equal(await tab.evaluate(() => globalThis.opener), null);
    const launch = new URL(tab.url()).searchParams.get('launch');
    await page.getByRole('link', { name: 'Open Growth chart' }).waitFor();
    await tab.goto(url + asks('launch patient/Observation.rs', { launch }));
    await tab.getByText(/^For \S+ \S+$/).waitFor();
    assert.equal(await tab.getByLabel('Find the patient').count(), 0);
    await allow(tab).click();
    assert.ok((await answerOf(tab)).get('code'));
  });
});

for (const [name, theme] of [
  ['phone', 'light'],
  ['phone', 'dark'],
  ['desk', 'light'],
  ['desk', 'dark'],
])
  test(`axe finds nothing where an app asks: ${name}, ${theme}`, only, async () => {
    const scope = `${usual}?category=${category} patient/Condition.cruds patient/Bogus.zz`;
    await onConsent(
      asks(scope),
      async (page) => {
        await page.getByRole('radio').first().check();
        assert.deepEqual(await findings(page), []);
        assert.deepEqual(await tooSmall(page, name === 'phone' ? 44 : 24), []);
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth > window.innerWidth,
        );
        assert.equal(wide, false);
      },
      { size: sizes[name], storageState: inTheme(theme) },
    );
  });
