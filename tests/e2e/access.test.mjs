// axe finds nothing, on any page, in either look, at any size; nothing that can be pressed is too small.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findings, tooSmall } from './axe.mjs';
import { api, isMock, openBrowser, sizes, visit } from './browser.mjs';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const ready = {
  '/': '.bed-tile .numeric[data-look="fresh"]',
  '/patients': 'tbody tr',
  '/record': '.record-usual',
  '/record/Patient': 'tbody tr',
  '/devices': 'tbody tr',
  '/quarantine': 'main .table, main .empty',
  '/accounts': 'tbody tr',
  '/emergencies': 'main .table, main .empty',
  '/audit': 'main .table',
  '/status': '.figure',
  '/dev/components': '.components canvas',
};

const combinations = [
  ['phone', 'light', 'en'],
  ['phone', 'dark', 'de'],
  ['desk', 'light', 'de'],
  ['desk', 'dark', 'en'],
  ['wall', 'dark', 'en'],
];

for (const [sizeName, theme, language] of combinations)
  test(`axe finds nothing: ${sizeName}, ${theme}, ${language}`, async () => {
    const size = sizes[sizeName];
    await visit(
      browser,
      '/devices',
      async (page) => {
        const { body } = await api(page, 'GET', '/api/ward');
        const patient = `/patients/${body.beds[0].patient.id}`;
        for (const [path, selector] of Object.entries({
          ...ready,
          [patient]: '.trend__chart canvas',
          [`/record/Patient/${body.beds[0].patient.fhir_id}`]: '.elements',
        })) {
          await page.evaluate(
            ([to, look, words]) => {
              const kept = JSON.parse(localStorage.getItem('vigil.preferences') ?? '{}');
              localStorage.setItem(
                'vigil.preferences',
                JSON.stringify({ ...kept, theme: look, language: words }),
              );
              history.replaceState(null, '', to);
            },
            [path, theme, language],
          );
          await page.reload();
          await page.locator(selector).first().waitFor();
          const shown = await page.evaluate(() => document.documentElement.dataset.theme);
          assert.equal(shown, theme);
          assert.deepEqual(await findings(page), [], path);
          assert.deepEqual(await tooSmall(page, sizeName === 'phone' ? 44 : 24), [], path);
        }
      },
      { size },
    );
  });

test('axe finds nothing in what opens over a page', async () => {
  await visit(browser, '/devices', async (page) => {
    await page.locator('tbody tr').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await findings(page), []);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Administrator|admin/i }).click();
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await findings(page), []);
  });
});

test('axe finds nothing where a device is detached', async () => {
  await visit(browser, '/devices', async (page) => {
    await page
      .getByRole('button', { name: /^Detach/ })
      .first()
      .click();
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await findings(page), []);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });
});

for (const theme of ['light', 'dark'])
  test(
    `axe finds nothing where an unknown device is registered: ${theme}`,
    { skip: !isMock },
    async () => {
      await visit(browser, '/quarantine', async (page) => {
        if (theme === 'dark') await page.keyboard.press('t');
        await page
          .getByRole('row')
          .filter({ hasText: /thermo-/ })
          .first()
          .getByRole('link')
          .click();
        await page.getByRole('button', { name: 'Register and replay' }).waitFor();
        assert.deepEqual(await findings(page), []);
      });
    },
  );

test('axe finds nothing where a value tells where it comes from', async () => {
  await visit(browser, '/', async (page) => {
    await page.locator('.bed-tile__link').first().click();
    await page.getByRole('button', { name: /^HR \d+/ }).click();
    await page.getByText('Topic').waitFor();
    assert.deepEqual(await findings(page), []);
  });
});

test('axe finds nothing while the connection is lost', { skip: !isMock }, async () => {
  let cut = false;
  const live = (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => server.send(message));
    server.onMessage((message) => {
      if (!cut) socket.send(message);
    });
  };
  await visit(
    browser,
    '/',
    async (page) => {
      await page.locator('.bed-tile .numeric').first().waitFor();
      cut = true;
      await page.getByRole('alert').waitFor();
      assert.deepEqual(await findings(page), []);
    },
    { live },
  );
});
