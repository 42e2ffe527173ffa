// Each account sees what its role, its units and its care relations give it, and is told what is closed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findings, tooSmall } from './axe.mjs';
import { api, inTheme, openBrowser, sizes, visit } from './browser.mjs';

const secret = 'seven quiet herons by the lake';
const unit = 'E2E roles';
const run = Date.now().toString(36);

/** Accounts of this run alone: the server may have been tested before. */
const person = (name) => ({ username: `${name}-${run}`, password: secret });
const people = {
  nurse: person('nia'),
  auditor: person('audra'),
  patient: person('pat'),
  caregiver: person('cara'),
  researcher: person('resa'),
};

let browser;
/** In a bed of the ward, with devices and readings. */
let watched;
/** In beds of a unit of their own. */
let ours;

async function made(page, path, body) {
  const { status, body: answer } = await api(page, 'POST', path, body);
  assert.ok(status === 200 || status === 201, `${path}: ${status} ${JSON.stringify(answer)}`);
  return answer;
}

before(async () => {
  browser = await openBrowser();
  await visit(browser, '/', async (page) => {
    await page.locator('.bed-tile').first().waitFor();
    const { body } = await api(page, 'GET', '/api/ward');
    watched = body.beds[0].patient;
    for (const [role, { username, password }] of Object.entries(people))
      await made(page, '/api/accounts', {
        username,
        password,
        role,
        display_name: `${role} ${run}`,
        units: role === 'nurse' ? [unit] : [],
      });
    ours = [];
    for (const n of ['1', '2'])
      ours.push(
        await made(page, '/api/patients', {
          display_name: `Role Patient ${n}`,
          unit,
          bed: `${run}-${n}`,
        }),
      );
    await made(page, `/api/patients/${watched.id}/relations`, {
      account: people.patient.username,
      kind: 'self',
    });
  });
});

after(async () => {
  // Nobody of ours stays on the ward that the tests after this look at.
  await visit(browser, '/', async (page) => {
    for (const { id } of ours)
      await api(page, 'PATCH', `/api/patients/${id}`, {
        unit: null,
        bed: null,
      });
  });
  await browser.close();
});

const pathOf = ({ id }) => `/patients/${encodeURIComponent(id)}`;
const nav = (page) => page.getByRole('navigation').getByRole('link').allInnerTexts();
const banner = (page) => page.getByRole('region', { name: 'Your emergency access' });

test('a nurse sees the beds of her units and no others, and the pages of her role', async () => {
  await visit(
    browser,
    '/',
    async (page) => {
      await page.locator('.bed-tile').first().waitFor();
      assert.equal(await page.locator('.bed-tile').count(), ours.length);
      await page.getByRole('heading', { name: `${unit}: 2 beds` }).waitFor();
      assert.deepEqual(await nav(page), [
        'Ward',
        'Alarms',
        'Patients',
        'Record',
        'Devices',
        'System',
      ]);
      await page.getByRole('link', { name: 'Patients' }).click();
      await page.getByRole('row').filter({ hasText: 'Role Patient 1' }).waitFor();
      assert.equal(await page.getByText(watched.display_name).count(), 0);
      // She puts devices on patients, but registers none.
      await page.getByRole('link', { name: 'Devices' }).click();
      await page.getByRole('heading', { name: 'Devices', exact: true }).waitFor();
      assert.equal(await page.getByRole('heading', { name: 'Register a device' }).count(), 0);
    },
    { as: people.nurse },
  );
});

test('a patient who is moved comes and goes on the screen of whoever works there', async () => {
  await visit(
    browser,
    '/',
    async (page) => {
      await page.locator('.bed-tile').nth(1).waitFor();
      await visit(browser, pathOf(ours[1]), async (admin) => {
        await admin.getByRole('button', { name: 'Change bed or name' }).click();
        const dialog = admin.getByRole('dialog');
        await dialog.getByLabel('Unit', { exact: true }).fill(`${unit} elsewhere`);
        await dialog.getByRole('button', { name: 'Save' }).click();
        await dialog.waitFor({ state: 'hidden' });
        await page.waitForFunction(() => document.querySelectorAll('.bed-tile').length === 1);
        await admin.getByRole('button', { name: 'Change bed or name' }).click();
        await dialog.getByLabel('Unit', { exact: true }).fill(unit);
        await dialog.getByRole('button', { name: 'Save' }).click();
        await dialog.waitFor({ state: 'hidden' });
        await page.waitForFunction(() => document.querySelectorAll('.bed-tile').length === 2);
      });
    },
    { as: people.nurse },
  );
});

test('a page without the right to it says so, and where to go', async () => {
  await visit(
    browser,
    '/audit',
    async (page) => {
      await page.getByRole('heading', { name: 'Audit is not open to you' }).waitFor();
      await page.getByText(people.nurse.username).waitFor();
      await page.getByRole('link', { name: 'Go to my first page' }).click();
      await page.locator('.bed-tile').first().waitFor();
    },
    { as: people.nurse },
  );
});

