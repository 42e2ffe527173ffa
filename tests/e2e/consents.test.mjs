// What a patient agreed to, on screen: said in sentences, added to, withdrawn; and what somebody sees from
// whom it keeps the patient.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findings, tooSmall } from './axe.mjs';
import { api, inTheme, isMock, openBrowser, sizes, url, visit } from './browser.mjs';

const secret = 'six grey geese upon the green';
const run = Date.now().toString(36);
const nurse = { username: `nora-${run}`, password: secret };
const patient = { username: `paul-${run}`, password: secret };

let browser;
/** In a bed; the nurse works in that unit, the patient's account is theirs. */
let watched;

before(async () => {
  browser = await openBrowser();
  await visit(browser, '/', async (page) => {
    await page.locator('.bed-tile').first().waitFor();
    const { body } = await api(page, 'GET', '/api/ward');
    watched = body.beds[2].patient;
    const made = async (path, what) => {
      const { status } = await api(page, 'POST', path, what);
      assert.ok(status === 200 || status === 201, `${path}: ${status}`);
    };
    const name = (who, role) => ({ ...who, role, display_name: `${role} ${run}` });
    await made('/api/accounts', { ...name(nurse, 'nurse'), units: [watched.unit] });
    await made('/api/accounts', { ...name(patient, 'patient'), units: [] });
    const self = { account: patient.username, kind: 'self' };
    await made(`/api/patients/${watched.id}/relations`, self);
  });
});

after(async () => {
  // Nothing of ours stands against the tests after this. The patient's own account reaches them always.
  await visit(
    browser,
    '/',
    async (page) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      for (const consent of await ours(page)) await put(page, { ...consent, status: 'inactive' });
    },
    { as: patient },
  );
  await browser.close();
});

async function ours(page) {
  const { body } = await api(page, 'GET', `/fhir/Consent?patient=${watched.fhir_id}`);
  return (body.entry ?? []).map(({ resource }) => resource);
}

const put = (page, consent) => fhir(page, 'PUT', `/fhir/Consent/${consent.id}`, consent);
const fhir = (page, method, path, body) =>
  page.evaluate(
    async ([way, where, what]) => {
      const { csrf } = await (await fetch('/api/session')).json();
      const headers = { 'X-Vigil-CSRF': csrf, 'Content-Type': 'application/fhir+json' };
      return (await fetch(where, { method: way, headers, body: JSON.stringify(what) })).status;
    },
    [method, path, body],
  );

const pathOf = ({ id }) => `/patients/${encodeURIComponent(id)}`;
const panel = (page) => page.getByRole('region', { name: /^What (was|I) agreed/ });
const dialog = (page) => page.getByRole('dialog');
/** Among those in force; earlier runs may have left others. */
const said = (page, text) =>
  panel(page).locator('[data-holds="true"]').getByText(text, { exact: true });

async function withdraw(page, text) {
  await panel(page)
    .getByRole('button', { name: `Withdraw: ${text}` })
    .click();
  await dialog(page).getByRole('button', { name: 'Withdraw it now' }).click();
  await panel(page).getByText('It is withdrawn.').waitFor();
  await dialog(page).waitFor({ state: 'hidden' });
}

test('a wish is put on record and withdrawn, with the keyboard alone', async () => {
  await visit(browser, pathOf(watched), async (page) => {
    await panel(page).getByRole('button', { name: 'Add' }).focus();
    await page.keyboard.press('Enter');
    await dialog(page).getByLabel('Somebody is not to see something').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.type('A unit');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Elsewhere');
    await dialog(page).getByText('The staff of Elsewhere may not see anything.').waitFor();
    // One more, and the kind of data that they are not to see.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('A kind');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Cond');
    await dialog(page).getByLabel('What was signed').focus();
    await page.keyboard.type('Form 7, in the archive');
    await page.keyboard.press('Enter');
    await dialog(page).waitFor({ state: 'hidden' });
    const text = 'The staff of Elsewhere may not see data of the kind “Conditions and diagnoses”.';
    await said(page, text).waitFor();
    await panel(page).getByText('Form 7, in the archive').waitFor();
    await panel(page)
      .getByRole('button', { name: `Withdraw: ${text}` })
      .focus();
    await page.keyboard.press('Enter');
    await dialog(page).waitFor();
    await page.keyboard.press('Enter');
    await panel(page).getByText('It is withdrawn.').waitFor();
    await panel(page)
      .getByText(/^\d+ earlier/)
      .click();
    await panel(page)
      .getByText(/^withdrawn ·/)
      .first()
      .waitFor();
  });
});

