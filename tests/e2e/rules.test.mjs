// Smart conditions of a patient: tried on what has been, set, changed and removed; a fault is at its character.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startMock } from '../../web/mock/server.mjs';
import { findings, tooSmall } from './axe.mjs';
import { inTheme, isMock, openBrowser, password, sizes, visit } from './browser.mjs';

const only = { skip: !isMock };
let browser;
let mock;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
beforeEach(async () => (mock = await startMock({ beds: 6, password, alarms: true })));
afterEach(() => mock.stop());

const opened = (act, more = {}) =>
  visit(
    browser,
    '/patients/3',
    async (page) => {
      await page.getByRole('button', { name: 'Smart conditions…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Smart conditions' });
      await dialog.waitFor();
      await act(page, dialog);
    },
    { at: mock.url, ...more },
  );

test('a rule is tried, set, changed and removed, each with a reason', only, () =>
  opened(async (page, dialog) => {
    await dialog.getByText('No rule is set for this patient.').waitFor();
    await dialog.getByRole('button', { name: 'Add a rule' }).click();
    await dialog.getByLabel('Name').fill('Sedation');
    await dialog.getByLabel('Rule', { exact: true }).fill('SpO2 < 92 % for 30 s and RR < 10');
    await dialog.getByRole('combobox', { name: 'Over' }).selectOption('7');
    await dialog.getByRole('button', { name: 'Try', exact: true }).click();
    await dialog.getByText(/^It would have held 15 times, for .* of 7 days\.$/).waitFor();
    await dialog.getByRole('img', { name: /^Held 15 times between/ }).waitFor();
    await dialog.getByRole('row', { name: /still held/ }).waitFor();
    await dialog.getByLabel('Why').fill('opioids');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.getByRole('row', { name: /^Sedation SpO2 < 92 .* opioids/ }).waitFor();
    await dialog.getByRole('button', { name: 'Change Sedation' }).click();
    await dialog.getByLabel('Priority').selectOption('high');
    await dialog.getByLabel(/^Latching/).check();
    await dialog.getByLabel('Why').fill('more of them');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.getByRole('row', { name: /High priority latching .* more of them/ }).waitFor();
    await dialog.getByRole('button', { name: 'Remove Sedation' }).click();
    await dialog.getByLabel('Why').fill('over');
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await dialog.getByText('No rule is set for this patient.').waitFor();
  }),
);

test('a fault is shown at its character, and the field has it chosen', only, () =>
  opened(async (page, dialog) => {
    await dialog.getByRole('button', { name: 'Add a rule' }).click();
    const field = dialog.getByLabel('Rule', { exact: true });
    await field.fill('spo2 < 90 mmHg');
    await dialog.getByRole('button', { name: 'Try', exact: true }).click();
    await dialog.getByText('At character 11: "mmHg" stands where % (or no unit) should').waitFor();
    assert.deepEqual(
      await field.evaluate((it) => [
        it.selectionStart,
        it.selectionEnd,
        document.activeElement === it,
      ]),
      [10, 11, true],
    );
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.deepEqual(await findings(page), []);
    await field.fill('spo2 < 90 %');
    await dialog.getByText(/^At character/).waitFor({ state: 'hidden' });
    await dialog.getByText('Examples').click();
    await dialog.getByRole('button', { name: /^Take as the rule: \(HR > 110/ }).click();
    assert.equal(await field.inputValue(), '(HR > 110 and TEMP > 38.3) for 5 min');
  }),
);

for (const size of ['phone', 'desk'])
  for (const theme of ['dark', 'light'])
    test(`axe finds nothing on smart conditions, ${size}, ${theme}`, only, () =>
      opened(
        async (page, dialog) => {
          await dialog.getByRole('button', { name: 'Add a rule' }).click();
          await dialog.getByLabel('Rule', { exact: true }).fill('SpO2 < 92 % for 30 s');
          await dialog.getByRole('button', { name: 'Try', exact: true }).click();
          await dialog.getByText(/^It would have held/).waitFor();
          assert.deepEqual(await findings(page), []);
          assert.deepEqual(await tooSmall(page, size === 'phone' ? 44 : 24), []);
        },
        { size: sizes[size], storageState: inTheme(theme) },
      ),
    );
