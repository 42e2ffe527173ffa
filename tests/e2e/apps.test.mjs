// Apps of others: registered, changed and disabled by an administrator; seen and ended in one's account.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findings, tooSmall } from './axe.mjs';
import { api, inTheme, isMock, openBrowser, sizes, url, visit } from './browser.mjs';

const only = { skip: !isMock && 'apps are the mock’s alone here' };
const run = Date.now().toString(36);
const name = `Reports ${run}`;

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const form = (page) => page.getByRole('region', { name: 'Register an app' });
const row = (page, what) => page.getByRole('row').filter({ hasText: what });

test('a public app is registered: what is wrong stands at its field', only, async () => {
  await visit(browser, '/apps', async (page) => {
    const here = form(page);
    await here.getByLabel('Name', { exact: true }).fill(`Diary ${run}`);
    await here.getByLabel('Redirect addresses').fill('https://diary.example/a\nnowhere');
    await here.getByRole('button', { name: '+ Vital signs of one patient' }).click();
    await here.getByText('Vital signs and other observations').waitFor();
    await here.getByRole('button', { name: '+ Also while the person is away' }).click();
    assert.match(await here.getByLabel(/^What it may ask for/).inputValue(), /offline_access$/);
    await here.getByRole('button', { name: 'Register' }).click();
    const field = here.getByLabel('Redirect addresses');
    await here.getByText('Nowhere is not an address').waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.equal(await field.evaluate((it) => it === document.activeElement), true);
    assert.match(await field.evaluate((it) => it.getAttribute('aria-describedby')), /wrong/);
    await field.fill('https://diary.example/a');
    await here.getByRole('button', { name: 'Register' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`Diary ${run} is registered`).waitFor();
    assert.match(await dialog.getByRole('region', { name: 'Client id' }).innerText(), /^app-/);
    assert.equal(
      await dialog.getByRole('region', { name: 'FHIR base' }).innerText(),
      `${url}/fhir`,
    );
    await dialog.getByRole('button', { name: 'Done' }).click();
    assert.match(await row(page, `Diary ${run}`).innerText(), /Public\s+Enabled\s+0/);
    assert.equal(await here.getByLabel('Name', { exact: true }).inputValue(), '');
  });
});

test('a service shows its key and works as an account', only, async () => {
  await visit(browser, '/apps', async (page) => {
    const here = form(page);
    await here.getByLabel('Kind').selectOption('service');
    await here.getByText('Works with no person present').waitFor();
    assert.equal(await here.getByLabel('Redirect addresses').count(), 0);
    await here.getByLabel('Name', { exact: true }).fill(name);
    await here.getByLabel('Client id').fill(`reports-${run}`);
    await here.getByLabel('Service account').selectOption('reports');
    await here.getByRole('button', { name: '+ Vital signs of all patients' }).click();
    const submit = here.getByRole('button', { name: 'Register' });
    await submit.click();
    await here.getByText('Paste its public keys').waitFor();
    const keys = here.getByLabel('Its public keys (JWKS), pasted');
    await keys.fill('{keys');
    await submit.click();
    await here.getByText('This is not JSON').waitFor();
    await keys.fill('{"keys": [{"kty": "EC", "d": "secret"}]}');
    await submit.click();
    await here.getByText('This key is private').waitFor();
    await keys.fill('{"keys": [{"kty": "EC"}]}');
    await submit.click();
    await page.getByRole('dialog').getByText(`${name} is registered`).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    assert.match(await row(page, name).innerText(), /Service\s+reports\s+Enabled/);
  });
});

test('an app is changed, disabled after asking once more, and enabled', only, async () => {
  await visit(
    browser,
    '/apps',
    async (page) => {
      await page.getByRole('button', { name: `Change ${name}` }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('1 key is kept.').waitFor();
      await dialog.getByLabel('Name', { exact: true }).fill(`${name} at night`);
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByText(`${name} at night is changed.`).waitFor();
      await page.getByRole('button', { name: `Disable ${name} at night` }).click();
      await dialog.getByText('gets nothing more from now on').waitFor();
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'detached' });
      await page.getByRole('button', { name: `Disable ${name} at night` }).click();
      await dialog.getByRole('button', { name: 'Disable it now' }).click();
      await page.getByText(`${name} at night is disabled.`).waitFor();
      await page.getByRole('button', { name: `Enable ${name} at night` }).click();
      await page.getByText(`${name} at night is enabled`).waitFor();
    },
    { size: sizes.phone },
  );
});