test('a patient says no to research, in their own view on a phone', async () => {
  await visit(
    browser,
    '/',
    async (page) => {
      await panel(page).getByRole('heading', { name: 'What I agreed to' }).waitFor();
      await panel(page).getByRole('button', { name: 'Add' }).click();
      await dialog(page).getByLabel('Research', { exact: true }).check();
      await dialog(page).getByLabel('No', { exact: true }).check();
      await dialog(page).getByText('Nobody may see anything for research.').waitFor();
      await dialog(page).getByRole('button', { name: 'Agree to it' }).click();
      await said(page, 'Nobody may see anything for research.').waitFor();
      const consent = (await ours(page)).find(({ performer }) => performer);
      assert.equal(consent.performer[0].reference, `Patient/${watched.fhir_id}`);
      await withdraw(page, 'Nobody may see anything for research.');
    },
    { as: patient, size: sizes.phone },
  );
});

test('what would shut out whoever cares is told before it is kept', async () => {
  await visit(browser, pathOf(watched), async (page) => {
    await panel(page).getByRole('button', { name: 'Add' }).click();
    const warning = dialog(page).getByText(/Whoever cares for this patient now/);
    await dialog(page).getByLabel('User name').fill(nurse.username);
    assert.equal(await warning.count(), 0);
    await dialog(page).getByLabel('Only certain people').check();
    await warning.waitFor();
    await dialog(page).getByRole('button', { name: 'Somebody else too' }).click();
    await dialog(page).getByLabel('Kind').nth(1).selectOption('unit');
    await dialog(page).getByLabel('Name of the unit').fill(watched.unit);
    await warning.waitFor({ state: 'detached' });
  });
});

test('what the server does not hold to is refused in its words', async () => {
  await visit(browser, pathOf(watched), async (page) => {
    const issue = {
      severity: 'error',
      code: 'not-supported',
      diagnostics: 'a rule of this kind is not enforced here',
      expression: ['Consent.provision'],
    };
    await page.route('**/fhir/Consent', (route) =>
      route.fulfill({
        status: 422,
        contentType: 'application/fhir+json',
        body: JSON.stringify({ resourceType: 'OperationOutcome', issue: [issue] }),
      }),
    );
    await panel(page).getByRole('button', { name: 'Add' }).click();
    await dialog(page).getByLabel('Nothing is to go to other systems').check();
    await dialog(page).getByLabel('What was signed').fill('Form 8');
    await dialog(page).getByRole('button', { name: 'Put it on record' }).click();
    await dialog(page)
      .getByText(/A rule of this kind is not enforced here/)
      .waitFor();
    await dialog(page)
      .getByText(/Consent\.provision/)
      .waitFor();
  });
});

test('what somebody changed meanwhile is not withdrawn, and is shown as it is now', async () => {
  await visit(browser, pathOf(watched), async (page) => {
    const text = 'Nobody may pass anything on to other systems.';
    await panel(page).getByRole('button', { name: 'Add' }).click();
    await dialog(page).getByLabel('Nothing is to go to other systems').check();
    await dialog(page).getByLabel('What was signed').fill('Form 9');
    await dialog(page).getByRole('button', { name: 'Put it on record' }).click();
    await said(page, text).waitFor();
    const consent = (await ours(page)).find(({ policyRule }) => policyRule?.text === 'Form 9');
    assert.equal(await put(page, { ...consent, policyRule: { text: 'Form 10' } }), 200);
    await panel(page)
      .getByRole('button', { name: `Withdraw: ${text}` })
      .click();
    await dialog(page).getByRole('button', { name: 'Withdraw it now' }).click();
    await panel(page)
      .getByText(/^Somebody changed it meanwhile/)
      .waitFor();
    await panel(page)
      .getByText(/Form 10/)
      .waitFor();
    await withdraw(page, text);
  });
});

const banner = (page) => page.getByRole('region', { name: 'Your emergency access' });

async function breakGlass(page, within) {
  await within.getByLabel('Why do you need to see this patient?').fill(`Found lying (${run})`);
  await within.getByLabel('Your own password').fill(secret);
  await within.getByRole('button', { name: 'Open the patient' }).click();
  await banner(page).waitFor();
}