test('whoever sees no patients has their own first page, and nothing breaks', async () => {
  await visit(
    browser,
    '/',
    async (page) => {
      await page.getByRole('heading', { name: 'Record', level: 1 }).waitFor();
      assert.deepEqual(await nav(page), ['Record']);
      assert.equal(await page.getByRole('alert').count(), 0);
      await page.goto(new URL('/status', page.url()).href);
      await page.getByRole('heading', { name: 'System is not open to you' }).waitFor();
    },
    { as: people.researcher },
  );
});

test('emergency access: asked for with a reason, shown, given up, reviewed', async () => {
  const reason = `Collapsed in the corridor (${run})`;
  await visit(
    browser,
    '/patients',
    async (page) => {
      await page.getByLabel('Patient number').fill(watched.id);
      await page.getByRole('button', { name: 'Open', exact: true }).click();
      await page
        .getByRole('heading', {
          name: `Patient ${watched.id} is not in your care`,
        })
        .waitFor();
      assert.equal(await page.getByText(watched.display_name).count(), 0);
      // Without a reason, and with a wrong password, it stays closed.
      await page.getByLabel('Your own password').fill('not this one');
      await page.getByRole('button', { name: 'Open the patient' }).click();
      await page.getByLabel('Why do you need to see this patient?').fill(reason);
      await page.getByRole('button', { name: 'Open the patient' }).click();
      assert.match(await page.getByRole('alert').innerText(), /password/i);
      await page.getByLabel('1 hour').check();
      await page.getByLabel('Your own password').fill(secret);
      await page.getByRole('button', { name: 'Open the patient' }).click();
      await page
        .getByRole('heading', {
          level: 1,
          name: new RegExp(watched.display_name),
        })
        .waitFor();
      await page.getByRole('button', { name: /^HR \d+/ }).waitFor();
      const said = await banner(page).innerText();
      assert.match(said, /Emergency access until \d\d:\d\d/);
      assert.ok(said.includes(reason));
      // It stays in sight on every page.
      await page.getByRole('link', { name: 'Ward' }).click();
      await banner(page)
        .getByRole('link', { name: `Patient ${watched.id}` })
        .click();
      await page
        .getByRole('heading', {
          level: 1,
          name: new RegExp(watched.display_name),
        })
        .waitFor();
      await banner(page).getByRole('button', { name: 'Give it up now' }).click();
      await banner(page).waitFor({ state: 'detached' });
      await page.goto(new URL(pathOf(watched), page.url()).href);
      await page.getByRole('heading', { name: /is not in your care/ }).waitFor();
    },
    { as: people.nurse },
  );
  await visit(
    browser,
    '/',
    async (page) => {
      await page.getByRole('heading', { name: 'Emergency access', level: 1 }).waitFor();
      // The navigation says so wherever they are.
      const waiting = page.getByRole('link', {
        name: /^Emergency access \d+ to review$/,
      });
      await waiting.waitFor();
      const count = await waiting.innerText();
      const row = page.getByRole('row').filter({ hasText: reason });
      assert.match(await row.innerText(), new RegExp(`Patient ${watched.id}\\b`));
      await row.getByRole('link', { name: 'Audit lines' }).click();
      await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
      assert.match(page.url(), new RegExp(`who=${people.nurse.username}.*patient=${watched.id}`));
      await page.goBack();
      await row.getByRole('button', { name: /^Review/ }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('What you found').fill('Needed: she was first at the bed.');
      await dialog.getByRole('button', { name: 'Write the finding' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await row.waitFor({ state: 'detached' });
      await page.getByText(count, { exact: true }).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'All', exact: true }).click();
      assert.match(await row.innerText(), /Needed: she was first at the bed\./);
      // Who audits sees no patients, and adds no accounts.
      await page.getByRole('link', { name: 'Users' }).click();
      await page.getByRole('row').filter({ hasText: people.nurse.username }).waitFor();
      assert.equal(await page.getByRole('button', { name: /^Change/ }).count(), 0);
      assert.ok(!(await nav(page)).includes('Ward'));
    },
    { as: people.auditor },
  );
});

test('a patient sees themselves and nobody else, on a phone, without what is for staff', async () => {
  await visit(
    browser,
    '/',
    async (page) => {
      await page
        .getByRole('heading', {
          level: 1,
          name: new RegExp(watched.display_name),
        })
        .waitFor();
      assert.deepEqual(await nav(page), ['My data']);
      await page.getByRole('heading', { name: 'Who may see me' }).waitFor();
      await page
        .getByText(/^Reviewed by|Not reviewed yet/)
        .first()
        .waitFor({ state: 'attached' });
      for (const name of ['Change bed or name', 'Next bed', 'Previous bed'])
        assert.equal(await page.getByRole('button', { name }).count(), 0, name);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth > window.innerWidth,
      );
      assert.equal(wide, false);
      await page.goto(new URL(pathOf(ours[0]), page.url()).href);
      await page.getByRole('heading', { name: `You do not see patient ${ours[0].id}` }).waitFor();
      await page.goto(new URL('/patients', page.url()).href);
      await page.getByRole('heading', { name: 'Patients is not open to you' }).waitFor();
    },
    { as: people.patient, size: sizes.phone },
  );
});