/** The first administrator allows the app of the mock, past its page. */
async function grant(page) {
  const search = new URLSearchParams({
    client_id: 'growth',
    redirect_uri: 'https://growth.example/callback',
    scope: 'launch/patient openid patient/Observation.rs',
  });
  await page.goto(`${url}/oauth/authorize?${search}`);
  await page.getByRole('heading', { name: 'An app asks for access' }).waitFor();
  const id = new URL(page.url()).pathname.split('/').pop();
  const allowed = { decision: 'allow', scopes: ['patient/Observation.rs'], patient: '3' };
  assert.equal((await api(page, 'POST', `/api/authorizations/${id}`, allowed)).status, 200);
}

test('one’s account says which apps see what, and ends them', only, async () => {
  await visit(browser, '/account', async (page) => {
    await grant(page);
    await page.goto(`${url}/account`);
    const list = page.getByRole('region', { name: 'Apps that see data in my name' });
    const app = list.getByRole('listitem').filter({ hasText: 'Growth chart' }).last();
    await app.getByText(/^For \S+ \S+$/).waitFor();
    assert.match(await app.innerText(), /since .+ · until /);
    await app.getByText('It may:').click();
    await app.getByText('Vital signs and other observations').waitFor();
    const ends = app.getByRole('button', { name: 'End the access of Growth chart' });
    const before = (await api(page, 'GET', '/api/me/apps')).body.apps.length;
    await ends.click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await ends.click();
    await page.getByRole('button', { name: 'End it now' }).click();
    await list.getByText('The access of Growth chart has ended.').waitFor();
    assert.equal((await api(page, 'GET', '/api/me/apps')).body.apps.length, before - 1);
  });
});

test('where no app can be opened, nothing is offered', only, async () => {
  await visit(browser, '/', async (page) => {
    await page.route('**/api/launches', (route) => route.fulfill({ json: { apps: [] } }));
    await page.locator('.bed-tile__link').first().click();
    await page.getByRole('button', { name: 'Change bed or name' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Open an app' }).count(), 0);
  });
});

for (const [size, theme] of [
  ['phone', 'light'],
  ['phone', 'dark'],
  ['desk', 'light'],
  ['desk', 'dark'],
])
  test(`axe finds nothing on the pages of apps: ${size}, ${theme}`, only, async () => {
    const least = size === 'phone' ? 44 : 24;
    const sound = async (page) => {
      assert.deepEqual(await findings(page), []);
      assert.deepEqual(await tooSmall(page, least), []);
    };
    await visit(
      browser,
      '/apps',
      async (page) => {
        await page.getByRole('button', { name: `Change ${name} at night` }).waitFor();
        await form(page).getByRole('button', { name: '+ The whole record of one patient' }).click();
        await sound(page);
        await page.getByRole('button', { name: `Change ${name} at night` }).click();
        await sound(page);
        await grant(page);
        await page.goto(`${url}/account`);
        await page.getByText('It may:').last().click();
        await sound(page);
        await page.goto(`${url}/patients/3`);
        await page.getByRole('button', { name: 'Open an app' }).click();
        await page.getByRole('button', { name: 'Growth chart' }).waitFor();
        await sound(page);
      },
      { size: sizes[size], storageState: inTheme(theme) },
    );
  });