test('whoever has a patient in their care opens what is withheld, and stays', async () => {
  await visit(
    browser,
    pathOf(watched),
    async (page) => {
      await page.getByText(/^Parts of this record may be withheld/).waitFor();
      await page.getByRole('button', { name: 'Open them in an emergency' }).click();
      assert.deepEqual(await findings(page), []);
      await breakGlass(page, dialog(page));
      await dialog(page).waitFor({ state: 'hidden' });
      assert.equal(await page.getByText(/^Parts of this record may be withheld/).count(), 0);
      await banner(page).getByRole('button', { name: 'Give it up now' }).click();
      await page.getByText(/^Parts of this record may be withheld/).waitFor();
      assert.equal(new URL(page.url()).pathname, pathOf(watched));
    },
    { as: nurse },
  );
});

test('from whom a patient keeps everything is told so, and has the way of an emergency', async () => {
  const text = `Nobody may see anything, except ${patient.username}.`;
  await visit(
    browser,
    '/',
    async (page) => {
      await panel(page).getByRole('button', { name: 'Add' }).click();
      await dialog(page).getByLabel('Only certain people').check();
      await dialog(page).getByLabel('User name').fill(patient.username);
      await dialog(page)
        .getByText(/Those who care for you now/)
        .waitFor();
      await dialog(page).getByRole('button', { name: 'Agree to it' }).click();
      await panel(page).getByText('It is on record').waitFor();
      await visit(
        browser,
        pathOf(watched),
        async (theirs) => {
          const heading = `Patient ${watched.id} keeps this from you`;
          await theirs.getByRole('heading', { name: heading }).waitFor();
          await theirs.getByText(/^The patient agreed with the hospital/).waitFor();
          assert.equal(await theirs.getByText(watched.display_name).count(), 0);
          assert.deepEqual(await findings(theirs), []);
          await breakGlass(theirs, theirs);
          const name = new RegExp(watched.display_name);
          await theirs.getByRole('heading', { level: 1, name }).waitFor();
          await banner(theirs).getByRole('button', { name: 'Give it up now' }).click();
          await banner(theirs).waitFor({ state: 'detached' });
          await theirs.goto(url + pathOf(watched));
          await theirs.getByRole('heading', { name: heading }).waitFor();
        },
        { as: nurse },
      );
      const named = `Nobody may see anything, except patient ${run}.`;
      await withdraw(page, (await said(page, named).count()) > 0 ? named : text);
    },
    { as: patient, size: sizes.phone },
  );
});

test(
  'what is sensitive bears its label, in the list and by itself',
  { skip: !isMock },
  async () => {
    await visit(browser, '/record/Condition', async (page) => {
      const row = page.getByRole('row').filter({ hasText: 'Sensitive: HIV' });
      await row.getByRole('link', { name: 'Pneumonia' }).click();
      await page
        .getByRole('region', { name: 'Condition/condition-2' })
        .getByText('Sensitive: HIV')
        .waitFor();
    });
  },
);

test('an account names who somebody is in the record', async () => {
  await visit(browser, '/accounts', async (page) => {
    await page.getByRole('button', { name: `Change ${nurse.username}` }).click();
    const field = dialog(page).getByLabel('In the record');
    await field.fill('Dr Nora');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await dialog(page)
      .getByText(/takes a reference such as Practitioner\/12/i)
      .waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await field.fill('Practitioner/nora');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page.getByText(`${nurse.username} is changed.`).first().waitFor();
    const { body } = await api(page, 'GET', '/api/accounts');
    const account = body.accounts.find(({ username }) => username === nurse.username);
    assert.equal(account.fhir_user, 'Practitioner/nora');
  });
});

for (const [size, theme] of [
  ['phone', 'light'],
  ['phone', 'dark'],
  ['desk', 'light'],
  ['desk', 'dark'],
])
  test(`axe finds nothing: ${size}, ${theme}`, async () => {
    const sound = async (page) => {
      assert.deepEqual(await findings(page), []);
      assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth > window.innerWidth,
      );
      assert.equal(wide, false);
    };
    await visit(
      browser,
      isMock ? '/patients/2' : pathOf(watched),
      async (page) => {
        await panel(page).getByRole('button', { name: 'Add' }).waitFor();
        if (isMock)
          await panel(page)
            .getByText(/^2 earlier/)
            .click();
        await sound(page);
        await panel(page).getByRole('button', { name: 'Add' }).click();
        await dialog(page).getByLabel('Only certain people').check();
        await dialog(page).getByRole('button', { name: 'Somebody else too' }).click();
        await dialog(page).getByLabel('Kind').nth(1).selectOption('role');
        await dialog(page).getByLabel('User name').fill('nia');
        await sound(page);
        await dialog(page).getByLabel('Research', { exact: true }).check();
        await sound(page);
      },
      { size: sizes[size], storageState: inTheme(theme) },
    );
  });
