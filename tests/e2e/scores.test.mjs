// Early-warning scores on a patient's page: what stands, what it is made of, and what is missing.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startMock } from '../../web/mock/server.mjs';
import { findings, tooSmall } from './axe.mjs';
import { api, inTheme, isMock, openBrowser, password, sizes, visit } from './browser.mjs';

const only = { skip: !isMock };
let browser;
let mock;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
beforeEach(async () => (mock = await startMock({ beds: 9, password })));
afterEach(() => mock.stop());

const at = (path, act, more = {}) => visit(browser, path, act, { at: mock.url, ...more });
const panelOf = (page) => page.getByRole('region', { name: 'Early-warning scores' });

test('a score has its total, its band, which way it went, and what is due', only, () =>
  at('/patients/2', async (page) => {
    const news2 = panelOf(page).getByRole('listitem', { name: 'NEWS2' });
    await news2.getByRole('heading', { name: 'NEWS2 9 High' }).waitFor();
    await news2.getByText(/^Emergency: registrar level/).waitFor();
    await news2.getByText(/rising: 3 at \d\d:\d\d/).waitFor();
    await news2.getByText(/^Observations due since/).waitFor();
    await news2.getByRole('img', { name: 'NEWS2 over 12 h: lowest 3, highest 9.' }).waitFor();
    const all = panelOf(page).getByRole('listitem');
    assert.match(await all.first().textContent(), /^NEWS2/);
    await panelOf(page)
      .getByText('Not worked out: Brighton PEWS (not made for patients this old)')
      .waitFor();
  }),
);

test('an incomplete score is never a total, and names what is missing', only, () =>
  at('/patients/3', async (page) => {
    const news2 = panelOf(page).getByRole('listitem', { name: 'NEWS2' });
    await news2.getByRole('heading', { name: 'NEWS2 8 to 14 at least: High' }).waitFor();
    await news2.getByText('Incomplete: Consciousness (missing), Temperature (too old)').waitFor();
    await news2.getByText(/^incomplete since/).waitFor();
  }),
);

test('scale 2 is chosen with a reason, and taken back', only, () =>
  at('/patients/3', async (page) => {
    await page.getByRole('button', { name: 'What it is made of: NEWS2' }).click();
    const dialog = page.getByRole('dialog', { name: /^NEWS2/ });
    await dialog.getByText('SpO₂ scale: scale 1 (nobody has chosen)').waitFor();
    await dialog.getByRole('button', { name: 'Choose scale 2…' }).click();
    await dialog.getByLabel('Why').fill('COPD, target 88 to 92 %');
    await dialog.getByRole('button', { name: 'Choose scale 2…' }).click();
    await dialog.getByText(/^SpO₂ scale: scale 2 .*\(admin, /).waitFor();
    await dialog.getByRole('button', { name: 'Back to scale 1' }).waitFor();
    assert.deepEqual(await findings(page), []);
  }),
);

test('pregnancy is put on record, with a reason', only, () =>
  at('/patients/3', async (page) => {
    const panel = panelOf(page);
    await panel.getByText('Pregnancy: not known').waitFor();
    await panel.getByRole('button', { name: 'Change what is known of pregnancy' }).click();
    await panel.getByRole('combobox', { name: 'Pregnancy' }).selectOption('yes');
    await panel.getByLabel('Why').fill('24th week');
    await panel.getByRole('button', { name: 'Put on record' }).click();
    await panel.getByText('Pregnant: NEWS2 is not made for it.').waitFor();
    assert.deepEqual(await findings(page), []);
  }),
);

test('a single parameter that led to the band says so', only, () =>
  at('/patients/4', async (page) => {
    await panelOf(page).getByText('A single parameter led to this band.').waitFor();
  }),
);

test('what a score is made of: inputs, ages, sources, changes, settings and origin', only, () =>
  at('/patients/3', async (page) => {
    await page.getByRole('button', { name: 'What it is made of: NEWS2' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'NEWS2: 8 to 14' });
    const row = (name) => dialog.getByRole('row', { name });
    await row(/^Oxygen saturation 93 % 2 .*5 min.*monitor-03/).waitFor();
    await row(/^Air or oxygen oxygen 2 .*a person/).waitFor();
    await row(/^Consciousness – missing/).waitFor();
    await row(/^Temperature 37\.1 °C too old 4 h \(4 h\)/).waitFor();
    await dialog.getByText('SpO₂ scale: scale 1 (nobody has chosen)').waitFor();
    await dialog
      .getByText(/^Pulse 9[01]\/min: |^Pulse 9[01] \/min: /)
      .first()
      .waitFor();
    await dialog.getByText(/^The last complete one: 3,/).waitFor();
    await dialog.getByText('Version 2017').waitFor();
    await dialog.getByText(/^Royal College of Physicians/).waitFor();
    assert.deepEqual(await findings(page), []);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  }),
);

test('of a patient whom nobody watches nothing is worked out, and nothing is read', only, () =>
  at('/', async (page) => {
    const { body } = await api(page, 'POST', '/api/patients', { display_name: 'Nova Ahlers' });
    await page.goto(`${mock.url}/patients/${body.id}`);
    await panelOf(page).getByText('Nothing is worked out: nobody watches this patient.').waitFor();
    await page.getByText('No ECG is read: nobody watches this patient.').waitFor();
  }),
);

test('the texts are in the viewer’s language', only, () =>
  at('/patients/2', async (page) => {
    await panelOf(page).waitFor();
    await page.evaluate(() =>
      localStorage.setItem('vigil.preferences', JSON.stringify({ language: 'de' })),
    );
    await page.reload();
    await page
      .getByRole('region', { name: 'Frühwarnscores' })
      .getByText(/^Notfall/)
      .waitFor();
  }),
);

test('each bed of the ward has its score, and the ward is put in order by them', only, () =>
  at('/', async (page) => {
    const beds = page.getByRole('article');
    await beds.nth(1).getByText('NEWS2: 9, High, rising').waitFor();
    await beds.nth(2).getByText('NEWS2: ≥ 8, High').waitFor();
    assert.match(await beds.first().getAttribute('aria-label'), /^Bed 01/);
    await page.getByRole('button', { name: 'By risk' }).click();
    await page.waitForURL(/\?order=risk$/);
    const names = await beds.evaluateAll((all) => all.map((bed) => bed.getAttribute('aria-label')));
    assert.deepEqual(
      names.slice(0, 3).map((name) => name.slice(0, 6)),
      ['Bed 02', 'Bed 03', 'Bed 04'],
    );
    assert.match(names.at(-1), /^Bed 08/);
    assert.deepEqual(await findings(page), []);
    await page.getByRole('button', { name: 'By risk' }).click();
    await page.waitForURL((url) => url.search === '');
    assert.match(await beds.first().getAttribute('aria-label'), /^Bed 01/);
  }),
);

for (const size of ['phone', 'desk'])
  for (const theme of ['dark', 'light'])
    test(`axe finds nothing on a patient with scores, ${size}, ${theme}`, only, () =>
      at(
        '/patients/2',
        async (page) => {
          await panelOf(page).getByRole('listitem', { name: 'Shock index' }).waitFor();
          assert.deepEqual(await findings(page), []);
          assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
          assert.equal(
            await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
            true,
          );
        },
        { size: sizes[size], storageState: inTheme(theme) },
      ),
    );
