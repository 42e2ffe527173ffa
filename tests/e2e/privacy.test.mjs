// The privacy desk of a patient's page: holds, erasing with the identifier typed again, everything in one
// download.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findings, tooSmall } from './axe.mjs';
import { api, isMock, openBrowser, sizes, url, visit } from './browser.mjs';

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const run = Date.now().toString(36);
const desk = (page) => page.getByRole('region', { name: 'Rights over this record' });

async function made(page, name) {
  const { body } = await api(page, 'POST', '/api/patients', {
    display_name: name,
    identifier: `${name}-${run}`,
  });
  return body;
}

for (const [size, locale] of [
  ['phone', 'en-GB'],
  ['desk', 'en-GB'],
])
  test(`a hold is set and released: ${size}`, async () => {
    await visit(
      browser,
      '/patients',
      async (page) => {
        await page.locator('tbody tr').first().waitFor();
        const patient = await made(page, `held-${size}`);
        await page.goto(`${url}/patients/${patient.id}`);
        await desk(page).waitFor();
        assert.deepEqual(await findings(page), []);
        assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
        await desk(page).getByRole('button', { name: 'Set a legal hold' }).click();
        await page.getByLabel('Why').fill('court file 12');
        assert.deepEqual(await findings(page), []);
        await page.getByRole('dialog').getByRole('button', { name: 'Set a legal hold' }).click();
        await desk(page).getByText('court file 12').waitFor();
        assert.equal(await desk(page).getByRole('button', { name: 'Erase' }).isDisabled(), true);
        await desk(page).getByRole('button', { name: 'Release the hold' }).click();
        await desk(page).getByRole('button', { name: 'Set a legal hold' }).waitFor();
        assert.equal(await desk(page).getByRole('button', { name: 'Erase' }).isDisabled(), false);
      },
      { size: sizes[size], locale },
    );
  });

test('a patient is erased once the identifier is typed', { skip: isMock }, async () => {
  await visit(browser, '/patients', async (page) => {
    await page.locator('tbody tr').first().waitFor();
    const patient = await made(page, 'erased');
    await page.goto(`${url}/patients/${patient.id}`);
    await desk(page).getByRole('button', { name: 'Erase' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why').fill('asked by letter');
    const erase = dialog.getByRole('button', { name: 'Erase for ever' });
    assert.equal(await erase.isDisabled(), true);
    await dialog.getByLabel(/^Type/).fill(patient.identifier);
    assert.deepEqual(await findings(page), []);
    await erase.click();
    await page.getByText('This patient is erased.').waitFor();
    const { status } = await api(page, 'GET', `/api/patients/${patient.id}`);
    assert.equal(status, 404);
    const { body } = await api(page, 'GET', `/api/patients/${patient.id}/erasure`);
    assert.equal(body.reason, 'asked by letter');
  });
});

test('everything about a patient is one download', { skip: isMock }, async () => {
  await visit(browser, '/patients', async (page) => {
    await page.locator('tbody tr').first().waitFor();
    const patient = await made(page, 'taken-along');
    await page.goto(`${url}/patients/${patient.id}`);
    const coming = page.waitForEvent('download');
    await desk(page).getByRole('link', { name: 'Download everything' }).click();
    const download = await coming;
    assert.equal(download.suggestedFilename(), `patient-${patient.id}.zip`);
  });
});