test('a caregiver whom the patient lets in sees them, and no longer once that is ended', async () => {
  const letIn = async (page) => {
    await page.getByRole('button', { name: 'Let a caregiver in' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('User name').fill(people.caregiver.username);
    await dialog.getByRole('button', { name: 'Let a caregiver in' }).click();
    await dialog.waitFor({ state: 'hidden' });
  };
  await visit(
    browser,
    '/',
    async (cared) => {
      await cared.getByRole('heading', { name: 'Nobody has let you in yet' }).waitFor();
      await visit(
        browser,
        '/',
        async (page) => {
          await letIn(page);
          const line = page.getByRole('listitem').filter({ hasText: people.caregiver.username });
          await line.waitFor();
          // The caregiver's page comes by itself.
          await cared
            .getByRole('heading', {
              level: 1,
              name: new RegExp(watched.display_name),
            })
            .waitFor();
          await cared.getByRole('heading', { name: 'Who may see this patient' }).waitFor();
          assert.equal(await cared.getByRole('button', { name: 'Add', exact: true }).count(), 0);
          await line.getByRole('button', { name: /^End/ }).click();
          await page.getByRole('button', { name: 'End it now' }).click();
          await page.getByRole('dialog').waitFor({ state: 'hidden' });
          // And goes, without anybody loading it anew.
          await cared
            .getByRole('heading', {
              name: `You do not see patient ${watched.id}`,
            })
            .waitFor();
          assert.equal(await cared.getByText(watched.display_name).count(), 0);
        },
        { as: people.patient, size: sizes.phone },
      );
    },
    { as: people.caregiver, size: sizes.phone },
  );
});

for (const [size, theme] of [
  [sizes.phone, 'light'],
  [sizes.phone, 'dark'],
  [sizes.desk, 'light'],
  [sizes.desk, 'dark'],
]) {
  const which = `${size === sizes.phone ? 'phone' : 'desk'}, ${theme}`;
  const least = size === sizes.phone ? 44 : 24;
  const sound = async (page) => {
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
    assert.deepEqual(await findings(page), []);
    assert.deepEqual(await tooSmall(page, least), []);
  };
  const look = { size, storageState: inTheme(theme) };

  test(`axe finds nothing where a patient is not in one’s care: ${which}`, async () => {
    await visit(
      browser,
      pathOf(watched),
      async (page) => {
        await page.getByRole('heading', { name: /is not in your care/ }).waitFor();
        await sound(page);
        await page.getByLabel('Why do you need to see this patient?').fill('axe looks');
        await page.getByLabel('Your own password').fill(secret);
        await page.getByRole('button', { name: 'Open the patient' }).click();
        await banner(page).waitFor();
        await page.getByRole('heading', { name: 'Who may see this patient' }).waitFor();
        await sound(page);
        await page.getByRole('button', { name: 'Change bed or name' }).click();
        await sound(page);
        await page.keyboard.press('Escape');
        await banner(page).getByRole('button', { name: 'Give it up now' }).click();
        await banner(page).waitFor({ state: 'detached' });
        await page.goto(new URL('/audit', page.url()).href);
        await page.getByRole('heading', { name: /is not open to you/ }).waitFor();
        await sound(page);
      },
      { as: people.nurse, ...look },
    );
  });

  test(`axe finds nothing in a patient’s own view: ${which}`, async () => {
    await visit(
      browser,
      '/',
      async (page) => {
        await page.getByRole('heading', { name: 'Who may see me' }).waitFor();
        await sound(page);
        await page.getByRole('button', { name: 'Let a caregiver in' }).click();
        await sound(page);
      },
      { as: people.patient, ...look },
    );
  });

  test(`axe finds nothing where emergency access is reviewed: ${which}`, async () => {
    await visit(
      browser,
      '/emergencies',
      async (page) => {
        await page
          .getByRole('button', { name: /^Review/ })
          .first()
          .click();
        await page.getByRole('dialog').waitFor();
        await sound(page);
      },
      { as: people.auditor, ...look },
    );
  });

  test(`axe finds nothing where a caregiver waits to be let in: ${which}`, async () => {
    await visit(
      browser,
      '/',
      async (page) => {
        await page.getByRole('heading', { name: 'Nobody has let you in yet' }).waitFor();
        await sound(page);
      },
      { as: people.caregiver, ...look },
    );
  });
}
